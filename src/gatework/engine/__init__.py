"""Where work runs: in this process, in processes beside it, or on a Ray cluster.

The names in ``__init__.pyi`` are loaded when they are first used.
"""

from gatework.lazy import lazily

__getattr__, __dir__, __all__ = lazily(__name__)
