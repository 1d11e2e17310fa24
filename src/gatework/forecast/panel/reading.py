"""Panels from files and data frames in long format: one row for each series and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from shlex import quote
from typing import Any, Literal

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.forecast.panel.columns import PanelColumns, find_columns
from gatework.forecast.panel.laid import Laid
from gatework.forecast.panel.panel import Covariates, Panel, side_by_side
from gatework.forecast.panel.periods import CYCLES, WAVES, calendar_features
from gatework.forecast.reading import are_counts
from gatework.tabular.few_notes import few_of_a_kind
from gatework.tabular.keys import find_key
from gatework.tabular.missing import FILLS, fill
from gatework.tabular.numeric import is_numeric
from gatework.tabular.parts import piecewise
from gatework.tabular.step import follows_on
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import BETWEEN_IDS, JOINT, Table, read_table
from gatework.tabular.timeline import Timeline, lay_out

Gaps = Literal["mask", "error", "interpolate", "zero", "previous", "mean"]

AHEAD = 512
"""Periods after the end for which calendar features are laid out."""


def read_panel(
    source: Any,
    *,
    id_column: str | Sequence[str] | None = None,
    time_column: str | None = None,
    column: str | Sequence[str] | None = None,
    past: Sequence[str] = (),
    future: Sequence[str] = (),
    static: Sequence[str] = (),
    calendar: Sequence[str] = (),
    missing: Gaps = "mask",
    allow_negative: bool = False,
    style: ReadingStyle | None = None,
) -> Panel:
    """Read series in long or wide format from a file or a data frame.

    Rows of a series may stand anywhere; each has a period of its own. Periods without a row, and
    cells without a value, are missing: they are masked, unless ``missing`` fills them. Columns in
    ``future`` are known in advance: rows after the last value, with the value empty, carry those of
    the periods to come. A series begins with its first value; periods at the end in which no series
    has a value are left out, and so are those after the last value of a series where ``missing`` is
    "interpolate".

    Args:
        source: path of a file, or a data frame of pandas, polars or pyarrow. Its columns may be
            called by periods, such as 2019-01 or 1990; then a row is a series.
        id_column: tells the series apart, as several columns may together, whose ids are joined by
            " / "; None where there is only one.
        time_column: the periods.
        column: the values; of several, or "*" for all columns of numbers, each is a series of its
            own. Columns called unique_id, ds and y need not be named.
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
    table, columns = find_columns(
        read_table(source, style), time_column, column, id_column, (*past, *future, *static)
    )
    past, future, static = (
        [table.column(name, option) for name in names]
        for option, names in (("--past", past), ("--future", future), ("--static", static))
    )
    ids, codes = _ids(table, columns)
    numbers = [table.numbers(n, fill=missing != "error") for n in (*columns.values, *past, *future)]
    laid = _lay_out(table, columns, ids, codes, numbers)
    static_values, static_names = _static(table, ids, codes, static, len(columns.values))
    laid, kept = _without_empty(table, laid)
    laid = _from_first(table, laid)
    lengths = laid.lengths(own=bool(future) or missing == "interpolate")
    _say_ends(table, laid, lengths, columns)
    values = _values(laid, lengths, missing)
    _check_ahead(laid, 1 + len(past), future)
    counts = _counts(laid, values, lengths, allow_negative=allow_negative)
    ends = laid.ends(lengths)
    features = None
    timeline, longest = laid.timeline, int(lengths.max())
    frequency = timeline.frequency
    if calendar:
        if frequency is None:
            raise OptionError("calendar features need dates, and the periods are numbered")
        features = [
            calendar_features(end[-1], int(n), longest - int(n) + AHEAD, frequency, tuple(calendar))
            for end, n in zip(ends, lengths, strict=True)
        ]
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
            static=None if static_values is None else static_values[kept],
            past_names=tuple(past),
            future_names=(*future, *(f"{n} {f}" for n in calendar for f in WAVES)),
            static_names=static_names,
        ),
        tuple(few_of_a_kind(table.notes)),
        table.style,
    )


def _ids(table: Table, columns: PanelColumns) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the ids, and which of them each row has, (rows,); of one series its column is it."""
    if columns.ids:
        return table.codes(columns.ids, "series")
    return ("",), np.zeros(len(table.rows), np.int64)


def _lay_out(
    table: Table,
    columns: PanelColumns,
    ids: tuple[str, ...],
    codes: np.ndarray,
    numbers: list[np.ndarray],
) -> Laid:
    """Lay out every series; columns that tell more series apart are named where a period repeats.

    The ``numbers``, values and covariates, are taken from their list, to be laid out one by one. Of
    several columns of values each is a series.

    Shapes:
        numbers: (rows,) each
    """
    times = table.times(columns.time, follows_on(codes), codes)
    others = (columns.time, *columns.time.split(JOINT), *columns.values, *columns.ids)

    def cure() -> str:
        key = find_key(table, times.line, codes, others)
        if not key:
            return "keep one row for each series and period, or --repeats sum (mean, first, last)"
        used = "".join(f"--id-column {quote(one)} " for one in (*columns.ids, *key))
        what = "tells" if len(key) == 1 else "tell"
        return f"{' and '.join(map(repr, key))} {what} more series apart: {used.strip()}"

    timeline = lay_out(times, table.given, codes=codes, ids=ids if columns.ids else (), cure=cure)
    table.notes += timeline.notes
    table.found(frequency=timeline.frequency)
    count = len(columns.values)
    first = timeline.spread(numbers.pop(0))[:, :, None]
    spread = np.repeat(first, 1 + len(numbers), axis=2) if numbers else first
    for place in range(1, spread.shape[2]):
        spread[:, :, place] = timeline.spread(numbers.pop(0))
    if count > 1:
        parts = [
            np.concatenate([spread[:, :, at : at + 1], spread[:, :, count:]], axis=2)
            for at in range(count)
        ]
        spread = np.stack(parts, axis=1).reshape(-1, spread.shape[1], parts[0].shape[2])
        firsts, lengths = (np.repeat(n, count) for n in (timeline.firsts, timeline.lengths))
        timeline = replace(timeline, firsts=firsts, lengths=lengths)
    if count > 1 or not columns.ids:
        ids = tuple(
            f"{one}{BETWEEN_IDS}{name}" if one else name for one in ids for name in columns.values
        )
    return Laid(timeline, ids, spread)


def _without_empty(table: Table, laid: Laid) -> tuple[Laid, np.ndarray]:
    """Leave out series without any value, which a note names; return which are kept, (B,)."""
    kept = np.asarray(laid.known.any(axis=1))
    if not kept.any():
        raise DataError(
            f"series {laid.ids[0]!r} has no value at all, and no other series has one",
            hint="fill it in, or --column OTHER",
        )
    if kept.all():
        return laid, kept
    empty = [laid.ids[row] for row in np.flatnonzero(~kept)]
    table.notes.append(f"left out for having no value at all: {_some(empty)}")
    ids = tuple(laid.ids[row] for row in np.flatnonzero(kept))
    return Laid(_of_series(laid.timeline, kept), ids, laid.numbers[kept]), kept


def _of_series(timeline: Timeline, kept: np.ndarray) -> Timeline:
    return replace(timeline, firsts=timeline.firsts[kept], lengths=timeline.lengths[kept])


def _from_first(table: Table, laid: Laid) -> Laid:
    """Let each series begin with its first value; a note says where periods are left out."""
    before = laid.known.argmax(axis=1)
    late = np.flatnonzero(before)
    if not late.size:
        return laid
    numbers, series = laid.numbers.copy(), np.arange(len(before))
    for row in late.tolist():
        numbers[row] = np.nan
        numbers[row, : numbers.shape[1] - before[row]] = laid.numbers[row, before[row] :]
    firsts = laid.timeline.starts(series, before)
    timeline = replace(laid.timeline, firsts=firsts, lengths=laid.timeline.lengths - before)
    first = timeline.names(late[:1], np.zeros(1, np.int64))[0]
    table.notes.append(
        f"empty periods before the first value are left out: series {laid.ids[late[0]]!r} begins "
        f"with {first}{_others(len(late))}"
    )
    return Laid(timeline, laid.ids, numbers)


def _say_ends(table: Table, laid: Laid, lengths: np.ndarray, columns: PanelColumns) -> None:
    """Say where series end before the periods do, and which stand still."""
    late = np.flatnonzero(laid.periods > lengths)
    if late.size and laid.numbers.shape[2] == 1:
        row = late[:1]
        table.notes.append(
            f"the periods after the last value are empty: the forecast of series "
            f"{laid.ids[row[0]]!r} begins with {laid.timeline.names(row, lengths[row])[0]}"
            f"{_others(len(late))}"
        )
    values = laid.numbers[:, :, 0]
    still = np.flatnonzero(np.nanmax(values, axis=1) == np.nanmin(values, axis=1))
    still = [laid.ids[row] for row in still.tolist() if laid.known[row].sum() > 1]
    if still:
        table.notes.append(f"constant, so that MASE is undefined: {_some(still)}")


def _others(count: int) -> str:
    return "" if count == 1 else f", and {count - 1} other{'s' if count > 2 else ''} likewise"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(repr(name) for name in names[:3]) + more


def _values(laid: Laid, lengths: np.ndarray, missing: Gaps) -> np.ndarray:
    """Return the values, (B, T), with gaps filled as ``missing`` says; maybe in their old place."""
    inside = np.arange(int(lengths.max())) < lengths[:, None]
    values = np.ascontiguousarray(laid.numbers[:, : inside.shape[1], 0])
    values[~inside] = np.nan
    if missing == "mask":
        return values
    for row in np.flatnonzero((inside & np.isnan(values)).any(axis=1)).tolist():
        gaps = np.flatnonzero(np.isnan(values[row, : lengths[row]]))
        if missing == "error":
            raise DataError(
                f"series {laid.ids[row]!r} has no value for {laid.timeline.names(row, gaps[:1])[0]}"
                + (f" and {gaps.size - 1} other periods" if gaps.size > 1 else ""),
                hint="--missing interpolate; or mask, which fills nothing",
            )
        values[row, : lengths[row]] = fill(values[row, : lengths[row]], missing, laid.ids[row])
    return values


def _check_ahead(laid: Laid, first: int, names: Sequence[str]) -> None:
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
    laid: Laid, values: np.ndarray, lengths: np.ndarray, *, allow_negative: bool
) -> np.ndarray:
    """Return whether each series holds counts, (B,)."""

    def whole_ones(values: np.ndarray) -> np.ndarray:
        return (np.isnan(values) | (values == np.floor(values))).all(axis=1)

    whole = piecewise(whole_ones, values)
    negative = (values < 0).any(axis=1)
    for row in np.flatnonzero(whole & negative).tolist():
        labels = laid.timeline.names(row, np.arange(lengths[row]))
        are_counts(
            values[row, : lengths[row]],
            lambda place, labels=labels, id=laid.ids[row]: f"series {id!r}, period {labels[place]}",
            "periods",
            "--allow-negative",
            allow_negative=allow_negative,
        )
    return whole & ~negative


def _masked(numbers: np.ndarray, inside: np.ndarray) -> np.ndarray:
    return np.where(inside[:, :, None], numbers, np.nan)


def _static(
    table: Table, ids: Sequence[str], codes: np.ndarray, names: Sequence[str], times: int
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Return what columns say of each series, each ``times`` over; ``codes`` are the rows' one."""
    if not names:
        return None, ()
    firsts = np.unique(codes, return_index=True)[1].astype(np.intp)
    columns: list[np.ndarray] = []
    called: list[str] = []
    for name in names:
        texts = table.texts(name)
        kinds, which = np.unique(texts, return_inverse=True)
        own: np.ndarray = np.asarray(which)[firsts]
        odd = np.flatnonzero(which != own[codes])
        if odd.size:
            row = int(odd[0])
            series = ids[int(codes[row])]
            first, second = sorted((texts[row], texts[int(firsts[codes[row]])]))
            raise DataError(
                f"series {series!r}: {name!r} says {first!r} and {second!r}, but a static "
                "column says one thing about a series",
                hint="name it in past or future",
            )
        if is_numeric([table.columns[name][row] for row in firsts.tolist()]):
            columns.append(table.numbers(name)[firsts])
            called.append(name)
            continue
        for number, kind in enumerate(kinds.tolist()):
            columns.append((own == number).astype(np.float64))
            called.append(f"{name}={kind}")
    return np.repeat(np.stack(columns, axis=1), times, axis=0), tuple(called)


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
