"""Logs of events, one a row, as series of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gatework.forecast.panel.panel import Panel
from gatework.forecast.series import Series
from gatework.tabular.events import Period, place_events
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import JOINT, Table, read_table
from gatework.tabular.timeline import Timeline


def count_events(
    path: str | Path, *, date_column: str, period: Period, style: ReadingStyle | None = None
) -> Series:
    """Count the events of a table with one row an event; the rows may be in any order.

    A period without events counts 0. A log seldom begins or ends with a period: the last one is
    left out unless an event falls on its last day (of days, in their last hour; of hours, always),
    the first one is kept, and a note says so. ``style`` is that of a table that this one is to be
    read like.

    Raises:
        DataError: the file or a date cannot be used, or fewer than two whole periods remain.
        OptionError: ``period`` is not one of its values, or shorter than the dates can tell.
    """
    table = read_table(path, style)
    timeline = place_events(table, date_column, period)
    return _series("events", timeline, table)


def count_events_of_many(
    path: str | Path,
    *,
    id_column: str | Sequence[str],
    date_column: str,
    period: Period,
    style: ReadingStyle | None = None,
) -> Panel:
    """Count the events of many units, of a table with one row an event, by unit and period.

    All units are counted over the same periods, those of the whole log: a period in which a unit
    has no event counts 0, also before its first one and after its last.

    Raises:
        DataError, OptionError: as count_events; DataError where a row has no unit.
    """
    table = read_table(path, style)
    timeline = place_events(table, date_column, period)
    names = [id_column] if isinstance(id_column, str) else id_column
    names = [table.column(name, "--id-column") for name in names]
    ids, codes = table.codes(names, "unit")
    table.found(id_column=JOINT.join(names))
    parts = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
    series = [_series(name, timeline, table, rows) for name, rows in zip(ids, parts, strict=True)]
    return replace(Panel.from_series(series), notes=tuple(table.notes), style=table.style)


def _series(
    name: str, timeline: Timeline, table: Table, rows: np.ndarray | slice = slice(None)
) -> Series:
    """Return how many of some events are in each period."""
    periods = int(timeline.lengths[0])
    counts = np.bincount(timeline.positions[rows], minlength=periods)
    return Series(
        name,
        counts[:periods],
        timeline.labels,
        timeline.frequency,
        timeline.season,
        counts=True,
        notes=tuple(table.notes),
        style=table.style,
    )
