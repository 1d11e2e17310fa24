"""Recognising: an LSTM reads images, sound, text and tables as sequences and says what they are.

The names in ``__init__.pyi`` are loaded when they are first used.
"""

from gatework.lazy import lazily

__getattr__, __dir__, __all__ = lazily(__name__)
