"""The usual step between times, and the calendar that it makes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gatework.tabular.calendar import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    WEEK,
    WEEKDAYS,
    Calendar,
    last_business_days,
)
from gatework.tabular.parts import different, parts

_LOOKED_AT, _RUN, _FIRST = 1 << 20, 1 << 15, 1000
_SHORTEST_MONTH = 24  # days from a date to the one in the next month
_BASES = ((WEEK, "W"), (DAY, "D"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"), (1000, "ms"))


def find_calendar(
    starts: np.ndarray, unit: str = "day", same: np.ndarray | None = None
) -> Calendar | None:
    """Return the calendar whose step is the usual one between these dates, two or more, in order.

    ``same`` tells which dates belong to the series of the one before; None: all but the first do.
    The result is None where no two dates belong together.

    Shapes:
        starts: (n,), datetime64[us]; same: (n - 1,), bool

    Example:
        >>> find_calendar(np.array(["2005-01-31", "2005-02-28"], "datetime64[us]")).alias
        'MS'
    """
    same = np.ones(len(starts) - 1, bool) if same is None else same
    same = same & (starts[1:] > starts[:-1])
    if not same.any():
        return None
    known = different(starts)
    if unit in ("month", "quarter", "year") or same_day_of_month(known):
        step = usual(steps(starts, same, "datetime64[M]"))
        if step % 12 == 0:
            return _multiple(step, 12, "YS")
        quarterly = step == 3 and _quarters(known)
        return Calendar.from_alias("QS") if quarterly else _multiple(step, 1, "MS")
    days = known.astype("datetime64[D]")
    if (known == days).all() and once_a_month(starts, same):
        last = last_business_days(known.astype("datetime64[M]"))
        return Calendar.from_alias("BME" if (days == last).all() else "MS")
    step = usual(steps(starts, same))
    if step == DAY and _business_days(days):
        return Calendar.from_alias("B")
    for length, base in _BASES:
        if step % length == 0:
            weekday = WEEKDAYS[(starts[0].astype("datetime64[D]").astype(np.int64) + 3) % 7]
            return _multiple(step, length, f"W-{weekday}" if base == "W" else base)
    return _multiple(step, 1, "us")


def of_one_date(start: np.datetime64, unit: str) -> Calendar:
    """Return the calendar that a single date tells of by how it is written.

    Example:
        >>> of_one_date(np.datetime64("2005-03-01", "us"), "month").alias
        'MS'
    """
    day = start.astype("datetime64[D]")
    weekday = WEEKDAYS[(day.astype(np.int64) + 3) % 7]
    known = {"year": "YS", "quarter": "QS", "month": "MS", "week": f"W-{weekday}", "day": "D"}
    clock = ((np.timedelta64(1, "h"), "h"), (np.timedelta64(1, "m"), "min"))
    finest = next((base for step, base in clock if (start - day) % step == 0 * step), "s")
    return Calendar.from_alias(known.get(unit, finest))


def follows_on(codes: np.ndarray | None = None) -> Callable[[np.ndarray], float]:
    """Return what tells which share of the periods that dates span they fill; 0 if one is twice.

    ``codes`` (rows,) are the series of the rows, which may stand in any order.
    """

    def share(starts: np.ndarray) -> float:
        series = np.zeros(len(starts), np.int64) if codes is None else codes
        order = np.lexsort((starts, series))
        ordered, same = starts[order], np.diff(series[order]) == 0
        ahead = np.diff(ordered)[same]
        if not ahead.size or not (ahead > np.timedelta64(0, "us")).all():
            return 0.0
        found = find_calendar(ordered, same=same)
        if found is None:
            return 0.0
        begin = found.floor(ordered) if found.unit == "month" else ordered
        ahead = found.between(begin[:-1], begin[1:])[same]
        return 0.0 if (ahead < 1).any() else ahead.size / float(ahead.sum())

    return share


def once_a_month(starts: np.ndarray, same: np.ndarray) -> bool:
    """Return whether the dates of each series are one a month, on days that vary little.

    ``same`` is that of ``find_calendar``.
    """
    least, most = np.inf, 0
    for part in (slice(0, _FIRST), *parts(len(same))):
        some, kept = starts[part.start : part.stop + 1], same[part]
        if (steps(some, kept, "datetime64[M]") < 1).any():
            return False
        days = steps(some, kept, "datetime64[D]")
        if days.size:
            least, most = min(least, int(days.min())), max(most, int(days.max()))
        if least <= _SHORTEST_MONTH:
            return False
    monthly = least < most and usual(steps(starts, same, "datetime64[M]")) == 1
    return monthly and not same_day_of_month(different(starts))


def usual(steps: np.ndarray) -> int:
    """Return the most frequent step, the shortest of several; 0 of none."""
    if steps.size and (steps == steps[0]).all():
        return int(steps[0])
    lengths, counts = np.unique(steps, return_counts=True)
    return int(lengths[np.argmax(counts)]) if lengths.size else 0


def steps(starts: np.ndarray, same: np.ndarray, unit: str | None = None) -> np.ndarray:
    """Return the steps between dates, or numbers, that belong together; of very many, some runs.

    Shapes:
        starts: (n,); same: (n - 1,), bool; result: (at most n - 1,), int64, of the unit
    """
    runs = [slice(0, len(same))]
    if len(same) > _LOOKED_AT:
        begins = np.linspace(0, len(same) - _RUN, _LOOKED_AT // _RUN).astype(int)
        runs = [slice(begin, begin + _RUN) for begin in begins.tolist()]
    some = [starts[run.start : run.stop + 1] for run in runs]
    some = [run.astype(unit) for run in some] if unit else some
    kept = [np.diff(run)[same[at]] for run, at in zip(some, runs, strict=True)]
    return np.concatenate(kept).astype(np.int64)


def _multiple(step: int, length: int, base: str) -> Calendar:
    count = max(step // length, 1)
    return Calendar.from_alias(f"{count if count > 1 else ''}{base}")


def same_day_of_month(starts: np.ndarray) -> bool:
    """Whether all dates have one day of the month, or its last where it is shorter, at one time."""
    if len(starts) > _FIRST and not same_day_of_month(starts[:_FIRST]):
        return False
    days = starts.astype("datetime64[D]")
    if len(starts) and (starts - days != starts[0] - days[0]).any():
        return False
    months = starts.astype("datetime64[M]")
    of_month = (days - months.astype("datetime64[D]")).astype(np.int64)
    after = (months + np.timedelta64(1, "M")).astype("datetime64[D]")
    longest = (after - months).astype(np.int64) - 1
    return bool((of_month == np.minimum(of_month.max(), longest)).all())


def _quarters(starts: np.ndarray) -> bool:
    months = starts.astype("datetime64[M]").astype(np.int64)
    days = (starts.astype("datetime64[D]") - starts.astype("datetime64[M]")).astype(np.int64) + 1
    ends = (days >= 28) & (months % 3 == 2)
    return bool(ends.all() or (months % 3 == 0).all())


def _business_days(days: np.ndarray) -> bool:
    """Whether the dates skip weekends: two weeks or more of them, none on a weekend."""
    span = int((days.max() - days.min()).astype(np.int64))
    return span >= 11 and bool(np.is_busday(days).all())
