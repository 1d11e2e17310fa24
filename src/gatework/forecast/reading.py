"""The series in one column of a table."""

from __future__ import annotations

from collections.abc import Callable
from shlex import quote
from typing import Any, Literal

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.forecast.names import PeriodNames
from gatework.forecast.series import Series
from gatework.tabular.choice import find_time_column, find_value_column
from gatework.tabular.keys import find_key, key_options, several_ids, usual_column
from gatework.tabular.marks import looks_like_mark, mark_text
from gatework.tabular.missing import (
    FILLS,
    Missing,
    describe_fill,
    fill,
    missing_note,
    missing_values,
)
from gatework.tabular.month_grid import unrolled
from gatework.tabular.step import follows_on
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import JOINT, Table, read_table
from gatework.tabular.timeline import Timeline, lay_out


def read_series(
    path: Any,
    *,
    column: str | None = None,
    time_column: str | None = None,
    missing: Missing | Literal["mask"] = "error",
    allow_negative: bool = False,
    style: ReadingStyle | None = None,
) -> Series:
    """Read the series in one column of a table with one row a period.

    ``path`` is that of a CSV or Parquet file, or a data frame of pandas, polars or pyarrow. The
    column of numbers may be left unnamed where there is only one, and the column of dates where
    its cells or its name give it away; without dates the rows are numbered from 1. Periods without
    a row and cells without a value are an error, unless ``missing`` says how to fill them:
    ``interpolate`` draws straight lines, ``previous`` repeats the value before, ``mean`` takes the
    mean of all known values, ``zero`` writes 0. The last three fill the empty periods before the
    first value and after the last one, too; else these are left out, which a note says, so that a
    forecast begins with the first empty one. With ``mask`` nothing is filled, as the pretrained
    network takes it, and a note says which values are missing. ``style``, of another series, has
    this one read in the same way: its columns, where the table has them, decimals, order of day and
    month, zone and frequency.

    Raises:
        DataError: the file or the column cannot be used; the message names the row.
        OptionError: ``missing`` is not one of its values, or both columns are the same.
    """
    if missing not in ("error", "mask", *FILLS):
        raise OptionError(
            f"missing must be one of error, mask, {', '.join(FILLS)}, got {missing!r}",
            hint="--missing interpolate",
        )
    table = unrolled(read_table(path, style))
    _refuse_many(table)
    time, name = _columns(table, time_column, column)
    timeline = _timeline(table, time, name)
    known = table.numbers(name, fill=missing != "error")
    if np.isnan(known).all():
        hint = f"fill in {name!r}, or --column OTHER"
        raise DataError(f"column {name!r} has no value at all", hint=hint)
    counts = are_counts(
        known, table[name].at, "rows", "--allow-negative", allow_negative=allow_negative
    )
    values = timeline.spread(known)[0]
    inside = slice(None)
    if missing in ("error", "mask", "interpolate"):
        inside = _between_ends(table, timeline, values)
    gaps = np.flatnonzero(np.isnan(values[inside])) + (inside.start or 0)
    values = values[inside]
    labels = PeriodNames.on(timeline, inside.start or 0, len(values))
    if gaps.size:
        if missing == "error":
            raise missing_values(gaps, timeline, table.rows, name)
        if missing == "mask":
            table.notes.append(missing_note(name, *_places(gaps, timeline, table)))
        else:
            values = fill(values, missing, name)
            (first,) = timeline.names(0, gaps[:1])
            table.notes.append(describe_fill(len(gaps), missing, first))
    if np.isfinite(values).sum() > 1 and np.nanmax(values) == np.nanmin(values):
        table.notes.append(f"the series is constant: every value is {np.nanmax(values) + 0:g}")
    table.found(time_column=time, column=name, frequency=timeline.frequency)
    return Series(
        name,
        values,
        labels,
        timeline.frequency,
        timeline.season,
        counts,
        tuple(table.notes),
        table.style,
    )


def _refuse_many(table: Table) -> None:
    """Refuse a table of many series, which a column of a usual name tells apart."""
    if ids := several_ids(table):
        (name,) = usual_column(table, "unique_id")
        raise DataError(
            f"'{table.name}' holds {len(ids)} series, told apart by column {name!r}: "
            f"{ids[0]!r}, {ids[1]!r}{', ...' if len(ids) > 2 else ''}",
            hint=f"GlobalForecaster().fit(...) (--id-column {quote(name)}) takes them all; or keep "
            "the rows of one",
        )


def _columns(table: Table, time: str | None, values: str | None) -> tuple[str | None, str]:
    """Return the columns of periods and of values, as they are named or can be found."""
    time = time or table.given_column("time_column")
    values = values or table.given_column("column")
    if time is not None:
        time = table.column(time, "--time-column")
    if values is not None:
        values = table.column(values)
    if time is None:
        time = find_time_column(table, values)
    if values is None:
        return time, find_value_column(table, time)
    if values == time:
        raise OptionError(
            f"column {values!r} cannot be both the dates and the values", hint="--column OTHER"
        )
    return time, values


def _timeline(table: Table, time: str | None, value: str) -> Timeline:
    if time is None:
        table.notes.append("no column of dates was found: the rows are numbered from 1")
        return Timeline.of_rows(len(table.rows))
    times = table.times(time, follows_on())

    def cure() -> str:
        key = find_key(table, times.line, None, (time, *time.split(JOINT), value))
        return f"a series each: {key_options(key, time, value)}" if key else ""

    timeline = lay_out(times, table.given, cure=cure)
    table.notes += timeline.notes
    return timeline


def _between_ends(table: Table, timeline: Timeline, values: np.ndarray) -> slice:
    """Return the periods from the first value to the last one; notes say which are left out."""
    known = np.flatnonzero(~np.isnan(values))
    first, after = int(known[0]), int(known[-1]) + 1
    names = timeline.names(0, np.array([0, first, min(after, len(values) - 1), len(values) - 1]))
    if first:
        table.notes.append(
            f"{_empty(first)} before the first value {'is' if first == 1 else 'are'} left out: the "
            f"series begins with {names[1]}, not {names[0]}"
        )
    if count := len(values) - after:
        are = "period is" if count == 1 else f"{count} periods are"
        table.notes.append(f"the last {are} empty: the forecast begins with {names[2]}")
    return slice(first, after)


def _places(gaps: np.ndarray, timeline: Timeline, table: Table) -> tuple[list[str], str]:
    """Return the rows of missing values and "row", or their periods where some have no row."""
    at = np.searchsorted(timeline.positions, gaps)
    if np.isin(gaps, timeline.positions).all():
        return [str(table.rows[timeline.order[int(place)]]) for place in at], "row"
    return timeline.names(0, gaps), ""


def _empty(count: int) -> str:
    return "1 empty period" if count == 1 else f"{count} empty periods"


def are_counts(
    values: np.ndarray, at: Callable[[int], str], others: str, option: str, *, allow_negative: bool
) -> bool:
    """Return whether values, nan where missing, are counts: whole and never negative.

    ``at`` says where a value stands and ``others`` what the other places are, ``option`` what tells
    that negative whole numbers are no mistake.

    Raises:
        DataError: the values are whole, and one is negative.
    """
    known = values[~np.isnan(values)]
    whole = bool(np.all(known == np.floor(known)))
    negative = np.flatnonzero(values < 0)
    if whole and negative.size and not allow_negative:
        first = int(negative[0])
        mark = f"--missing-mark {mark_text(values[first])}, if it marks missing values; "
        mark = mark if looks_like_mark(values[first]) else ""
        raise DataError(
            f"{at(first)}: {values[first]:g} is negative, expected counts as in the other {others}",
            hint=f"{mark}{option}, if they are not counts",
        )
    return whole and not negative.size
