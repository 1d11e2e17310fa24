"""Fleets out of tables and of the text files of C-MAPSS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from shlex import quote
from typing import Any

import numpy as np

from gatework.checks import one_of, refuse
from gatework.errors import DataError, OptionError, nearest
from gatework.life.cmapss import read_cmapss
from gatework.life.fleet import Fleet, Gaps
from gatework.life.gaps import filled, gap_told, laid_out, steps_to, usual_step
from gatework.tabular.column import is_empty
from gatework.tabular.dates import Times, holds_dates
from gatework.tabular.few_notes import few_of_a_kind
from gatework.tabular.missing import FILLS, Missing
from gatework.tabular.numeric import is_numeric, plain_numbers
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import Table, read_table
from gatework.tabular.time_names import is_time_name
from gatework.tabular.timeline import sort_groups

_CURE = "correct the value, or leave the row out"
_FILLED = "--missing previous (or interpolate, zero, mean) fills it"
_HOW = {
    "previous": "with the reading before",
    "interpolate": "by interpolation",
    "zero": "with 0",
    "mean": "with the mean of the column",
}


def read_fleet(
    source: Any,
    *,
    unit_column: str | None = None,
    cycle_column: str | None = None,
    missing: Missing = "error",
    gaps: Gaps = "error",
    style: ReadingStyle | None = None,
    step: float | None = None,
) -> Fleet:
    """Read a fleet from a table with one row a unit and cycle, or from a text file of C-MAPSS.

    Rows may stand in any order. Columns of text and dates are left out, with a note. A file without
    a header with 26 numbers a line is one of C-MAPSS, whatever it is called.

    Args:
        source: what read_table reads.
        unit_column: tells the units apart; "unit" where left out.
        cycle_column: the number of the cycle; "cycle" where left out.
        missing: what becomes of readings that lack: ``previous`` carries on the one before,
            ``interpolate`` draws a straight line to the next, ``mean`` is that of the column,
            ``zero`` writes 0; ``error`` names the first.
        gaps: what becomes of cycles that lack between two of a unit: ``missing`` makes them steps
            whose readings lack, ``error`` names the first.
        style: of another fleet, for this one to be read in the same way.
        step: from one cycle to the next; found where left out.

    Raises:
        DataError: what cannot be used, by row and column. OptionError: arguments.
    """
    refuse(
        one_of(("error", *FILLS))("missing", missing) + one_of(("error", "missing"))("gaps", gaps)
    )
    if gaps == "missing" and missing == "error":
        raise OptionError(
            "steps without readings need a way to fill these", hint="--missing previous"
        )
    table = read_cmapss(source, style)
    if table is None:
        table = read_table(source, style, example="unit,cycle,heat", row="unit and cycle")
        unit_column = unit_column or table.given.id_column
        cycle_column = cycle_column or table.given.time_column
    unit, cycle = _key_columns(table, unit_column, cycle_column)
    names = _sensors(table, (unit, cycle))
    cycles = _cycles(table, unit, cycle)
    matrix = np.stack([table.numbers(name, fill=True, cure=_CURE) for name in names], axis=1)
    _judge_missing(table, names, matrix, missing)
    times, rows = Times(table[cycle], cycles, "number"), table.groups(unit, "unit")
    units = sort_groups(times, rows, "unit", "keep one row a unit and cycle")
    table.found(id_column=unit, time_column=cycle)
    numbers, histories = (
        {name: part[places] for name, places in units.items()} for part in (cycles, matrix)
    )
    step = step or usual_step(list(numbers.values()))
    _judge_gaps(table, numbers, step, gaps)
    known = np.isfinite(matrix)
    means = np.where(known, matrix, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    for name in units:
        if step is not None and gaps == "missing":
            numbers[name], histories[name] = laid_out(name, numbers[name], histories[name], step)
        histories[name] = filled(name, histories[name], names, missing, means)
    return Fleet(
        tuple(units),
        names,
        tuple(histories.values()),
        tuple(numbers.values()),
        table.style,
        step,
        missing,
        gaps,
        tuple(few_of_a_kind(table.notes)),
    )


def _key_columns(table: Table, unit: str | None, cycle: str | None) -> tuple[str, str]:
    """Return the columns of units and of cycles.

    Raises:
        DataError: one is not there; a column that may be it is the hint.
        OptionError: both are the same.
    """
    named = cycle if cycle in table.columns else "cycle" if "cycle" in table.columns else None
    unit = _column(table, unit or "unit", "--unit-column", lambda: _likely_unit(table, named))
    said = cycle or "cycle"
    cycle = _column(table, said, "--cycle-column", lambda: _likely_cycle(table, unit, said))
    if unit == cycle:
        raise OptionError(
            f"column {unit!r} cannot be both the units and the cycles",
            hint=f"--cycle-column {quote(_likely_cycle(table, unit) or 'OTHER')}",
        )
    return unit, cycle


def _column(table: Table, name: str, option: str, likely: Callable[[], str | None]) -> str:
    try:
        return table.column(name, option)
    except DataError as error:
        raise DataError(error.message, hint=f"{option} {quote(likely() or 'NAME')}") from None


def _likely_cycle(table: Table, unit: str, like: str = "cycle") -> str | None:
    """Return a column of whole numbers that increase within each unit.

    Of several the one with the name most ``like``, or the first that does not number all rows; a
    column that is called as those of time are, and never falls, comes before those.
    """
    codes = np.unique(table.texts(unit), return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    same = np.diff(codes[order]) == 0
    found: dict[str, bool] = {}
    called = None
    for name, cells in table.columns.items():
        numbers = plain_numbers(cells) if name != unit and same.any() else None
        if numbers is None or np.isnan(numbers).any():
            continue
        steps = np.diff(numbers[order])[same]
        if called is None and is_time_name(name) and (steps >= 0).all():
            called = name
        if (numbers == np.floor(numbers)).all() and (steps > 0).all():
            found[name] = len(np.unique(numbers)) == len(numbers)
    return nearest(like, found) or called or min(found, key=found.__getitem__, default=None)


def _cycles(table: Table, unit: str, cycle: str) -> np.ndarray:
    """Return the numbers of the cycles, (rows,).

    Raises:
        DataError: a cell is none, or dates stand there.
    """
    if holds_dates(table.columns[cycle]):
        other = _likely_cycle(table, unit)
        number = "number the cycles of each unit 1, 2, 3 in a column of their own"
        raise DataError(
            f"{table[cycle].at(0)}: {table[cycle].shown(0)} is a date, expected the number of the "
            "cycle",
            hint=f"--cycle-column {quote(other)}" if other else number,
        )
    return table.numbers(cycle, gap="the value is missing", cure=_CURE)


def _likely_unit(table: Table, cycle: str | None) -> str | None:
    """Return the first column whose texts repeat, each with cycles of its own."""
    for name in table.columns:
        texts = table.texts(name)
        if name == cycle or "" in texts or 2 * len(set(texts)) > len(texts):
            continue
        if cycle is None and _likely_cycle(table, name):
            return name
        if cycle and len(set(zip(texts, table.texts(cycle), strict=True))) == len(texts):
            return name
    return None


def _sensors(table: Table, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of numbers; others are left out, and it is said.

    Raises:
        DataError: there is none, or one has no cell that is not empty.
    """
    names = []
    for name, cells in table.columns.items():
        if name in keys:
            continue
        first = next((at for at, cell in enumerate(cells) if not is_empty(cell)), None)
        if first is None:
            raise DataError(
                f"{table[name].at(0)}: the value is missing, as in every other row",
                hint="leave the column out",
            )
        dated = is_time_name(name) and holds_dates(cells)
        if is_numeric(cells) and not dated:
            names.append(name)
        else:
            column = table[name]
            table.notes.append(
                f"column {name!r} holds {'dates' if holds_dates(cells) else 'text'}, as "
                f"{column.shown(first)} in row {column.rows[first]}, and is left out"
            )
    if not names:
        beside = "column of numbers" if len(table.columns) > len(keys) else "column"
        raise DataError(f"there is no {beside} beside units and cycles", hint="add the sensors")
    return tuple(names)


def _judge_missing(table: Table, names: Sequence[str], matrix: np.ndarray, missing: str) -> None:
    """Name the first reading that lacks, or say how those that lack are filled.

    Raises:
        DataError: one lacks, and nothing says how to fill it.
    """
    lacking = np.isnan(matrix)
    if not lacking.any():
        return
    place = int(lacking.any(axis=0).argmax())
    column, count = table[names[place]], int(lacking.sum())
    where = column.at(int(lacking[:, place].argmax()))
    if missing == "error":
        more = f" (the first of {count})" if count > 1 else ""
        raise DataError(f"{where}: the value is missing{more}", hint=_FILLED)
    were = "1 missing reading was" if count == 1 else f"{count} missing readings were"
    table.notes.append(f"{were} filled {_HOW[missing]}, the first in {where}")


def _judge_gaps(table: Table, cycles: dict[str, np.ndarray], step: float | None, gaps: str) -> None:
    """Name the first gap between cycles, or say what becomes of it.

    Raises:
        DataError: there is one, and nothing says that it is steps without readings.
    """
    if step is None:
        if any(len(one) > 1 for one in cycles.values()):
            table.notes.append("the steps between cycles differ: each row is taken for one step")
        return
    told = [said for unit, one in cycles.items() if (said := gap_told(unit, one, step))]
    if told and gaps == "error":
        more = f" (so have {len(told) - 1} other units)" if len(told) > 1 else ""
        raise DataError(
            f"{told[0]}{more}: the cycles before and after are not neighbours",
            hint="--gaps missing --missing previous takes them as steps without readings",
        )
    if told:
        more = f", and {len(told) - 1} other units have gaps" if len(told) > 1 else ""
        table.notes.append(f"{told[0]}{more}: taken as steps without readings, and filled")
    if odd := [unit for unit, one in cycles.items() if steps_to(one, step) is None]:
        table.notes.append(
            f"the cycles of unit {odd[0]!r} are not whole steps of {step:g} apart: each of its "
            "rows is taken for one step"
        )
