"""A part of a series that some networks have not seen."""

from __future__ import annotations

from typing import Any, NamedTuple


class HeldOutPart(NamedTuple):
    """A part of a series and networks that have not seen it, from ``start`` to ``stop`` - 1."""

    networks: Any
    start: int
    stop: int
