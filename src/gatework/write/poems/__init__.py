"""Poems: writing that keeps a form, its tones and its rhymes, and what of it is new.

The names in ``__init__.pyi`` are loaded when they are first used.
"""

from gatework.lazy import lazily

__getattr__, __dir__, __all__ = lazily(__name__, renamed={"Novelty": "MemorizationIndex"})
