"""The inside of a network in numbers; the pictures of ``gatework.look`` are drawn of these.

The names in ``__init__.pyi`` are loaded when they are first used.
"""

from gatework.lazy import lazily

__getattr__, __dir__, __all__ = lazily(
    __name__, renamed={"similar_moments": "find_similar_steps", "Moment": "SimilarSteps"}
)
