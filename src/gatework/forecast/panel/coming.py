"""What is known in advance of the periods to come, from a table of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gatework.errors import DataError, OptionError, counted
from gatework.forecast.panel.columns import find_keys
from gatework.forecast.panel.panel import Panel
from gatework.forecast.panel.periods import calendar_features
from gatework.tabular.calendar import Calendar, label_start
from gatework.tabular.column import Column
from gatework.tabular.step import follows_on
from gatework.tabular.table import BETWEEN_IDS, JOINT, Table, read_table
from gatework.tabular.timeline import lay_out


def read_coming(source: Any, panel: Panel, horizon: int) -> np.ndarray:
    """Return what a table knows in advance of the periods after the end of each series.

    It is read like the table of the panel, its columns by the same names. Rows of other series and
    of other periods are left aside.

    Shapes:
        Returns (B, H, Q), in the order of the panel's series and names.

    Raises:
        DataError: naming the periods or the numbers that are missing.
        OptionError: the panel has no covariates that are known in advance.
    """
    names = panel.columns_ahead
    if not names:
        raise OptionError(
            "nothing that is known in advance is read from a table here",
            hint="read_panel(source, future=['promotion'])",
        )
    table = read_table(source, panel.style, row="series and period to come")
    columns = [_column(table, name) for name in names]
    numbers = np.stack([table.numbers(name) for name in columns], axis=1)
    rows = _rows(table, panel, horizon)
    empty = np.argwhere(np.isnan(numbers[rows]))
    if empty.size:
        series, step, place = (int(at) for at in empty[0])
        where = table[columns[place]].at(int(rows[series, step]))
        raise DataError(
            f"{where}: {columns[place]!r} is known in advance, but not for "
            f"{_called(panel, series)}{panel.future_labels(series, step + 1)[step]}",
            hint="write the number that is known of that period",
        )
    return _with_calendar(numbers[rows], panel)


def _column(table: Table, name: str) -> str:
    if name.casefold() not in {one.casefold() for one in table.columns}:
        raise DataError(
            f"'{table.name}' has no column {name!r}, which is known in advance elsewhere",
            hint="add it, with its numbers of the periods to come",
        )
    return table.column(name)


def _rows(table: Table, panel: Panel, horizon: int) -> np.ndarray:
    """Return the row of each period to come, (B, H), by index."""
    time, ids = find_keys(table)
    names, codes = table.codes(ids, "series") if ids else (("",), np.zeros(len(table.rows), int))
    times = table.times(time, follows_on(codes), codes)
    style = replace(table.given, frequency=panel.frequency)
    laid = lay_out(times, style, codes=codes, ids=names if ids else ())
    starts = laid.starts(laid.codes, laid.positions)
    order = np.asarray(laid.order)
    keys = zip([names[code] for code in codes[order]], starts.tolist(), strict=True)
    known = dict(zip(keys, order.tolist(), strict=True))
    found = np.full((len(panel), horizon), -1)
    for row, name in enumerate(panel.ids):
        key = _own_id(name, panel) if ids else ""
        coming = _starts(panel, row, horizon)
        found[row] = [known.get((key, start), -1) for start in coming]
    if (found < 0).any():
        raise _missing(table.name, panel, np.argwhere(found < 0), table[time])
    return found


def _own_id(name: str, panel: Panel) -> str:
    """Return the id of a series without the column of values that stands behind it, of several."""
    several = JOINT in (panel.style.column or "")
    return name.rpartition(BETWEEN_IDS)[0] if several and panel.style.id_column else name


def _starts(panel: Panel, row: int, horizon: int) -> Sequence[Any]:
    """Return when the periods to come of a series begin, or their numbers."""
    if panel.frequency is None:
        return [int(label) for label in panel.future_labels(row, horizon)]
    last = label_start(panel.ends[row][-1])
    steps = np.arange(1, horizon + 1)
    return Calendar.from_alias(panel.frequency).shift(last, steps).tolist()


def _missing(name: str, panel: Panel, lacking: np.ndarray, column: Column) -> DataError:
    series, step = (int(at) for at in lacking[0])
    wanted = panel.future_labels(series, int(lacking[lacking[:, 0] == series][-1, 1]) + 1)
    first, count = wanted[step], len(lacking)
    more = f" (the first of {count} that are missing)" if count > 1 else ""
    return DataError(
        f"'{name}' has no row for {_called(panel, series)}{first}{more} in column {column.name!r}",
        hint=f"a row for each series and period to come, up to {wanted[-1]}",
    )


def _called(panel: Panel, row: int) -> str:
    return f"series {panel.ids[row]!r}, period " if len(panel) > 1 else ""


def _with_calendar(numbers: np.ndarray, panel: Panel) -> np.ndarray:
    """Return the numbers (B, H, Q) with the features of the calendar behind them."""
    if not panel.calendar or panel.frequency is None:
        return numbers
    steps = numbers.shape[1]
    ahead = [
        calendar_features(end[-1], 1, steps, panel.frequency, panel.calendar)[1:]
        for end in panel.ends
    ]
    return np.concatenate([numbers, np.stack(ahead)], axis=2)


def with_coming(panel: Panel, source: Any, horizon: int) -> Panel:
    """Return the panel with what a table knows in advance of the periods after each series.

    Raises:
        DataError, OptionError: as ``read_coming`` says.
    """
    table = read_table(source, panel.style, row="series and period to come")
    coming, known = read_coming(table, panel, horizon), panel.covariates.future
    reach = int(panel.lengths.max()) + horizon
    known = coming[:, :0] if known is None else known
    future = np.full((len(panel), max(reach, known.shape[1]), known.shape[2]), np.nan)
    future[:, : known.shape[1]] = known
    for row, length in enumerate(panel.lengths.tolist()):
        future[row, length : length + horizon] = coming[row]
    names = ", ".join(map(repr, panel.columns_ahead))
    ahead = counted(horizon, "period")
    said = f"what is known in advance of the next {ahead} is read from '{table.name}': "
    notes = dict.fromkeys((*panel.notes, *table.notes, said + names))
    return replace(panel.with_future(future), notes=tuple(notes))
