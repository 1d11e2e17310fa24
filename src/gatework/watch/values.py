"""What one row says alone: whether its cell is a value, and whether it is a total."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gatework.errors import DataError
from gatework.tabular.column import is_empty, shown
from gatework.tabular.numeric import not_a_number
from gatework.tabular.style import ReadingStyle
from gatework.tabular.words import is_total
from gatework.watch.columns import parts_of
from gatework.watch.monitor import GREATEST, mark_told


def problem_of(cell: Any, value: float | None, style: ReadingStyle, name: str) -> str | None:
    """Return why a cell of the column ``name`` cannot be taken; None where it can.

    ``value`` is the number that it stands for, as ``tabular.alone.read_cell`` gives it.
    """
    if value is None:
        said = not_a_number(cell, style.decimal(name), style.units.get(name, ""))
        return f"{shown(cell)} {said}"
    if abs(value) > GREATEST:
        return f"{shown(cell)} is beyond 1e30{mark_told(value)}"
    return None


def called(row: Mapping[str, Any], *names: str | None) -> dict[str, Any]:
    """Return a row with these names where it has them in another case.

    Example:
        >>> called({"Time": "2005-03", "v": 7}, "time", "V", None)
        {'time': '2005-03', 'V': 7}
    """
    wanted = {name.casefold(): name for name in names if name is not None and name not in row}
    return {wanted.get(name.casefold(), name): cell for name, cell in row.items()}


def check_json(text: str, line: int) -> None:
    """Refuse the first line of JSON that goes over several lines, or is an array.

    Raises:
        DataError: it is one.
    """
    if _ARRAY.match(text):
        raise DataError(
            f"row {line}, {shown(text)}, begins JSON that is not one object a line",
            hint="jq -c '.[]' FILE | gatework watch MODEL",
        )


def no_text(line: int, data: bytes) -> DataError:
    """Return the error where bytes are none of text; packed files and tables are named."""
    packed = next((hint for begin, hint in _PACKED.items() if data.startswith(begin)), None)
    return DataError(
        f"row {line} is no text: expected a number, the header of a CSV table, or a JSON object",
        hint=packed or "check that these are the values, as UTF-8, or name theirs: --encoding NAME",
    )


_ARRAY = re.compile(r"\s*(?:\[\s*(?:[\[{].*)?|\{\s*)$")
_AS_TEXT = "save the table as CSV, and watch that"
_PACKED = {
    b"\x1f\x8b": "gunzip -c FILE | gatework watch MODEL",
    b"PK\x03\x04": _AS_TEXT,
    b"\xd0\xcf\x11\xe0": _AS_TEXT,
    b"PAR1": _AS_TEXT,
}


def total_among(row: Mapping[str, Any], values: str | None, time: str | None) -> str | None:
    """Return the cell that says that its row is a total; None where none does.

    A word such as "Total" says so in the column of periods or of values, and anywhere where the
    period is empty.

    Example:
        >>> total_among({"date": "", "shop": "Total", "v": "12"}, "v", "date")
        'Total'
        >>> total_among({"date": "2005-03", "shop": "Total", "v": "12"}, "v", "date")
    """
    timed = parts_of(time)
    undated = bool(timed) and all(is_empty(row.get(part)) for part in timed)
    places = row if undated else [*timed, *([values] if values else [])]
    cells = (row.get(place) for place in places)
    return next((cell for cell in cells if isinstance(cell, str) and is_total(cell)), None)


def differences(
    said: ReadingStyle, known: ReadingStyle, column: str | None, time_column: str | None
) -> list[str]:
    """Return where what is said of the rows is not as the series was read, in sentences."""
    notes = []
    for given, before in ((column, known.column), (time_column, known.time_column)):
        if given and before and given.casefold() != before.casefold():
            notes.append(f"column {given!r} is read, where that of the series was {before!r}")
    if new := [mark for mark in said.missing if mark not in known.missing]:
        marks = ", ".join(map(repr, new))
        notes.append(f"{marks} is taken for missing, which it was not in the series")
    name = known.column or column or ""
    mark, before = said.decimal(name), known.decimal(name)
    if mark and before and mark != before:
        notes.append(f"{mark!r} begins the decimals, where {before!r} did so in the series")
    return notes
