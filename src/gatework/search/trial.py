"""A trial: parameters, and what they led to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What an evaluation returns.

    Attributes:
        error: what the search makes small.
        details: anything else worth keeping, as JSON values.
    """

    error: float
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """One evaluation of a search.

    Attributes:
        index: its number, from 0, in the order in which trials were handed out.
        layer: the layer of the search, 0 for the coarse grid.
        parameters: value by name of the axis.
        error: what the evaluation returned; None when it failed.
        seconds: what it took.
        status: "done" or "failed".
        details: what the evaluation returned beside the error.
        message: why it failed.
    """

    index: int
    layer: int
    parameters: dict[str, Any]
    error: float | None
    seconds: float
    status: str
    details: dict[str, Any] = field(default_factory=dict)
    message: str = ""
