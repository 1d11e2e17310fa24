"""A trial: parameters, and what they led to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

START = -1
"""The number, and the layer, of what a search began with; its status is "start"."""


@dataclass(frozen=True)
class Outcome:
    """What an evaluation returns, or yields on its way.

    Attributes:
        error: what the search makes small.
        details: anything else worth keeping, as JSON values.
    """

    error: float
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rung:
    """What was decided about a trial part of the way.

    Attributes:
        error: of the trial at this rung.
        beside: how many earlier trials it was compared with.
        threshold: the most error to go on with; None where there were too few to compare with.
        stopped: whether the trial was stopped here.
    """

    error: float
    beside: int
    threshold: float | None
    stopped: bool


@dataclass(frozen=True)
class Trial:
    """One evaluation of a search.

    Attributes:
        index: its number, from 0, in the order in which trials were handed out.
        layer: the layer of the search, 0 for the coarse grid.
        parameters: value by name of the axis.
        error: what the evaluation returned; None when it failed or was stopped.
        seconds: what it took.
        status: "done", "stopped" at a rung, or "failed"; "start" of what the search began with,
            which is no trial and has no parameters.
        details: what the evaluation returned beside the error.
        message: why it failed or was stopped.
        seed: what the evaluation got; further seeds are repeats of parameters tried before.
        rungs: what was decided on the way.
    """

    index: int
    layer: int
    parameters: dict[str, Any]
    error: float | None
    seconds: float
    status: str
    details: dict[str, Any] = field(default_factory=dict)
    message: str = ""
    seed: int = 0
    rungs: tuple[Rung, ...] = ()
