"""Tables in JSON: an object a line, an array of objects, or an object of columns or of dates."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from gatework.errors import DataError
from gatework.storage.header import distinct
from gatework.tabular.dates import holds_dates
from gatework.tabular.encoding import decode
from gatework.tabular.grid import Grid
from gatework.tabular.style import ReadingStyle

_ONE_A_LINE = 'one object a line, such as {"date": "2005-03", "faults": 3}'


def read_json_table(data: bytes, name: str, style: ReadingStyle) -> Grid:
    r"""Return the table in JSON; columns are those of all objects, as they come.

    What an object does not name is missing; objects inside are columns with a dot in their name.

    Raises:
        DataError: it is no JSON, or no table; the line is named.

    Example:
        >>> grid = read_json_table(b'{"day": 1, "n": 3}\n{"day": 2}\n', "n.jsonl", ReadingStyle())
        >>> grid.header, grid.columns, grid.rows
        (['day', 'n'], [[1, 2], [3, None]], [1, 2])
    """
    text, encoding, note = decode(data, name, style.encoding, "save it as UTF-8")
    try:
        numbers, objects = _objects(text, name)
    except RecursionError:
        raise DataError(f"'{name}' is nested too deeply", hint=_ONE_A_LINE) from None
    header: dict[str, None] = {}
    for one in objects:
        header.update(dict.fromkeys(one))
    columns: list[Any] = [[one.get(key) for one in objects] for key in header]
    notes = [note] if note else []
    return Grid(list(header), columns, numbers, notes=notes, style={"encoding": encoding})


def _objects(text: str, name: str) -> tuple[list[int], list[dict[str, Any]]]:
    """Return the number and the fields of each row."""
    begin = text.lstrip()[:1]
    if not begin:
        raise DataError(f"'{name}' is empty", hint=_ONE_A_LINE)
    numbers = [n for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    whole: Any = None
    wrong: ValueError | None = None
    try:
        whole = read_values(text)
    except ValueError as error:
        wrong = error
    if isinstance(whole, dict):
        whole = _rows_of(whole) or [whole]
    if isinstance(whole, list):
        numbers = list(range(1, len(whole) + 1))
    else:
        whole = _lines(text, name, wrong)
    for number, one in zip(numbers, whole, strict=True):
        if not isinstance(one, dict):
            raise DataError(
                f"'{name}', row {number}: expected an object with names and values, "
                f"got {json.dumps(one)[:40]}",
                hint=_ONE_A_LINE,
            )
    nested = any(isinstance(value, dict | list) for one in whole for value in one.values())
    return numbers, [_flat(one) for one in whole] if nested else whole


def read_values(text: str) -> Any:
    """Return the value of a JSON text of data, in which NaN and infinity may stand.

    Raises:
        ValueError: it is none, or a key occurs twice in an object.
        RecursionError: it is nested too deeply.
    """
    return _VALUES.decode(text)


def _rows_of(whole: dict[str, Any]) -> list[Any] | None:
    """Return the rows of an object that holds a whole table, None where it is a row."""
    values = list(whole.values())
    rows = whole.get("data") if "schema" in whole else values[0] if len(values) == 1 else None
    if isinstance(rows, list) and all(isinstance(one, dict) for one in rows):
        return rows
    if values and all(isinstance(value, list) for value in values):
        if whole.keys() >= {"columns", "data"}:
            names = list(map(str, whole["columns"]))
            rows = [dict(zip(names, row, strict=False)) for row in whole["data"]]
            return _dated(list(map(str, whole.get("index", []))), rows)
        if len({len(value) for value in values}) == 1:
            return [dict(zip(whole, row, strict=True)) for row in zip(*values, strict=True)]
    if len(values) > 1 and not any(isinstance(one, dict | list | str) for one in values):
        if not _dates(list(whole)):
            return None
        return _dated(list(whole), [{"value": value} for value in values])  # of a series
    if values and all(isinstance(value, dict) for value in values):
        if _dates(list(whole)):
            return _dated(list(whole), values)
        keys = list(values[0])  # of columns by index
        if all(list(value) == keys for value in values):
            rows = [{name: value[key] for name, value in whole.items()} for key in keys]
            return _dated(keys, rows)
    return None


def _dated(index: list[str], rows: list[Any]) -> list[Any]:
    """Return rows with the dates that an index holds, where it does and they have none."""
    dates = None if rows and "date" in rows[0] else _dates(index)
    if not dates or len(dates) != len(rows):
        return rows
    return [{"date": date} | row for date, row in zip(dates, rows, strict=True)]


def _dates(keys: list[str]) -> list[Any] | None:
    """Return keys that are dates or Unix time, None where they are others."""
    if keys and all(key.isdecimal() and len(key) in (10, 13, 16, 19) for key in keys):
        return list(map(int, keys))
    return keys if holds_dates(keys) else None


def _lines(text: str, name: str, wrong: ValueError | None) -> list[Any]:
    """Return the values of all lines; ``wrong`` is why all of them together are no JSON."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    with contextlib.suppress(ValueError):
        whole = read_values("[" + ",".join(line for _, line in lines) + "]")
        if len(whole) == len(lines):
            return whole
    for number, line in lines:
        try:
            read_values(line)
        except ValueError as error:
            first = number == lines[0][0]
            where, told = ("", wrong or error) if first else (f", line {number}", error)
            raise DataError(f"'{name}'{where} is no JSON: {told}", hint=_ONE_A_LINE) from None
    raise DataError(f"'{name}' is no JSON", hint=_ONE_A_LINE)


def _flat(one: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in one.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": cell for inner, cell in _flat(value).items()}
        else:
            flat[key] = json.dumps(value) if isinstance(value, list) else value
    return flat


def _whole(digits: str) -> int | float:
    """Return a whole number, infinite where no float is as large."""
    return int(digits) if len(digits) < 400 else float(digits)


_VALUES = json.JSONDecoder(object_pairs_hook=distinct, parse_int=_whole)
