"""Which columns of a table hold the periods, the values, and what a network reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from shlex import quote
from typing import Any

import numpy as np

from gatework.errors import DataError
from gatework.tabular.column import Cell, is_empty, naming
from gatework.tabular.date_numbers import read_time_numbers
from gatework.tabular.date_parts import PARTS
from gatework.tabular.dates import holds_dates
from gatework.tabular.keys import find_key, key_options
from gatework.tabular.marks import missing_mark
from gatework.tabular.numeric import is_numeric, plain_numbers
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import JOINT, Table, read_table
from gatework.tabular.time_names import is_time_name, says_date


def find_time_column(table: Table, values: str | None) -> str | None:
    """Return the column of periods beside that of the values; None where no column looks like one.

    Raises:
        DataError: several columns may be it.
    """
    others = {name: cells for name, cells in table.columns.items() if name != values}
    if values is None and len(others) == 1:
        return None
    if joined := _in_several_columns(table, others):
        together = " and ".join(map(repr, joined))
        table.notes.append(f"columns {together} are read together as the periods")
        return table.join(joined)
    dated = [name for name, cells in others.items() if holds_dates(cells)]
    called = [name for name, cells in others.items() if _is_called(name, cells)]
    for candidates in ([name for name in dated if name in called], dated, called):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise _several(table, "dates", candidates, "--time-column")
    return None


def _is_called(name: str, cells: Sequence[Cell]) -> bool:
    """Whether a column is called as those of periods, or after a date that its numbers may be."""
    if is_time_name(name) or not says_date(name):
        return is_time_name(name)
    numbers = plain_numbers(cells)
    return numbers is not None and read_time_numbers(numbers, name, cells)[1] != "number"


OR_ALL = "; or --column '*' for a series each"
"""How the hint of a wide table ends."""


def find_value_column(table: Table, time: str | None) -> str:
    """Return the one column of numbers beside the periods; one that numbers the rows is none.

    Raises:
        DataError: there is none, or several may be it.
    """
    spent = {time, *(time.split(JOINT) if time else ())}
    others = {name: cells for name, cells in table.columns.items() if name not in spent}
    numeric = [name for name, cells in others.items() if is_numeric(cells)]
    if len(numeric) > 1:
        numeric = [name for name in numeric if not numbers_rows(others[name])] or numeric
    if len(numeric) == 1:
        return numeric[0]
    if numeric:
        hint = "" if time is None else _hint_of_key(table, time, numeric)
        first = next((name for name in numeric if not _is_label(name, others[name])), numeric[0])
        hint = hint or f"--column {quote(first)}{OR_ALL}"
        raise _several(table, "numbers", numeric, "--column", hint)
    events = ""
    if dated := [name for name, cells in table.columns.items() if holds_dates(cells)]:
        events = f"where a row is an event: --events {quote(dated[0])} --period month"
    if empty := [name for name, cells in others.items() if all(map(_says_nothing, cells))]:
        raise DataError(
            f"'{table.name}' has no column of numbers to forecast: {empty[0]!r} has no value at "
            "all",
            hint="; ".join(filter(None, (f"fill in {empty[0]!r}", events))),
        )
    columns = ", ".join(repr(name) for name in table.columns)
    count = "one column" if len(table.columns) == 1 else f"{len(table.columns)} columns"
    raise DataError(
        f"'{table.name}' has {count}, {columns}, and none to forecast: "
        "expected a column of numbers",
        hint=events or "add a column of numbers, one a period",
    )


_LABEL = re.compile(r"(?:.*[\W_])?(?:id|ids|code|key|zip|plz|postcode|sku|编号|代码|邮编)", re.I)


def _is_label(name: str, cells: Sequence[Cell]) -> bool:
    """Whether the numbers of a column are names: by its own name, or as zeros stand before them."""
    texts = (str(cell).strip() for cell in cells[:50])
    zeros = any(text[:1] == "0" and text.isdecimal() and len(text) > 1 for text in texts)
    return zeros or bool(_LABEL.fullmatch(name.strip()))


def _says_nothing(cell: Cell) -> bool:
    return is_empty(cell) or missing_mark(cell) is not None


_GAP = "the value is missing"
_CURE = "correct the cell or leave the row out, or --column OTHER"


def read_features(
    source: Any,
    count: int,
    *,
    column: str | None = None,
    time_column: str | None = None,
    style: ReadingStyle | None = None,
) -> tuple[np.ndarray, list[str], list[str] | None]:
    """Return the columns that a network of so many features reads, and what its steps are called.

    A row of ``source`` is a step. ``column`` names columns with commas between; where it is left
    out, all that hold numbers are meant. ``time_column`` names the steps.

    Shapes:
        result: values (T, count), names (count), labels (T) or None

    Raises:
        DataError: there are more or fewer columns, a cell is no number, or words in a column that
            nobody named tell several sequences apart.
    """
    table = read_table(source, style)
    time = None if time_column is None else table.column(time_column, "--time-column")
    labels = None if time is None else table.texts(time)
    if column is not None:
        names = [table.column(name.strip()) for name in column.split(",")]
    else:
        names = [name for name in table.columns if name != time]
        if len(names) > count and time is None:
            names = [name for name in names if _holds_numbers(table, name)]
    if len(names) != count:
        raise DataError(
            f"{source}: the network reads {count} feature{'s' * (count > 1)}, but {len(names)} "
            f"columns are given: {', '.join(names[:8])}",
            hint="--column A,B,C names them; --time-column DATE leaves one out",
        )
    if column is None:
        _refuse_several(table, {*names, time})
    with naming(f"'{table.name}': "):
        columns = [table.numbers(name, gap=_GAP, cure=_CURE) for name in names]
    return np.stack(columns, axis=1), names, labels


def _refuse_several(table: Table, read: Collection[str | None]) -> None:
    """Refuse a table whose rows are of several sequences.

    Words tell them apart that stand together, or that part rows of the same date.

    Raises:
        DataError: it is one.
    """
    dated = [name for name, cells in table.columns.items() if holds_dates(cells)]
    keys = {
        key for name in dated for key in find_key(table, table.texts(name), None, [*read, *dated])
    }
    for name in table.columns:
        if name in read or name in dated or _holds_numbers(table, name):
            continue
        cells = table.texts(name)
        kinds = {*cells}
        blocks = 1 + sum(one != other for one, other in pairwise(cells))
        if 1 < len(kinds) <= len(cells) / 2 and (blocks == len(kinds) or name in keys):
            named = ",".join(one for one in table.columns if one in read)
            raise DataError(
                f"'{table.name}': column {name!r} tells {len(kinds)} sequences apart, and a "
                "network reads one",
                hint=f"keep the rows of one; --column {quote(named)} reads all as they stand",
            )


def _in_several_columns(table: Table, others: Mapping[str, Sequence[Cell]]) -> list[str]:
    """Return the columns that hold parts of the periods: date and time, or year, month and day."""
    kinds = {PARTS.get(name.strip().casefold()): name for name in reversed(list(others))}
    if "year" in kinds and ("month" in kinds or "quarter" in kinds):
        names = [kinds[part] for part in _COARSE_FIRST if part in kinds]
        return names if all(_holds_parts(others[name]) for name in names) else []
    dated = [name for name, cells in others.items() if holds_dates(cells)]
    if len(dated) != 1 or not _holds_days(others[dated[0]]):
        return []
    clocks = [name for name, cells in others.items() if _holds_clocks(cells)]
    if len(clocks) == 1:
        return [dated[0], clocks[0]]
    hour = kinds.get("hour")
    return [dated[0], hour] if hour and _holds_parts(others[hour]) else []


_COARSE_FIRST = ("year", "quarter", "month", "day", "hour", "minute")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s*[AaPp]\.?[Mm]\.?)?")


def _holds_clocks(cells: Sequence[Cell]) -> bool:
    texts = [str(cell).strip() for cell in cells[:50] if not is_empty(cell)]
    return bool(texts) and all(_CLOCK.fullmatch(text) for text in texts)


def _holds_days(cells: Sequence[Cell]) -> bool:
    return not any(":" in str(cell) for cell in cells[:50])


def _holds_parts(cells: Sequence[Cell]) -> bool:
    """Whether cells are whole numbers, or names of months and the like that stand for one."""
    texts = [str(cell).strip().removesuffix(".0") for cell in cells[:50] if not is_empty(cell)]
    return bool(texts) and all(text.isdecimal() or text.isalpha() for text in texts)


def _hint_of_key(table: Table, time: str, numeric: Sequence[str]) -> str:
    """Return what is typed where columns tell the series apart; nothing where none have to."""
    for value in reversed(numeric):
        if key := find_key(table, table.texts(time), None, (time, *time.split(JOINT), value)):
            values = [name for name in numeric if name not in key]
            return key_options(key, time, values[0]) if values else ""
    return ""


def _several(
    table: Table, what: str, candidates: Sequence[str], option: str, hint: str = ""
) -> DataError:
    return DataError(
        f"'{table.name}' has several columns of {what}: "
        + ", ".join(repr(name) for name in candidates),
        hint=hint or f"{option} {quote(candidates[0])}",
    )


def numbers_rows(cells: Sequence[Cell]) -> bool:
    """Return whether cells count the rows, from 0 or 1 on."""
    numbers = plain_numbers(cells)
    return numbers is not None and numbers[0] in (0, 1) and bool((np.diff(numbers) == 1).all())


def _holds_numbers(table: Table, name: str) -> bool:
    try:
        table.numbers(name)
    except DataError:
        return False
    return True
