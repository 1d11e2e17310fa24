"""Panels from files and data frames in long format: one row for each series and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.forecast.panel.panel import Covariates, Panel
from gatework.forecast.panel.periods import CYCLES, calendar_features
from gatework.tabular.dates import Dates
from gatework.tabular.missing import FILLS, fill
from gatework.tabular.numeric import Cell, find_style, is_numeric, read_numbers, shown
from gatework.tabular.table import Table, column_dates, read_frame
from gatework.tabular.timeline import Timeline, lay_out_dates, lay_out_numbers

Gaps = Literal["mask", "error", "interpolate", "zero", "previous", "mean"]

AHEAD = 512
"""Periods after the end for which calendar features are laid out."""


def read_panel(
    source: Any,
    *,
    id_column: str | None,
    time_column: str,
    column: str,
    past: Sequence[str] = (),
    future: Sequence[str] = (),
    static: Sequence[str] = (),
    calendar: Sequence[str] = (),
    missing: Gaps = "mask",
    allow_negative: bool = False,
) -> Panel:
    """Read series in long format from a CSV or Parquet file or a data frame.

    Rows of a series may stand anywhere; each has a period of its own. Periods without a row, and
    cells without a value, are missing: they are masked, unless ``missing`` fills them. Columns in
    ``future`` are known in advance: rows after the last value, with the value empty, carry those of
    the periods to come. Periods at the end in which no series has a value are left out.

    Args:
        source: path of a file, or a data frame of pandas, polars or pyarrow.
        id_column: tells the series apart; None where there is only one.
        time_column: the periods.
        column: the values.
        past: columns of numbers known by the end of their period.
        future: columns of numbers known in advance.
        static: columns that say one thing about each series; texts become one column each.
        calendar: features of the calendar to add, of "month", "quarter", "week", "day",
            "weekday", "hour".
        missing: "mask", "error", or how to fill; see read_series.
        allow_negative: negative whole numbers are no mistake.

    Raises:
        DataError: what cannot be used, by series, row or period. OptionError: arguments.
    """
    if missing not in ("mask", "error", *FILLS):
        raise OptionError(
            f"missing must be one of mask, error, {', '.join(FILLS)}, got {missing!r}",
            hint="missing='mask'",
        )
    wrong = [name for name in calendar if name not in CYCLES]
    if wrong:
        raise OptionError(
            f"calendar must be of {', '.join(CYCLES)}, got {wrong[0]!r}", hint="calendar=['month']"
        )
    table = read_frame(source)
    names = [table.column(name) for name in (time_column, column, *past, *future, *static)]
    time, value = names[:2]
    groups = _groups(table, None if id_column is None else table.column(id_column), value)
    numbers = {
        name: _numbers(table, name, fill=missing != "error") for name in (value, *past, *future)
    }
    laid = _lay_out_all(table, time, groups, id_column)
    _check_frequencies(laid)
    ends_at = _ends(laid, numbers[value])
    parts = [
        _one(one, numbers, value, list(past), list(future), missing, end)
        for one, end in zip(laid, ends_at, strict=True)
    ]
    _check_signs(parts, allow_negative)
    frequency, season = laid[0].timeline.frequency, laid[0].timeline.season
    lengths = np.array([len(part.values) for part in parts])
    longest = int(lengths.max())
    ends = tuple(
        tuple(part.labels[max(len(part.values) - 2, 0) : len(part.values)]) for part in parts
    )
    features = None
    if calendar:
        if frequency is None:
            raise OptionError("calendar features need dates, and the periods are numbered")
        features = [
            calendar_features(end[-1], int(n), longest - int(n) + AHEAD, frequency, tuple(calendar))
            for end, n in zip(ends, lengths, strict=True)
        ]
    static_values, static_names = _static(table, groups, list(static))
    return Panel(
        tuple(groups),
        _padded([part.values for part in parts], longest),
        lengths,
        ends,
        frequency,
        season,
        np.array([part.counts for part in parts]),
        Covariates(
            past=_stacked([part.past for part in parts], longest) if past else None,
            future=_future([part.future for part in parts], lengths, longest, features),
            static=static_values,
            past_names=tuple(past),
            future_names=(*future, *(f"{n} {f}" for n in calendar for f in ("sine", "cosine"))),
            static_names=static_names,
        ),
    )


@dataclass(frozen=True, eq=False)
class _Laid:
    """Rows of a series, in the order of their periods, and where these stand."""

    name: str
    rows: np.ndarray
    timeline: Timeline


@dataclass(frozen=True, eq=False)
class _Part:
    """One series as it was read; what is known in advance may reach beyond its end."""

    name: str
    values: np.ndarray
    labels: tuple[str, ...]
    past: np.ndarray
    future: np.ndarray
    counts: bool


def _groups(table: Table, column: str | None, value: str) -> dict[str, np.ndarray]:
    if column is None:
        return {value: np.arange(len(table.rows))}
    found: dict[str, list[int]] = {}
    for index, cell in enumerate(table.columns[column]):
        name = "" if cell is None else str(cell).strip()
        if not name:
            raise DataError(
                f"column {column!r}, row {table.rows[index]}: the id is empty",
                hint="write the series that the row belongs to",
            )
        found.setdefault(name, []).append(index)
    return {name: np.array(rows) for name, rows in found.items()}


def _numbers(table: Table, name: str, *, fill: bool) -> np.ndarray:
    cells = table.columns[name]
    style = find_style(cells, table.rows, name, table.delimiter)
    return read_numbers(cells, table.rows, name, style, fill=fill)


def _lay_out_all(
    table: Table, time: str, groups: dict[str, np.ndarray], id_column: str | None
) -> list[_Laid]:
    """Lay out every series; those with the same dates in the same order share the work."""
    cells = table.columns[time]
    known: dict[tuple[Cell, ...], tuple[np.ndarray, Timeline]] = {}
    laid = []
    for name, rows in groups.items():
        key = tuple(cells[row] for row in rows)
        if key not in known:
            one = _lay_out(table, time, name, rows, id_column)
            place = {int(row): at for at, row in enumerate(rows)}
            known[key] = np.array([place[int(row)] for row in one.rows]), one.timeline
        order, timeline = known[key]
        laid.append(_Laid(name, rows[order], timeline))
    return laid


def _lay_out(table: Table, time: str, name: str, rows: np.ndarray, id_column: str | None) -> _Laid:
    cells = [table.columns[time][row] for row in rows]
    numbers = [table.rows[row] for row in rows]
    part = Table(table.name, {time: cells}, numbers, table.delimiter)
    times = column_dates(part, time, lambda starts: len(set(starts)) == len(starts))
    keys = list(times.starts) if isinstance(times, Dates) else times
    order = sorted(range(len(keys)), key=keys.__getitem__)
    for before, after in pairwise(order):
        if keys[before] == keys[after]:
            whose = f"series {name!r}: " if id_column else ""
            raise DataError(
                f"{whose}column {time!r}, row {numbers[after]}: {shown(cells[after])} is repeated, "
                f"it stands in row {numbers[before]} already",
                hint="keep one row for each series and period"
                + ("" if id_column else ", or name the column of ids: id_column='...'"),
            )
    cells = [cells[index] for index in order]
    numbers = [numbers[index] for index in order]
    try:
        if isinstance(times, Dates):
            starts = tuple(times.starts[index] for index in order)
            dates = Dates(starts, times.unit, times.notes)
            timeline = lay_out_dates(dates, cells, numbers, time)
        else:
            timeline = lay_out_numbers([times[i] for i in order], cells, numbers, time)
    except DataError as error:
        whose = f"series {name!r}: " if id_column else ""
        raise DataError(whose + error.message, hint=error.hint) from None
    return _Laid(name, rows[order], timeline)


def _check_frequencies(laid: Sequence[_Laid]) -> None:
    first = laid[0]
    for one in laid:
        if one.timeline.frequency != first.timeline.frequency:
            raise DataError(
                f"series {one.name!r} has the frequency {one.timeline.frequency}, "
                f"{first.name!r} has {first.timeline.frequency}",
                hint="read series of different frequencies apart",
            )


def _ends(laid: Sequence[_Laid], values: np.ndarray) -> list[int]:
    """Return how many periods of each series there are up to the last with a value of any.

    Rows after it are for covariates to come, whether or not these are used: nothing was missed
    there that could be masked or filled.
    """
    known: set[str] = set()
    for one in laid:
        places = one.timeline.positions[~np.isnan(values[one.rows])]
        known.update(one.timeline.labels[place] for place in places)
    return [
        max((at for at, label in enumerate(one.timeline.labels, 1) if label in known), default=0)
        for one in laid
    ]


def _one(
    one: _Laid,
    numbers: dict[str, np.ndarray],
    value: str,
    past: list[str],
    future: list[str],
    missing: Gaps,
    last: int,
) -> _Part:
    whole = len(one.timeline.labels)
    spread = {}
    for name in (value, *past, *future):
        laid = np.full(whole, np.nan)
        laid[one.timeline.positions] = numbers[name][one.rows]
        spread[name] = laid
    values = spread[value]
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        raise DataError(f"series {one.name!r} has no value at all", hint="leave it out")
    end = int(known[-1]) + 1 if future else last
    values = values[:end]
    gaps = np.flatnonzero(np.isnan(values))
    if gaps.size and missing == "error":
        raise DataError(
            f"series {one.name!r} has no value for {one.timeline.labels[gaps[0]]}"
            + (f" and {gaps.size - 1} other periods" if gaps.size > 1 else ""),
            hint="missing='mask', or 'interpolate'",
        )
    if gaps.size and missing != "mask":
        values = fill(values, missing, one.name)
    for name in future:
        empty = np.flatnonzero(np.isnan(spread[name]))
        if empty.size:
            raise DataError(
                f"series {one.name!r}: {name!r} is known in advance, but not for "
                f"{one.timeline.labels[empty[0]]}",
                hint="give it for every period, or name it in past",
            )
    whole_numbers = values[~np.isnan(values)]
    return _Part(
        one.name,
        values,
        one.timeline.labels,
        np.stack([spread[name][:end] for name in past], axis=1) if past else np.empty((end, 0)),
        np.stack([spread[n] for n in future], axis=1) if future else np.empty((whole, 0)),
        bool(np.all(whole_numbers == np.floor(whole_numbers))),
    )


def _check_signs(parts: list[_Part], allow_negative: bool) -> None:
    """Make series of whole numbers no counts where one is negative, or refuse that."""
    for index, part in enumerate(parts):
        if not part.counts or not np.nanmin(part.values) < 0:
            continue
        if not allow_negative:
            where = part.labels[int(np.flatnonzero(part.values < 0)[0])]
            raise DataError(
                f"series {part.name!r}, period {where}: {np.nanmin(part.values):g} is negative, "
                "expected counts as in the other periods",
                hint="allow_negative=True, if they are not counts",
            )
        parts[index] = _Part(
            part.name, part.values, part.labels, part.past, part.future, counts=False
        )


def _static(
    table: Table, groups: dict[str, np.ndarray], names: list[str]
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    if not names:
        return None, ()
    columns: list[np.ndarray] = []
    called: list[str] = []
    for name in names:
        cells = table.columns[table.column(name)]
        each = []
        for series, rows in groups.items():
            said = {str(cells[row]).strip() for row in rows}
            if len(said) > 1:
                first, second = sorted(said)[:2]
                raise DataError(
                    f"series {series!r}: {name!r} says {first!r} and {second!r}, but a static "
                    "column says one thing about a series",
                    hint="name it in past or future",
                )
            each.append(cells[rows[0]])
        if is_numeric(each):
            style = find_style(each, list(range(len(each))), name, table.delimiter)
            columns.append(read_numbers(each, list(range(len(each))), name, style, fill=False))
            called.append(name)
            continue
        for kind in sorted({str(cell).strip() for cell in each}):
            columns.append(np.array([float(str(cell).strip() == kind) for cell in each]))
            called.append(f"{name}={kind}")
    return np.stack(columns, axis=1), tuple(called)


def _padded(parts: Sequence[np.ndarray], longest: int) -> np.ndarray:
    padded = np.full((len(parts), longest), np.nan)
    for row, part in enumerate(parts):
        padded[row, : len(part)] = part
    return padded


def _stacked(parts: Sequence[np.ndarray], longest: int) -> np.ndarray:
    stacked = np.full((len(parts), longest, parts[0].shape[1]), np.nan)
    for row, part in enumerate(parts):
        stacked[row, : len(part)] = part
    return stacked


def _future(
    parts: Sequence[np.ndarray],
    lengths: np.ndarray,
    longest: int,
    features: list[np.ndarray] | None,
) -> np.ndarray | None:
    """Return what is known in advance, (B, longest + F, Q): columns, then calendar features."""
    own = parts[0].shape[1]
    if not own and features is None:
        return None
    reach = longest + AHEAD if not own else int(max(len(part) for part in parts))
    reach = max(reach, longest)
    found = _stacked(parts, reach) if own else np.empty((len(parts), reach, 0))
    if features is None:
        return found
    calendar = np.stack([rows[:reach] for rows in features])
    return np.concatenate([found, calendar], axis=2)
