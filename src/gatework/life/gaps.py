"""Cycles and readings that lack in the history of a unit: found, named, and filled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatework.errors import DataError
from gatework.tabular.column import naming
from gatework.tabular.missing import fill

MOST_MISSING = 100_000
"""Cycles in a row that may be missing: more are a mistaken number."""


def usual_step(cycles: Sequence[np.ndarray]) -> float | None:
    """Return the step from one cycle to the next that most have; None where most differ.

    Example:
        >>> usual_step([np.array([1, 2, 3, 7]), np.array([4, 5])])
        1.0
    """
    steps = np.concatenate([np.diff(one) for one in cycles] or [np.empty(0)])
    values, counts = np.unique(np.round(steps, 9), return_counts=True)
    if not counts.size or 2 * counts.max() < len(steps):
        return None
    return float(values[counts.argmax()])


def steps_to(cycles: np.ndarray, step: float) -> np.ndarray | None:
    """Return how many steps after the first each cycle is; None where one is between two steps.

    Shapes:
        cycles, result: (cycles,)
    """
    places = (cycles - cycles[0]) / step
    whole = np.round(places)
    return whole.astype(np.int64) if np.allclose(places, whole, rtol=0, atol=1e-6) else None


def gap_told(unit: str, cycles: np.ndarray, step: float) -> str | None:
    """Return which cycles a unit lacks first, and how many gaps more it has; None for none.

    Example:
        >>> gap_told("3", np.array([9, 10, 25, 26, 28]), 1)
        "unit '3' has no cycles 11 to 24, and 1 more gap"
    """
    places = steps_to(cycles, step)
    gaps = np.flatnonzero(np.diff(places) > 1) if places is not None else np.empty(0)
    if not gaps.size:
        return None
    first, last = cycles[gaps[0]] + step, cycles[gaps[0] + 1] - step
    lacking = f"cycle {first:g}" if last - first < step / 2 else f"cycles {first:g} to {last:g}"
    more = f", and {gaps.size - 1} more gap{'s' * (gaps.size > 2)}" if gaps.size > 1 else ""
    return f"unit {unit!r} has no {lacking}{more}"


def laid_out(
    unit: str, cycles: np.ndarray, history: np.ndarray, step: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return cycles and history with a row of nan for every cycle that lacks.

    Shapes:
        cycles: (cycles,), history: (cycles, columns); so are the results, which may be longer

    Raises:
        DataError: so many cycles lack in a row that a number must be mistaken.
    """
    places = steps_to(cycles, step)
    if places is None or places[-1] == len(places) - 1:
        return cycles, history
    widest = int(np.diff(places).argmax())
    if places[widest + 1] - places[widest] > MOST_MISSING:
        raise DataError(
            f"unit {unit!r}: cycle {cycles[widest + 1]:g} comes after {cycles[widest]:g}, expected "
            f"at most {MOST_MISSING} missing cycles in a row",
            hint="look for a mistaken number of a cycle",
        )
    whole = np.full((places[-1] + 1, history.shape[1]), np.nan)
    whole[places] = history
    numbers = cycles[0] + step * np.arange(len(whole))
    numbers[places] = cycles
    return numbers, whole


def filled(
    unit: str, history: np.ndarray, names: Sequence[str], missing: str, means: np.ndarray
) -> np.ndarray:
    """Return a history with every nan filled; ``means`` are those of the columns of all units.

    Shapes:
        history, result: (cycles, columns), means: (columns,)

    Raises:
        DataError: a unit has no reading of a column at all, or none before the first that lacks.
    """
    history = history.copy()
    for place in np.flatnonzero(np.isnan(history).any(axis=0)).tolist():
        column = history[:, place]
        if missing == "mean":
            history[:, place] = np.where(np.isnan(column), means[place], column)
            continue
        with naming(f"unit {unit!r}: "):
            if np.isnan(column).all() and missing != "zero":
                raise DataError(
                    f"column {names[place]!r} has no reading at all", hint="--missing mean"
                )
            history[:, place] = fill(column, missing, names[place])
    return history
