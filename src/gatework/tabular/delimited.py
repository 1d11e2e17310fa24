"""Text tables as spreadsheets and loggers write them: their delimiter and their rows."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from gatework.errors import DataError
from gatework.tabular.column import Cell, shown
from gatework.tabular.encoding import decode
from gatework.tabular.grid import Grid, plural, transposed
from gatework.tabular.layout import (
    SAMPLE,
    Head,
    count_footers,
    find_head,
    is_value,
    remarks,
    without_extras,
)
from gatework.tabular.numeric import is_numeric
from gatework.tabular.style import ReadingStyle

DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n)', re.IGNORECASE)
_FAST_FROM = 50_000  # bytes; below, importing Arrow takes longer than it saves
_HEAD = 1 << 20
_MOST_COLUMNS = 500  # beyond, Arrow is the slower one
_TAIL = 20


def read_delimited(
    data: bytes,
    name: str,
    style: ReadingStyle | None = None,
    *,
    any_names: bool = False,
    example: str = "date,faults",
) -> Grid:
    r"""Return the table in a text.

    Rows are numbered as a spreadsheet shows them, from the first line on; a blank line counts.
    Blank lines are left out of the result, and so are rows of empty fields at the end. Short rows
    end in empty cells; a list of numbers needs no header. ``any_names`` says that the first row
    holds names even where they look like numbers or dates; ``example`` is a header, for hints.

    Raises:
        DataError: the file is empty, no text, its quotes do not close, a row is longer than the
            header, the header is none, or a row is a total; the row is named.

    Example:
        >>> grid = read_delimited("date;faults\r\n2005-03;3,5\r\n".encode(), "faults.csv")
        >>> grid.header, grid.columns, list(grid.rows), grid.delimiter
        (['date', 'faults'], [['2005-03'], ['3,5']], [2], ';')
    """
    style = style or ReadingStyle()
    grid = note = None
    if len(data) >= _FAST_FROM and style.encoding in (None, "utf-8", "utf-8-sig"):
        grid = _fast(data.removeprefix(BOM_UTF8), any_names)
    if grid is None:
        text, encoding, note = decode(data, name, style.encoding)
        if encoding and len(text) >= _FAST_FROM:
            grid = _fast(text.encode(), any_names)
        if grid is None:
            delimiter, start = delimiter_of(text)
            rows, numbers = _records(text[start:], delimiter, name)
            grid = arranged(rows, numbers, name, any_names=any_names, example=example)
            grid.delimiter = delimiter
        grid.style["encoding"] = encoding or style.encoding
    grid.notes[:0] = [note] if note else []
    return grid if any_names else without_extras(grid, name, style.totals)


def delimiter_of(text: str) -> tuple[str, int]:
    r"""Return the delimiter of a text, and where its table begins: after a line such as sep=;.

    Example:
        >>> delimiter_of("sep=;\na;b\n"), delimiter_of("a,b\n")
        ((';', 6), (',', 0))
    """
    said = _SEPARATOR_LINE.match(text)
    return (said[1], said.end()) if said else (find_delimiter(text), 0)


def arranged(
    rows: list[Sequence[Cell]],
    numbers: Sequence[int],
    name: str,
    *,
    any_names: bool = False,
    example: str = "date,faults",
    empty: Cell = "",
) -> Grid:
    """Return rows, and their numbers, as a table: without what stands above and below it.

    Raises:
        DataError: there are no rows, one is longer than the header, or the header is none.
    """
    last = next((n for n in range(len(rows), 0, -1) if any(map(_filled, rows[n - 1]))), 0)
    if not last:
        raise DataError(f"'{name}' is empty", hint=f"a first row such as: {example}")
    head = find_head(rows[: min(last, SAMPLE)], any_names)
    header, first = names_of(rows[head.header]), head.header + 1 + head.units
    if not any_names and len(header) == 1 and is_numeric(header):
        header, first = [""], head.header
    elif not any_names and all(map(is_value, header)):
        raise DataError(
            f"'{name}' begins with {', '.join(map(shown, header))}: "
            "expected the names of the columns in the first row",
            hint=f"a first row such as: {example}",
        )
    notes = remarks(list(zip(numbers[: head.header], rows, strict=False)))
    notes += _units_note(rows, numbers, head)
    if not any_names:
        tail = rows[max(first, last - _TAIL) : last]
        begins = [row[0] for row in rows[first : first + SAMPLE] if row]
        below = count_footers(tail, max(len(header), head.width), begins)
        last -= below
        notes += remarks(list(zip(numbers[last:], rows[last : last + below], strict=False)))
    body, kept = rows[first:last], numbers[first:last]
    inside = [] if any_names or len(header) == 1 else _remarks_inside(body)
    if inside:
        notes += remarks([(kept[n], body[n]) for n in inside])
        body = [row for n, row in enumerate(body) if n not in set(inside)]
        kept = [number for n, number in enumerate(kept) if n not in set(inside)]
    _check_widths(body, kept, len(header), name)
    return _named(header, transposed(body, len(header), empty), kept, notes)


def names_of(row: Sequence[Cell]) -> list[str]:
    """Return the names in a row; one that begins with the sign of a comment is without it."""
    names = ["" if cell is None else str(cell).strip() for cell in row]
    if len(names) > 1 and re.match(r"(#|//)\s*[^\W\d]", names[0]):
        names[0] = names[0].lstrip("#/ ")
    return names


def find_delimiter(text: str) -> str:
    """Return the delimiter that cuts the most rows in sequence into as many fields."""
    best, delimiter = (0, 0.0, 1), DELIMITERS[0]
    for candidate in DELIMITERS:
        try:
            reader = csv.reader(_cut(text), delimiter=candidate)
            widths = [len(row) for row in islice(reader, SAMPLE) if row]
        except csv.Error:
            continue
        runs = [(width, len(list(run))) for width, run in groupby(widths) if width > 1]
        for width, run in runs:
            found = (run, widths.count(width) / len(widths), width)
            if found > best:
                best, delimiter = found, candidate
    return delimiter


def read_line(text: str, delimiter: str) -> list[str] | None:
    """Return the fields of a row that is one line, None where a quoted one does not end.

    Example:
        >>> read_line('a;"b;c"', ";"), read_line('a;"b', ";")
        (['a', 'b;c'], None)
    """
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def ends_in_quotes(text: str, delimiter: str) -> bool:
    """Return whether a row goes on after a text, since a quoted field does not end in it.

    Example:
        >>> ends_in_quotes('a;"b', ";"), ends_in_quotes('a;"b"c', ";")
        (True, False)
    """
    try:
        next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _fast(data: bytes, any_names: bool) -> Grid | None:
    """Return a table in UTF-8 that is cut at once, by Arrow where it is there; None for others."""
    try:
        from gatework.tabular.arrow import read_plain
    except ModuleNotFoundError:
        from gatework.tabular.plain import read_plain
    text = data[: data.rfind(b"\n", 0, _HEAD) + 1].decode("utf-8", "ignore")
    delimiter, start = delimiter_of(text)
    lines = list(islice(_cut(text[start:]), SAMPLE))
    try:
        top = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:  # told by the slower reader, with its row
        return None
    if len(top) < len(lines) or not all(top) or len(top) < 2 or not delimiter.isascii():
        return None
    head = find_head(top, any_names)
    header, above = names_of(top[head.header]), head.header + 1 + head.units
    if not 2 <= len(header) <= _MOST_COLUMNS or (not any_names and all(map(is_value, header))):
        return None
    skipped = len((text[:start] + "".join(lines[:above])).encode())
    columns = read_plain(data, skipped, len(header), delimiter)
    if columns is None:
        return None
    tail = [[column[n] for column in columns] for n in range(-min(_TAIL, len(columns[0])), 0)]
    if count_footers(tail, len(header), columns[0][:SAMPLE]) or not any(map(_filled, tail[-1])):
        return None
    numbers = range(1, len(columns[0]) + above + 1)
    notes = remarks(list(zip(numbers, top, strict=False))[: head.header])
    grid = _named(header, columns, numbers[above:], notes + _units_note(top, numbers, head))
    grid.delimiter = delimiter
    return grid


def _named(
    header: list[str], columns: Sequence[Sequence[Any]], numbers: Sequence[int], notes: list[str]
) -> Grid:
    """Return the columns that have a name or something in them."""
    used = [n for n, cells in enumerate(columns) if header[n] or any(map(_filled, cells))]
    names = [header[n] or f"column {n + 1}" for n in used]
    return Grid(names, [columns[n] for n in used], numbers, notes=notes)


def _records(text: str, delimiter: str, name: str) -> tuple[list[Sequence[Cell]], Sequence[int]]:
    """Return the rows that are not blank, and their numbers."""
    rows: list[Sequence[Cell]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        problem = f"a quoted field does not end as it should ({error})"
        if "limit" in str(error):
            problem = f"a field is longer than {csv.field_size_limit()} characters"
        raise DataError(
            f"'{name}', row {len(rows) + 1}: {problem}",
            hint="look for a stray or missing quotation mark in that row",
        ) from None
    if all(rows):
        return rows, range(1, len(rows) + 1)
    numbers = [number for number, row in enumerate(rows, 1) if row]
    return [row for row in rows if row], numbers


def _check_widths(
    rows: Sequence[Sequence[Cell]], numbers: Sequence[int], width: int, name: str
) -> None:
    if max(map(len, rows), default=0) <= width:
        return
    for number, row in zip(numbers, rows, strict=True):
        if len(row) > width and any(map(_filled, row[width:])):
            raise DataError(
                f"'{name}', row {number} has {len(row)} fields, the header has {width}",
                hint="quote fields that hold the delimiter, or complete the header",
            )


def _units_note(rows: Sequence[Sequence[Cell]], numbers: Sequence[int], head: Head) -> list[str]:
    if not head.units:
        return []
    said = ", ".join(str(cell) for cell in rows[head.header + 1] if _filled(cell))
    places = numbers[head.header + 1 : head.header + 1 + head.units]
    return [f"{plural(places)} passed over as units: {shown(said)}"]


def _remarks_inside(rows: Sequence[Sequence[Cell]]) -> list[int]:
    """Return the rows that hold nothing but a comment, by index."""
    firsts = [row[0] for row in rows]
    begun = {one for one in set(firsts) if isinstance(one, str) and one.startswith(("#", "//"))}
    places = [n for n, one in enumerate(firsts) if one in begun] if begun else []
    return [n for n in places if not any(map(_filled, rows[n][1:]))]


def _filled(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _cut(text: str) -> Iterator[str]:
    """Cut at the ends of lines of every system, and nowhere else; keep the ends."""
    return (match[0] for match in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text))
