"""Workbooks of which nobody knows the memory before, read by a process that may take so much.

In .xls and .xlsb sizes stand in fields that a file may make up, in .ods a cell may be repeated, in
.xlsx a long text be named by many cells; what reads them takes the memory first. That process ends
with it, and this one goes on and says so.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from gatework.errors import DataError
from gatework.storage.limits import most_bytes
from gatework.system.processes import limit_memory

SECONDS = 300
"""The time that a sheet may take."""
_BESIDE = 1 << 29
"""Bytes of address space that a process takes without doing anything."""
_DATES = {one.__name__: one for one in (datetime.date, datetime.datetime, datetime.time)}
_CODE = "from gatework.tabular.workbook_apart import answer; answer()"


class ApartWorkbook:
    """A workbook like calamine's, whose sheets a process of their own reads."""

    def __init__(self, data: bytes, name: str) -> None:
        """Read the names of the sheets.

        Raises:
            DataError: it is damaged, or takes too much memory.
        """
        self._data, self._name = data, name
        self.sheet_names: list[str] = self._ask("")

    def rows(self, sheet: str) -> list[list[Any]]:
        """Return the cells of a sheet.

        Raises:
            DataError: as when it is opened.
        """
        return [[_from_json(cell) for cell in row] for row in self._ask(sheet)]

    def _ask(self, sheet: str) -> Any:
        # -P: no module of the folder that this is called in; one thread of numpy's libraries.
        words = [sys.executable, "-P", "-c", _CODE, sheet, str(most_bytes())]
        settings = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        try:
            done = subprocess.run(
                words, input=self._data, capture_output=True, timeout=SECONDS, env=settings
            )
            found = json.loads(done.stdout)
        except (subprocess.TimeoutExpired, ValueError):
            raise DataError(
                f"'{self._name}' is damaged, or would take more than {most_bytes() >> 20:,} MiB of "
                "memory",
                hint="save it anew as .xlsx, or the sheet as 'CSV UTF-8'",
            ) from None
        if "error" in found:
            raise CalamineError(found["error"])
        return found["found"]


def answer() -> None:
    """Read a workbook from the standard input, and write its sheets or cells as JSON."""
    sheet, most = sys.argv[1], int(sys.argv[2])
    data = sys.stdin.buffer.read()
    limit_memory(most + len(data) + _BESIDE)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        found: list[Any] = book.sheet_names
        if sheet:
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            found = [[_to_json(cell) for cell in row] for row in rows]
        text = json.dumps({"found": found})
    except CalamineError as error:
        text = json.dumps({"error": str(error)})
    if len(text) <= most:
        sys.stdout.write(text)


def _to_json(cell: Any) -> Any:
    if isinstance(cell, str | int | float):
        return cell
    if isinstance(cell, datetime.timedelta):
        return ["timedelta", cell.total_seconds()]
    return [type(cell).__name__, cell.isoformat()]


def _from_json(cell: Any) -> Any:
    if not isinstance(cell, list):
        return cell
    kind, value = cell
    return (
        datetime.timedelta(seconds=value)
        if kind == "timedelta"
        else _DATES[kind].fromisoformat(value)
    )
