"""Gatework: LSTM networks that are fast, open to inspection, and put to work.

The names in ``__init__.pyi`` are loaded when they are first used, so that ``import gatework`` is
instant and needs no torch.
"""

from gatework.lazy import lazily

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazily(__name__)
__all__ += ["__version__"]
