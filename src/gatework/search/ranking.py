"""Which parameters are best, when every evaluation is a draw: by mean and standard error."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from gatework.search.trial import Trial


@dataclass(frozen=True)
class Candidate:
    """Parameters with all their evaluations.

    Attributes:
        trial: the first of them.
        errors: of each seed, in the order of the trials.
        mean: of the errors.
        standard_error: of the mean; the deviation between seeds is pooled over all candidates that
            were repeated, for two or three draws say little of their own. 0 where none was.
    """

    trial: Trial
    errors: tuple[float, ...]
    mean: float
    standard_error: float

    @property
    def pessimistic(self) -> float:
        """Return the mean plus its standard error."""
        return self.mean + self.standard_error

    @property
    def optimistic(self) -> float:
        """Return the mean minus its standard error."""
        return self.mean - self.standard_error


def ranking(trials: Iterable[Trial]) -> list[Candidate]:
    """Return the candidates of all finished trials, the best first.

    The best has the least mean error plus its standard error, so that one lucky draw does not win
    over parameters that were good again and again. Of equal ones the earliest is first.

    Example:
        >>> lucky = Trial(0, 0, {"x": 1}, 0.9, 1.0, "done")
        >>> steady = Trial(1, 0, {"x": 2}, 1.0, 1.0, "done")
        >>> again = [
        ...     Trial(2, 1, {"x": 1}, 1.3, 1.0, "done", seed=1),
        ...     Trial(3, 1, {"x": 2}, 1.02, 1.0, "done", seed=1),
        ... ]
        >>> [found.trial.index for found in ranking([lucky, steady, *again])]
        [1, 0]
    """
    groups: dict[str, list[Trial]] = {}
    for trial in sorted(trials, key=lambda one: one.index):
        if trial.status == "done":
            groups.setdefault(repr(sorted(trial.parameters.items())), []).append(trial)
    errors = [tuple(t.error for t in group if t.error is not None) for group in groups.values()]
    noise = _deviation(errors)
    found = [
        Candidate(group[0], each, sum(each) / len(each), noise / math.sqrt(len(each)))
        for group, each in zip(groups.values(), errors, strict=True)
    ]
    return sorted(found, key=lambda one: (one.pessimistic, one.trial.index))


def contenders(ranked: list[Candidate], count: int) -> list[Candidate]:
    """Return those that another seed could still prove best, the most hopeful first.

    Whoever would be worse than the best even if its mean were off by its standard error is out.
    Before anything was repeated the noise is unknown, and the best so many are hopeful.
    """
    if not any(len(one.errors) > 1 for one in ranked):
        return ranked[:count]
    hopeful = [one for one in ranked if one.optimistic <= ranked[0].pessimistic]
    hopeful.sort(key=lambda one: (one.optimistic, one.trial.index))
    first = [ranked[0], *(one for one in hopeful if one is not ranked[0])]
    return first[:count]


def _deviation(errors: list[tuple[float, ...]]) -> float:
    """Return the standard deviation between seeds, pooled over all that have several."""
    squares = freedom = 0.0
    for each in errors:
        mean = sum(each) / len(each)
        squares += sum((error - mean) ** 2 for error in each)
        freedom += len(each) - 1
    return math.sqrt(squares / freedom) if freedom else 0.0
