"""Panels from files and data frames in long format: one row for each series and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import Any, Literal

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.forecast.panel.panel import Covariates, Panel, side_by_side
from gatework.forecast.panel.periods import CYCLES, calendar_features
from gatework.forecast.reading import are_counts
from gatework.tabular.dates import Times
from gatework.tabular.missing import FILLS, fill
from gatework.tabular.numeric import is_numeric
from gatework.tabular.step import follows_on
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import JOINT, Table, read_table
from gatework.tabular.timeline import Timeline, lay_out

Gaps = Literal["mask", "error", "interpolate", "zero", "previous", "mean"]

USUAL = ("unique_id", "ds", "y")
"""Columns of ids, periods and values that need not be named."""
AHEAD = 512
"""Periods after the end for which calendar features are laid out."""


def read_panel(
    source: Any,
    *,
    id_column: str | Sequence[str] | None = None,
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
        id_column: tells the series apart, as several columns may together, whose ids are joined by
            " / "; None where there is only one.
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
    time, value, ids, codes = _columns(table, time_column, column, id_column)
    past, future, static = (
        [table.column(name) for name in names] for names in (past, future, static)
    )
    numbers = [table.numbers(n, fill=missing != "error") for n in (value, *past, *future)]
    timeline, ids = _lay_out(table, time, ids, codes)
    laid = _Laid(timeline, ids, timeline.spread(np.stack(numbers, axis=1)))
    if not table.style.id_column:
        ids = laid.ids = (value,)
    laid, kept = _without_empty(table, laid)
    lengths = laid.lengths(known_ahead=bool(future))
    values = _values(laid, lengths, missing)
    _check_ahead(laid, 1 + len(past), future)
    counts = _counts(laid, values, lengths, allow_negative=allow_negative)
    ends = laid.ends(lengths)
    features = None
    frequency, longest = timeline.frequency, int(lengths.max())
    if calendar:
        if frequency is None:
            raise OptionError("calendar features need dates, and the periods are numbered")
        features = [
            calendar_features(end[-1], int(n), longest - int(n) + AHEAD, frequency, tuple(calendar))
            for end, n in zip(ends, lengths, strict=True)
        ]
    static_values, static_names = _static(table, laid.ids, kept[codes], codes, static)
    ahead = [laid.numbers[row, :n, 1 + len(past) :] for row, n in enumerate(laid.periods)]
    inside = np.arange(longest) < lengths[:, None]
    return Panel(
        laid.ids,
        values,
        lengths,
        ends,
        frequency,
        timeline.season,
        counts,
        Covariates(
            past=_masked(laid.numbers[:, :longest, 1 : 1 + len(past)], inside) if past else None,
            future=_future(ahead, longest, features),
            static=static_values,
            past_names=tuple(past),
            future_names=(*future, *(f"{n} {f}" for n in calendar for f in ("sine", "cosine"))),
            static_names=static_names,
        ),
        tuple(table.notes),
        table.style,
    )


@dataclass(eq=False)
class _Laid:
    """Series on their time line; ``numbers`` (B, P, C) are values and covariates by period."""

    timeline: Timeline
    ids: tuple[str, ...]
    numbers: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Which values there are, (B, P)."""
        return ~np.isnan(self.numbers[:, :, 0])

    @property
    def periods(self) -> np.ndarray:
        """The periods of each series that have rows, also those to come, (B,)."""
        return self.timeline.lengths

    def lengths(self, *, known_ahead: bool) -> np.ndarray:
        """Return the periods of each series up to the last with a value of any series, (B,).

        Rows after it are for covariates to come, whether or not these are used: nothing was missed
        there that could be masked or filled. Where covariates are ``known_ahead``, each series ends
        with its own last value.
        """
        own = self.numbers.shape[1] - np.argmax(self.known[:, ::-1], axis=1)
        if known_ahead:
            return own
        series = np.arange(len(own))
        last = self.timeline.starts(series, own - 1).max()
        late = self.timeline.starts(series, self.periods - 1) > last
        lengths = self.periods.copy()
        for row in np.flatnonzero(late).tolist():
            starts = self.timeline.starts(row, np.arange(lengths[row]))
            lengths[row] = np.searchsorted(starts, last, side="right")
        return lengths

    def ends(self, lengths: np.ndarray) -> tuple[tuple[str, ...], ...]:
        """Return the labels of the last two periods of each series, or of the only one."""
        series = np.arange(len(lengths))
        last = self.timeline.names(series, lengths - 1)
        before = self.timeline.names(series, np.maximum(lengths - 2, 0))
        pairs = zip(before, last, lengths, strict=True)
        return tuple((one, two) if n > 1 else (two,) for one, two, n in pairs)


def _columns(
    table: Table, time: str | None, values: str | None, ids: str | Sequence[str] | None
) -> tuple[str, str, tuple[str, ...], np.ndarray]:
    """Return the columns of periods and of values, the ids, and which of them each row has."""
    given = table.given
    time, values, ids = time or given.time_column, values or given.column, ids or given.id_column
    usual = {one.casefold(): one for one in table.columns if one.casefold() in USUAL}
    if time is None and "ds" in usual:
        time, ids = usual["ds"], ids or usual.get("unique_id")
        values = values or usual.get("y")
    if time is None or values is None:
        raise OptionError(
            f"{'column' if time else 'time_column'} must name a column of the table",
            hint="read_panel(source, id_column='shop', time_column='month', column='sales')",
        )
    time, values = table.column(time, "--time-column"), table.column(values)
    if not ids:
        table.found(time_column=time, column=values)
        return time, values, (), np.zeros(len(table.rows), np.int64)
    parts = ids.split(JOINT) if isinstance(ids, str) and ids not in table.columns else ids
    parts = [parts] if isinstance(parts, str) else list(parts)
    parts = [table.column(part, "--id-column") for part in parts]
    table.found(time_column=time, column=values, id_column=JOINT.join(parts))
    return time, values, *table.codes(parts, "series")


def _lay_out(
    table: Table, time: str, ids: tuple[str, ...], codes: np.ndarray
) -> tuple[Timeline, tuple[str, ...]]:
    """Lay out every series; a column that tells more series apart is named where one repeats."""
    times = table.times(time, follows_on(codes), codes)

    def cure() -> str:
        if other := _key_column(table, times, codes):
            used = "".join(f"--id-column {quote(one)} " for one in _id_columns(table))
            return f"column {other!r} tells more series apart: {used}--id-column {quote(other)}"
        return "keep one row for each series and period, or --repeats sum (mean, first, last)"

    timeline = lay_out(times, table.given, codes=codes, ids=ids, cure=cure)
    table.notes += timeline.notes
    table.found(frequency=timeline.frequency)
    return timeline, ids


def _id_columns(table: Table) -> list[str]:
    return table.style.id_column.split(JOINT) if table.style.id_column else []


def _key_column(table: Table, times: Times, codes: np.ndarray) -> str | None:
    """Return a column that, with the ids, tells rows of one period apart; None where none does.

    Of several, the one with the fewest different cells is the likeliest key.
    """
    periods = np.unique(times.line, return_inverse=True)[1]
    used = {table.style.time_column, table.style.column, *_id_columns(table)}
    found: list[tuple[int, str]] = []
    for name in table.columns:
        if name in used or JOINT in name:
            continue
        parts, which = np.unique(table.texts(name), return_inverse=True)
        if len(parts) < len(codes) / 2 and _distinct(codes * len(parts) + which, periods):
            found.append((len(parts), name))
    return min(found)[1] if found else None


def _distinct(codes: np.ndarray, periods: np.ndarray) -> bool:
    """Whether no two rows share series and period, both counted from 0."""
    both = np.sort(codes * (int(periods.max()) + 1) + periods)
    return bool((both[1:] != both[:-1]).all())


def _without_empty(table: Table, laid: _Laid) -> tuple[_Laid, np.ndarray]:
    """Leave out series without any value, which a note names; return which are kept, (B,)."""
    kept = np.asarray(laid.known.any(axis=1))
    if not kept.any():
        raise DataError(
            f"series {laid.ids[0]!r} has no value at all, and no other series has one",
            hint="--column OTHER",
        )
    if kept.all():
        return laid, kept
    empty = [laid.ids[row] for row in np.flatnonzero(~kept)]
    table.notes.append(f"left out for having no value at all: {_some(empty)}")
    timeline = laid.timeline
    fewer = replace(timeline, firsts=timeline.firsts[kept], lengths=timeline.lengths[kept])
    ids = tuple(laid.ids[row] for row in np.flatnonzero(kept))
    return _Laid(fewer, ids, laid.numbers[kept]), kept


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(repr(name) for name in names[:3]) + more


def _values(laid: _Laid, lengths: np.ndarray, missing: Gaps) -> np.ndarray:
    """Return the values, (B, T), with gaps filled as ``missing`` says."""
    inside = np.arange(int(lengths.max())) < lengths[:, None]
    values = np.where(inside, laid.numbers[:, : inside.shape[1], 0], np.nan)
    if missing == "mask":
        return values
    for row in np.flatnonzero((inside & np.isnan(values)).any(axis=1)).tolist():
        gaps = np.flatnonzero(np.isnan(values[row, : lengths[row]]))
        if missing == "error":
            raise DataError(
                f"series {laid.ids[row]!r} has no value for {laid.timeline.names(row, gaps[:1])[0]}"
                + (f" and {gaps.size - 1} other periods" if gaps.size > 1 else ""),
                hint="missing='mask', or 'interpolate'",
            )
        values[row, : lengths[row]] = fill(values[row, : lengths[row]], missing, laid.ids[row])
    return values


def _check_ahead(laid: _Laid, first: int, names: Sequence[str]) -> None:
    """Refuse covariates known in advance that are not known for a period with a row."""
    rows = np.arange(laid.numbers.shape[1]) < laid.periods[:, None]
    for place, name in enumerate(names, first):
        empty = np.argwhere(np.isnan(laid.numbers[:, :, place]) & rows)
        if empty.size:
            series = int(empty[0, 0])
            label = laid.timeline.names(series, empty[0, 1:])[0]
            raise DataError(
                f"series {laid.ids[series]!r}: {name!r} is known in advance, but not for {label}",
                hint="give it for every period, or name it in past",
            )


def _counts(
    laid: _Laid, values: np.ndarray, lengths: np.ndarray, *, allow_negative: bool
) -> np.ndarray:
    """Return whether each series holds counts, (B,)."""
    whole = (np.isnan(values) | (values == np.floor(values))).all(axis=1)
    negative = (values < 0).any(axis=1)
    for row in np.flatnonzero(whole & negative).tolist():
        labels = laid.timeline.names(row, np.arange(lengths[row]))
        are_counts(
            values[row, : lengths[row]],
            lambda place, labels=labels, id=laid.ids[row]: f"series {id!r}, period {labels[place]}",
            "periods",
            "allow_negative=True",
            allow_negative=allow_negative,
        )
    return whole & ~negative


def _masked(numbers: np.ndarray, inside: np.ndarray) -> np.ndarray:
    return np.where(inside[:, :, None], numbers, np.nan)


def _static(
    table: Table, ids: Sequence[str], kept: np.ndarray, codes: np.ndarray, names: Sequence[str]
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Return what columns say of each series; ``kept`` and ``codes`` (rows,) tell the rows' one."""
    if not names:
        return None, ()
    order = np.flatnonzero(kept)
    order = order[np.argsort(codes[order], kind="stable")]
    rows_of = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    groups = {name: rows.tolist() for name, rows in zip(ids, rows_of, strict=True)}
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
