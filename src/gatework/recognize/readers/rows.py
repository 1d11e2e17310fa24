"""Files of the UCR archive as text: a label and its series in each line, without a header."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from gatework.errors import DataError
from gatework.recognize.readers.bad import text_of
from gatework.recognize.readers.tables import FILL, MISSING, fill_between, filled_in
from gatework.recognize.sequences import Sequences
from gatework.storage.reading import open_to_read

_BETWEEN = re.compile(r"[\s,]+")
_LOOKED_AT = 2**16
"""Bytes of a file that are looked at to tell whether it has a header."""


def is_rows(path: Path) -> bool:
    """Return whether a file begins with numbers that are not all whole, as names of columns are."""
    if path.suffix.lower() not in (".txt", ".tsv", ".csv"):
        return False
    with open_to_read(path) as (file, _):
        begin = file.read(_LOOKED_AT)
    cells = _cells(begin.decode("latin-1").lstrip().partition("\n")[0])
    if len(begin) == _LOOKED_AT and b"\n" not in begin:
        cells = cells[:-1]  # the last may be cut off
    try:
        numbers = np.array(cells, np.float64)
    except ValueError:
        return False
    return len(numbers) > 2 and any(re.search(r"[.eE-]", cell) for cell in cells)


def read_rows(path: Path, *, encoding: str | None = None, interpolate: bool = False) -> Sequences:
    """Read a file whose lines are a label, a whole number, and the values of a series.

    NaN at the end of a line makes it shorter.

    Args:
        path: of the file.
        encoding: of the file; found out where left out.
        interpolate: fill NaN within a series between its neighbours, with a remark.

    Raises:
        InputFileError: when it cannot be read.
        DataError: when a cell is no number, a label no whole number, or a value is missing.

    Source:
        the format of the UCR archive: Dau et al. 2019, doi:10.1109/JAS.2019.1911747.
    """
    text, remarks = text_of(path, encoding)
    values, labels, names, between = [], [], [], 0
    for place, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where, cells = f"'{path}', line {place}", _cells(line)
        numbers = _numbers(cells, where)
        if numbers[0] != np.floor(numbers[0]):
            raise DataError(
                f"{where}: a line of numbers begins with its label, a whole number, got {cells[0]}",
                hint="a header that names the columns, one of them label",
            )
        labels.append(f"{numbers[0]:g}")
        there = np.flatnonzero(~np.isnan(numbers[1:]))
        if not there.size:
            raise DataError(f"{where}: the sequence has no step", hint="leave it out")
        values.append(numbers[1 : there[-1] + 2, None].astype(np.float32))
        if interpolate:
            between += fill_between(values[-1])
        gone = np.flatnonzero(np.isnan(values[-1]))
        if gone.size:
            raise DataError(f"{where}, step {gone[0] + 1}: {MISSING}", hint=FILL)
        names.append(f"line {place}")
    remarks += ("there is no header: the first number of each line is its label",)
    remarks += filled_in(between)
    return Sequences(tuple(values), tuple(names), tuple(labels), "table", remarks=remarks)


def _cells(line: str) -> list[str]:
    return _BETWEEN.split(line.strip().strip(","))


def _numbers(cells: list[str], where: str) -> np.ndarray:
    try:
        found = np.array(cells, np.float64)
    except ValueError as error:
        odd = str(error).rpartition(": ")[2]
        raise DataError(f"{where}: {odd} is not a number", hint=FILL) from None
    if np.isinf(found).any() or np.isnan(found[0]):
        raise DataError(f"{where}: a value is infinite, or the label is missing", hint=FILL)
    return found
