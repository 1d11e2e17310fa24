"""Pictures and reports, drawn by our own code from the model at hand: no plotting library.

Every picture is a function of a model, or of a Run from ``gatework.examine``, and returns a
Picture: an SVG that a notebook shows, and that ``save`` writes as SVG, PNG or a page.

The names in ``__init__.pyi`` are loaded when they are first used.
"""

from gatework.lazy import lazily

__getattr__, __dir__, __all__ = lazily(__name__)
