"""What is wrong with times that repeat or follow no step, and what makes them right."""

from __future__ import annotations

from shlex import quote

import numpy as np

from gatework.errors import DataError
from gatework.tabular.calendar import DAY, HOUR, MINUTE, SECOND, Calendar
from gatework.tabular.dates import Times
from gatework.tabular.zones import CLOCKS, repeats_hour, to_local, zone_of

_ROUND = (
    *(n * SECOND for n in (1, 2, 5, 10, 15, 20, 30)),
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 20, 30)),
    *(n * HOUR for n in (1, 2, 3, 4, 6, 8, 12)),
    DAY,
)

_LONG = ("month", "quarter", "year")
"""Units of times by which events are counted where no shorter one is told."""


def repeated(times: Times, first: int, second: int, cure: str | None = None) -> DataError:
    """Return the error of two rows with one time; the end of summer time is told as what it is."""
    column = times.column
    said = (
        f"{column.at(second)}: {column.shown(second)} is repeated, "
        f"it stands in row {column.rows[first]} already"
    )
    if times.unit != "number" and times.zone is None and times.utc is None:
        zone = repeats_hour(times.starts[second])
        if zone:
            return DataError(
                f"{said}; summer time ended on this day, and an hour came twice",
                hint=f"--timezone {zone}, or the zone of the clock that wrote the times; or "
                "--repeats mean takes the mean of both",
            )
    plain = "keep one row a period, or --repeats mean (sum, first, last)"
    return DataError(said, hint=cure or f"{plain}; {_as_events(times)}")


def _as_events(times: Times) -> str:
    """Return what is typed where a row is an event; they are counted by no less than they tell."""
    period = times.unit if times.unit in _LONG else "week"
    return f"where a row is an event: --events {quote(times.column.name)} --period {period}"


def irregular(times: Times, row: int, before: int | None, calendar: Calendar | None) -> DataError:
    """Return the error of a time that does not follow the one before it by a step of the others."""
    column = times.column
    step = (
        "the usual step" if calendar is None else f"a whole number of steps of {calendar.alias!r}"
    )
    if before is None:
        said = f"is no period of {calendar.alias if calendar else ''!r}, the expected frequency"
    else:
        said = f"does not follow {column.shown(before)} by {step}, as most rows do"
    hint = f"correct it; {_as_events(times)}"
    if times.unit != "number":
        line = times.line
        zone = _midnight_zone(line)
        if zone and times.zone in (None, "UTC"):
            said += f"; the times look like midnights of {zone}, written in UTC"
            hint = f"--timezone {zone}"
        elif jitter := _jitter(line):
            name, reach = jitter
            said += f"; the times lie about {name} apart"
            hint = f"--frequency {name} --tolerance {reach:g}s takes each for the nearest period"
    return DataError(f"{column.at(row)}: {column.shown(row)} {said}", hint=hint)


def _midnight_zone(line: np.ndarray) -> str | None:
    """Return the zone in whose local time all these times in UTC are midnights."""
    clocks = line - line.astype("datetime64[D]")
    if not 1 < len(np.unique(clocks)) <= 3:
        return None
    for name in CLOCKS:
        local = to_local(line, zone_of(name))
        if (local == local.astype("datetime64[D]")).all():
            return name
    return None


def _jitter(line: np.ndarray) -> tuple[str, float] | None:
    """Return the round step that times are about apart, as an alias, and how far they miss it."""
    steps = np.diff(np.unique(line)).astype(np.int64)
    if len(steps) < 2:
        return None
    usual = int(np.median(steps))
    step = min(_ROUND, key=lambda one: abs(one - usual))
    moments = np.unique(line).astype(np.int64)
    nearest = (moments + step // 2) // step * step
    off = np.abs(moments - nearest)
    if (
        abs(step - usual) > step / 10
        or off.max() > step / 4
        or len(np.unique(nearest)) < len(moments)
    ):
        return None
    bases = ((DAY, "D"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"))
    length, base = next((length, base) for length, base in bases if step % length == 0)
    return f"{step // length}{base}", float(np.ceil(off.max() / 1000) / 1000)
