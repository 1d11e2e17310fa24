"""Writing: language models that learn from a text and go on in its manner.

What writes needs no torch; the names in ``__init__.pyi`` are loaded when they are first used.
"""

from gatework.lazy import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__, renamed={"Voice": "TokenModel", "open_voice": "open_token_model"}
)
