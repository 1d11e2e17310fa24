"""The drawing module: what moves in reports, notebooks and the studio, as one plain ES module."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FILES = ("axis.js", "plot.js", "tools.js", "draw.js")


@cache
def drawing_module() -> str:
    """Return the module's text; it exports ``bring(root)``, and nothing runs before."""
    folder = Path(__file__).parent
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in _FILES)
