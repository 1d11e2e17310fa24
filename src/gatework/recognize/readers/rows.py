"""Files of the UCR archive as text: a label and its series in each line, without a header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gatework.errors import DataError
from gatework.recognize.readers.bad import text_of
from gatework.recognize.readers.tables import FILL, LABELS, MISSING, fill_between, filled_in
from gatework.recognize.sequences import Sequences
from gatework.storage.reading import open_to_read
from gatework.tabular.encoding import encoding_by_signs
from gatework.tabular.numeric import number, plain_numbers

_LOOKED_AT = 2**16
"""Bytes of a file that are looked at to tell whether it has a header."""
_COMMENT = ("#", "%")
_NAMES = frozenset({*LABELS, "id", "time", "path", "name", "target", "y"})
"""Words that begin or end a header, and are no label."""


@dataclass(frozen=True)
class _Form:
    """Where the label of a line is, 0 or -1, and whether it is a word, not a number."""

    place: int
    is_word: bool


def is_rows(path: Path) -> bool:
    """Return whether the first line of a file is a series with its label, and no header.

    It is where at least three of its cells are numbers, at most one is a word, and the numbers are
    none that columns are called by, such as 0, 1, 2.
    """
    if path.suffix.lower() not in (".txt", ".tsv", ".csv"):
        return False
    with open_to_read(path) as (file, _):
        begin = file.read(_LOOKED_AT)
    text = begin.decode(encoding_by_signs(begin) or "latin-1", "replace").lstrip("\ufeff")
    lines = [line for line in re.split(r"[\r\n]+", text) if _holds(line)]
    if not lines:
        return False
    cells = _cells(lines[0])
    if len(begin) == _LOOKED_AT and not re.search(r"[\r\n]", text):
        cells = cells[:-1]  # the last may be cut off
    return _form(cells) is not None


def read_rows(path: Path, *, encoding: str | None = None, interpolate: bool = False) -> Sequences:
    """Read a file whose lines are a label and the values of a series, or the values and a label.

    Commas, semicolons (with decimals after a point or a comma), tabs or blanks part the cells. A
    label is a whole number or a word. NaN at the end of a line makes it shorter.

    Args:
        path: of the file.
        encoding: of the file; found out where left out.
        interpolate: fill NaN within a series between its neighbours, with a remark.

    Raises:
        InputFileError: when the file cannot be read.
        DataError: when a cell is no number, a label no whole number, or a value is missing.

    Source:
        the format of the UCR archive: Dau et al. 2019, doi:10.1109/JAS.2019.1911747.
    """
    text, remarks = text_of(path, encoding)
    lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if _holds(line)]
    form = _form(_cells(lines[0][1])) or _Form(0, is_word=False)
    values, labels, names, between = [], [], [], 0
    for place, line in lines:
        where, cells = f"'{path}', line {place}", _cells(line)
        labels.append(_label(cells.pop(form.place), form, where))
        numbers = _numbers(cells, where)
        there = np.flatnonzero(~np.isnan(numbers))
        if not there.size:
            raise DataError(f"{where}: the sequence has no step", hint="leave it out")
        values.append(numbers[: there[-1] + 1, None].astype(np.float32))
        if interpolate:
            between += fill_between(values[-1])
        gone = np.flatnonzero(np.isnan(values[-1]))
        if gone.size:
            raise DataError(f"{where}, step {gone[0] + 1}: {MISSING}", hint=FILL)
        names.append(f"line {place}")
    what = f"{'last' if form.place else 'first'} {'word' if form.is_word else 'number'}"
    remarks += (f"there is no header: the {what} of each line is its label", *filled_in(between))
    return Sequences(tuple(values), tuple(names), tuple(labels), "table", remarks=remarks)


def _holds(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(_COMMENT)


def _cells(line: str) -> list[str]:
    """Return the cells of a line, of which those that are empty at its end are left out."""
    line = line.strip(" \r")
    between = next((mark for mark in ";\t," if mark in line), None)
    if between in (";", "\t") and "." not in line:
        line = line.replace(",", ".")
    return [cell.strip().strip("\"'") for cell in line.rstrip(between).split(between)]


def _form(cells: list[str]) -> _Form | None:
    """Return where the label of a first line is; None where the line is a header."""
    read = [_value(cell) for cell in cells]
    words = [place for place, found in enumerate(read) if found is None]
    numbers = np.array([found for found in read if found is not None])
    if len(numbers) < 3 or len(words) > 1 or _names_columns(numbers):
        return None
    if not words:
        return _Form(0, is_word=False)
    word = cells[words[0]]
    if word.casefold() in _NAMES or not any(map(str.isalpha, word)):
        return None
    place = {0: 0, len(cells) - 1: -1}.get(words[0])
    return _Form(0, is_word=False) if place is None else _Form(place, is_word=True)


def _names_columns(numbers: np.ndarray) -> bool:
    """Return whether columns may be called so: by steps of one size, or by whole numbers."""
    steps = np.diff(numbers)
    even = bool(steps[0] > 0 and np.allclose(steps, steps[0], rtol=1e-6, atol=0))
    whole = bool((numbers == np.floor(numbers)).all())
    return even or (whole and bool((steps > 0).all()))


def _value(cell: str) -> float | None:
    """Return a number, nan for a missing one; None for a word."""
    return np.nan if cell == "?" else number(cell)


def _label(cell: str, form: _Form, where: str) -> str:
    """Return the label in a cell.

    Raises:
        DataError: when there is none, or it is no whole number where numbers are expected.
    """
    found = _value(cell)
    if cell == "" or (found is not None and not np.isfinite(found)):
        raise DataError(f"{where}: the label is missing", hint="write it, or leave the line out")
    if form.is_word:
        return cell
    if found is None or found != np.floor(found):
        raise DataError(
            f"{where}: a line of numbers begins with its label, a whole number, got {cell}",
            hint="a header that names the columns, one of them label",
        )
    return str(int(found))


def _numbers(cells: list[str], where: str) -> np.ndarray:
    """Return the values of a series, nan where one is missing.

    Raises:
        DataError: when a cell is no number, or its number is infinite or beyond 32 bits.
    """
    found = plain_numbers(cells)
    if found is None:
        read = [_value(cell) for cell in cells]
        found = np.array([np.inf if value is None else value for value in read])
    odd = np.flatnonzero(abs(found) > np.finfo(np.float32).max)
    if odd.size:
        said = f"{cells[odd[0]]!r} is not a finite number"
        raise DataError(f"{where}, step {odd[0] + 1}: {said}", hint=FILL)
    return found
