"""Training: one loop for all applications, with checkpoints that resume to the same bits.

The names in ``__init__.pyi`` are loaded when they are first used.
"""

from gatework.lazy import lazily

__getattr__, __dir__, __all__ = lazily(__name__)
