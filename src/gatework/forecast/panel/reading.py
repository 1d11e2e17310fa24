"""Panels from files and data frames in long format: one row for each series and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.forecast.panel.panel import Covariates, Panel, side_by_side
from gatework.forecast.panel.periods import CYCLES, calendar_features
from gatework.forecast.reading import are_counts
from gatework.tabular.column import naming
from gatework.tabular.missing import FILLS, fill
from gatework.tabular.numeric import is_numeric
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import Table, read_table
from gatework.tabular.timeline import Timeline, lay_out, sort_groups

Gaps = Literal["mask", "error", "interpolate", "zero", "previous", "mean"]

AHEAD = 512
"""Periods after the end for which calendar features are laid out."""


def read_panel(
    source: Any,
    *,
    id_column: str | None = None,
    time_column: str | None = None,
    column: str | None = None,
    past: Sequence[str] = (),
    future: Sequence[str] = (),
    static: Sequence[str] = (),
    calendar: Sequence[str] = (),
    missing: Gaps = "mask",
    allow_negative: bool = False,
    style: ReadingStyle | None = None,
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
        style: of another panel, for this one to be read in the same way; it may name the columns.

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
    table = read_table(source, style)
    time, value, groups = _columns(table, time_column, column, id_column)
    past, future, static = (
        [table.column(name) for name in names] for names in (past, future, static)
    )
    numbers = [table.numbers(n, fill=missing != "error") for n in (value, *past, *future)]
    laid = _lay_out(table, time, groups, np.stack(numbers, axis=1))
    parts = [
        _part(one, end, past, future, missing, allow_negative)
        for one, end in zip(laid, _ends(laid), strict=True)
    ]
    each_values, each_past, each_future, each_counts = zip(*parts, strict=True)
    frequency, season = laid[0].timeline.frequency, laid[0].timeline.season
    lengths = np.array([len(values) for values in each_values])
    longest = int(lengths.max())
    ends = tuple(
        part.timeline.labels[max(n - 2, 0) : n] for part, n in zip(laid, lengths, strict=True)
    )
    features = None
    if calendar:
        if frequency is None:
            raise OptionError("calendar features need dates, and the periods are numbered")
        features = [
            calendar_features(end[-1], int(n), longest - int(n) + AHEAD, frequency, tuple(calendar))
            for end, n in zip(ends, lengths, strict=True)
        ]
    static_values, static_names = _static(table, groups, static)
    return Panel(
        tuple(groups),
        side_by_side(each_values, longest),
        lengths,
        ends,
        frequency,
        season,
        np.array(each_counts),
        Covariates(
            past=side_by_side(each_past, longest) if past else None,
            future=_future(each_future, longest, features),
            static=static_values,
            past_names=tuple(past),
            future_names=(*future, *(f"{n} {f}" for n in calendar for f in ("sine", "cosine"))),
            static_names=static_names,
        ),
        tuple(table.notes),
        table.style,
    )


@dataclass(frozen=True, eq=False)
class _Laid:
    """One series: where its rows stand, and by period its values and covariates, (periods, C)."""

    name: str
    timeline: Timeline
    numbers: np.ndarray


def _columns(
    table: Table, time: str | None, values: str | None, ids: str | None
) -> tuple[str, str, dict[str, list[int]]]:
    """Return the columns of periods and of values, and the rows of each series."""
    given = table.given
    time, values, ids = time or given.time_column, values or given.column, ids or given.id_column
    if time is None or values is None:
        raise OptionError(
            f"{'column' if time else 'time_column'} must name a column of the table",
            hint="read_panel(source, id_column='shop', time_column='month', column='sales')",
        )
    time, values = table.column(time, "--time-column"), table.column(values)
    ids = None if ids is None else table.column(ids, "--id-column")
    table.found(time_column=time, column=values, id_column=ids)
    everything = {values: list(range(len(table.rows)))}
    return time, values, everything if ids is None else table.groups(ids, "series")


def _lay_out(
    table: Table, time: str, groups: dict[str, list[int]], numbers: np.ndarray
) -> list[_Laid]:
    """Lay out every series; those with the same periods share the work."""

    def distinct(starts: Sequence[Any]) -> bool:
        return all(len({starts[row] for row in rows}) == len(rows) for rows in groups.values())

    times = table.times(time, distinct)
    whose = "series" if table.style.id_column else ""
    cure = "keep one row for each series and period"
    cure += "" if whose else ", or name the column of ids: id_column='...'"
    known: dict[tuple[Any, ...], Timeline] = {}
    laid: list[_Laid] = []
    for name, rows in sort_groups(times, groups, whose, cure).items():
        key = tuple(times.starts[row] for row in rows)
        if key not in known:
            with naming(f"series {name!r}: " if whose else ""):
                known[key] = lay_out(times.take(rows), table.given.frequency)
        laid.append(_Laid(name, known[key], known[key].spread(numbers[rows])))
    first = laid[0]
    for one in laid:
        if one.timeline.frequency != first.timeline.frequency:
            raise DataError(
                f"series {one.name!r} has the frequency {one.timeline.frequency}, "
                f"{first.name!r} has {first.timeline.frequency}",
                hint="read series of different frequencies apart",
            )
    table.found(frequency=first.timeline.frequency)
    return laid


def _ends(laid: Sequence[_Laid]) -> list[int]:
    """Return how many periods of each series there are up to the last with a value of any.

    Rows after it are for covariates to come, whether or not these are used: nothing was missed
    there that could be masked or filled.
    """
    known: set[str] = set()
    for one in laid:
        known.update(one.timeline.labels[at] for at in np.flatnonzero(~np.isnan(one.numbers[:, 0])))
    return [
        max((at for at, label in enumerate(one.timeline.labels, 1) if label in known), default=0)
        for one in laid
    ]


def _part(
    one: _Laid,
    last: int,
    past: Sequence[str],
    future: Sequence[str],
    missing: Gaps,
    allow_negative: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Return values, past and future covariates, which may reach beyond the end; whether counts."""
    labels, values = one.timeline.labels, one.numbers[:, 0]
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        raise DataError(f"series {one.name!r} has no value at all", hint="leave it out")
    end = int(known[-1]) + 1 if future else last
    values = values[:end]
    gaps = np.flatnonzero(np.isnan(values))
    if gaps.size and missing == "error":
        raise DataError(
            f"series {one.name!r} has no value for {labels[gaps[0]]}"
            + (f" and {gaps.size - 1} other periods" if gaps.size > 1 else ""),
            hint="missing='mask', or 'interpolate'",
        )
    if gaps.size and missing != "mask":
        values = fill(values, missing, one.name)
    ahead = one.numbers[:, 1 + len(past) :]
    for name, column in zip(future, ahead.T, strict=True):
        empty = np.flatnonzero(np.isnan(column))
        if empty.size:
            raise DataError(
                f"series {one.name!r}: {name!r} is known in advance, but not for "
                f"{labels[empty[0]]}",
                hint="give it for every period, or name it in past",
            )
    counts = are_counts(
        values,
        lambda place: f"series {one.name!r}, period {labels[place]}",
        "periods",
        "allow_negative=True",
        allow_negative=allow_negative,
    )
    return values, one.numbers[:end, 1 : 1 + len(past)], ahead, counts


def _static(
    table: Table, groups: dict[str, list[int]], names: Sequence[str]
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    if not names:
        return None, ()
    columns: list[np.ndarray] = []
    called: list[str] = []
    firsts = [rows[0] for rows in groups.values()]
    for name in names:
        cells = table.columns[name]
        for series, rows in groups.items():
            said = {str(cells[row]).strip() for row in rows}
            if len(said) > 1:
                first, second = sorted(said)[:2]
                raise DataError(
                    f"series {series!r}: {name!r} says {first!r} and {second!r}, but a static "
                    "column says one thing about a series",
                    hint="name it in past or future",
                )
        each = [cells[row] for row in firsts]
        if is_numeric(each):
            columns.append(table.numbers(name)[firsts])
            called.append(name)
            continue
        for kind in sorted({str(cell).strip() for cell in each}):
            columns.append(np.array([float(str(cell).strip() == kind) for cell in each]))
            called.append(f"{name}={kind}")
    return np.stack(columns, axis=1), tuple(called)


def _future(
    parts: Sequence[np.ndarray], longest: int, features: list[np.ndarray] | None
) -> np.ndarray | None:
    """Return what is known in advance, (B, longest + F, Q): columns, then calendar features."""
    own = parts[0].shape[1]
    if not own and features is None:
        return None
    reach = longest + AHEAD if not own else int(max(len(part) for part in parts))
    reach = max(reach, longest)
    found = side_by_side(parts, reach) if own else np.empty((len(parts), reach, 0))
    if features is None:
        return found
    calendar = np.stack([rows[:reach] for rows in features])
    return np.concatenate([found, calendar], axis=2)
