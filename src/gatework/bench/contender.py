"""What takes part in a measurement, and how far its numbers lie from another's; without torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


class UnavailableError(Exception):
    """A contender cannot take part; the message says why."""


@dataclass(frozen=True)
class Running:
    """A contender made ready.

    Attributes:
        call: does the work once; this is timed.
        numbers: does it from the start and returns what came out, to compare; None where the
            contender computes something else on purpose.
    """

    call: Callable[[], object]
    numbers: Callable[[], list[np.ndarray]] | None


def disagreement(ours: list[np.ndarray], theirs: list[np.ndarray]) -> float:
    """Return the largest difference, as a share of the largest value of its array.

    Example:
        >>> disagreement([np.array([1.0, 4.0])], [np.array([1.0, 2.0])])
        1.0
    """
    if [a.shape for a in ours] != [b.shape for b in theirs]:
        return float("inf")
    worst = 0.0
    for a, b in zip(ours, theirs, strict=True):
        apart = float(np.max(np.abs(a - b), initial=0.0))
        share = apart / max(float(np.max(np.abs(b), initial=0.0)), 1e-30)
        worst = share if np.isnan(share) or share > worst else worst
    return worst
