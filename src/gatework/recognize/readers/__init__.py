"""Readers: from files and folders to sequences.

The names in ``__init__.pyi`` are loaded when they are first used, and so are the packages
that open pictures and sound, Pillow and soundfile.
"""

from gatework.lazy import lazily

__getattr__, __dir__, __all__ = lazily(__name__)
