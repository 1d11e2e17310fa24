"""The text files of C-MAPSS, which have no header."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gatework.errors import DataError, counted
from gatework.tabular.encoding import decode
from gatework.tabular.sources import bytes_of
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import Table

COLUMNS = 26
"""Of the files: unit, cycle, three settings, 21 sensors."""

_HEAD = 10_000
_BETWEEN = re.compile(r"[,;\s]+")


def read_cmapss(source: Any, style: ReadingStyle | None) -> Table | None:
    """Return the table in a text file of C-MAPSS, None where the source is not one.

    Its numbers are parted by spaces, or by commas, semicolons or tabs where a program wrote it
    anew; the file may be packed, and is in any encoding.

    Raises:
        DataError: it begins as one, and a line has other than 26 numbers.
    """
    path = Path(source) if isinstance(source, str | Path) else None
    if path is None or not path.is_file():
        return None
    data = bytes_of(path)
    if not _begins_with_numbers(data[:_HEAD]):
        return None
    text = decode(data, path.name, style.encoding if style else None).text
    try:
        matrix = np.loadtxt(io.StringIO(re.sub("[,;]", " ", text)), ndmin=2)
    except ValueError as error:
        raise DataError(f"'{path}' is not a file of C-MAPSS: {error}") from error
    if matrix.shape[1] != COLUMNS:
        raise DataError(f"'{path}' has {counted(matrix.shape[1], 'column')}, one of C-MAPSS has 26")
    names = ["unit", "cycle", *(f"setting {n}" for n in (1, 2, 3))]
    names += [f"sensor {n}" for n in range(1, 22)]
    columns: dict[str, Sequence[Any]] = dict(zip(names, matrix.T.tolist(), strict=True))
    columns["unit"] = [f"{unit:g}" for unit in columns["unit"]]
    return Table(path.name, columns, list(range(1, len(matrix) + 1)), " ", style or ReadingStyle())


def _begins_with_numbers(head: bytes) -> bool:
    """Return whether the first line that is not blank is 26 numbers, in any encoding of ASCII."""
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe").decode("latin-1").lstrip()
    cells = _BETWEEN.split(re.split(r"[\r\n]", plain, maxsplit=1)[0].strip())
    if len(cells) != COLUMNS:
        return False
    try:
        return not all(math.isnan(float(cell)) for cell in cells)
    except ValueError:
        return False
