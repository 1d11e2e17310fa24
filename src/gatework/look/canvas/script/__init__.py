"""The drawing module: what moves in reports, notebooks and the studio, as one plain ES module."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def drawing_module() -> str:
    """Return the module's text; it exports ``bring(root)``, and nothing runs before."""
    return Path(__file__).with_name("draw.js").read_text(encoding="utf-8")
