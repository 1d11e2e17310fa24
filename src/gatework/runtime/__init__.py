"""The runtime: run or step a saved model with numpy and the native kernels alone, without torch.

The names in ``__init__.pyi`` are loaded when they are first used.
"""

from gatework.lazy import lazily

__getattr__, __dir__, __all__ = lazily(__name__, {"TokenModel": "PackedTokenModel"})
