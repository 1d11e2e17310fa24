"""Missing values: where they are, and how they are filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from gatework.errors import DataError
from gatework.tabular.calendar import DAY
from gatework.tabular.holidays import likely_place, named_holidays
from gatework.tabular.timeline import Timeline
from gatework.tabular.zones import leaves_out_hour

Missing = Literal["error", "interpolate", "zero", "previous", "mean"]
FILLS = ("interpolate", "zero", "previous", "mean")
"""The ways to fill missing values."""

MOST_PLACES = 12
"""Missing values that a note names."""

GOES_ON = "the network goes on over"


def missing_values(
    gaps: np.ndarray, timeline: Timeline, rows: Sequence[int], name: str
) -> DataError:
    """Return the error that names the first missing value and how many there are.

    Gaps that are holidays, or the hour that clocks leave out, are told as what they are.

    Shapes:
        gaps: (missing,), the periods without a value
    """
    first, count = int(gaps[0]), len(gaps)
    at = int(np.searchsorted(timeline.positions, first))
    if at < len(timeline.positions) and timeline.positions[at] == first:
        place = f"row {rows[timeline.order[at]]}: the value is empty"
    else:
        (label,), before = timeline.names(0, gaps[:1]), rows[timeline.order[at - 1]]
        place = f"no row for {label!r}, which belongs after row {before}"
    rest = f" (the first of {count} missing values)" if count > 1 else ""
    why, hint = _explain(timeline, np.setdiff1d(gaps, timeline.positions))
    return DataError(f"column {name!r}, {place}{rest}{why}", hint=hint or _FILLED)


_FILLED = "--missing interpolate (or zero, previous, mean)"


def _explain(timeline: Timeline, gaps: np.ndarray) -> tuple[str, str]:
    """Return what gaps without a row mean, and the cure; nothing where they are plain gaps."""
    if timeline.calendar is None or not gaps.size:
        return "", ""
    days = timeline.starts(0, gaps)
    if timeline.calendar.alias == "B" and (place := likely_place(days)):
        named = list(dict.fromkeys(named_holidays(place, days)))
        more = f" and {len(named) - 3} more" if len(named) > 3 else ""
        said = f"; the missing days are holidays in {place}: {', '.join(named[:3])}{more}"
        return said, (
            f"--holidays {place} knows them; or {_FILLED}; or leave the column of dates out to "
            "number the rows"
        )
    if timeline.calendar.unit == "time" and timeline.calendar.step < DAY:
        zone = next(filter(None, map(leaves_out_hour, days[:1])), None)
        if zone and timeline.calendar.place is None:
            said = "; summer time began on this day, and clocks left the hour out"
            return (
                said,
                f"--timezone {zone}, or the zone of the clock that wrote the times; or {_FILLED}",
            )
    return "", ""


def fill(values: np.ndarray, missing: str, name: str) -> np.ndarray:
    """Return the values with each nan filled; the first and last known values extend outwards.

    Shapes:
        values, result: (n,)

    Raises:
        DataError: the first value is missing and should repeat the one before it.

    Example:
        >>> fill(np.array([1.0, np.nan, 3.0, np.nan]), "interpolate", "faults")
        array([1., 2., 3., 3.])
    """
    places, gaps = np.arange(len(values)), np.isnan(values)
    known = places[~gaps]
    if missing == "previous":
        if gaps[0]:
            raise DataError(
                f"column {name!r} begins with a missing value, which has none before it",
                hint="--missing interpolate",
            )
        return values[np.maximum.accumulate(np.where(gaps, 0, places))]
    if missing == "interpolate":
        return np.interp(places, known, values[known])
    return np.where(gaps, 0.0 if missing == "zero" else values[known].mean(), values)


def missing_note(name: str, places: Sequence[str], kind: str = "") -> str:
    """Return the note that says which values of a series are missing where nothing fills them.

    ``kind`` is what the places are, "row" or nothing for names of periods.

    Example:
        >>> missing_note("faults", ["5", "9"], "row")
        "2 values of 'faults' are missing (rows 5, 9); the network goes on over them"
    """
    count = len(places)
    more = f" and {count - MOST_PLACES} more" if count > MOST_PLACES else ""
    kind = f"{kind}{'s' if count > 1 else ''} " if kind else ""
    values = f"{count} values of {name!r} are" if count > 1 else f"1 value of {name!r} is"
    where = ", ".join(places[:MOST_PLACES]) + more
    return f"{values} missing ({kind}{where}); {GOES_ON} {'them' if count > 1 else 'it'}"


def describe_fill(count: int, missing: str, first: str) -> str:
    """Return the note that says how many values were filled, how, and the first period."""
    how = {
        "interpolate": "by interpolation",
        "zero": "with 0",
        "previous": "with the value before",
        "mean": "with the mean of the known values",
    }[missing]
    values = "1 missing value was" if count == 1 else f"{count} missing values were"
    return f"{values} filled {how}, the first in period {first}"
