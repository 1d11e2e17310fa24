"""Rows out of lines: bare numbers, CSV with a header, or JSON lines; mistakes are told."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from shlex import quote
from typing import Any

from gatework.errors import DataError, OptionError
from gatework.tabular.column import shown
from gatework.tabular.dates import TIME_NAMES
from gatework.tabular.delimited import DELIMITERS, find_delimiter, read_line
from gatework.tabular.numeric import read_alone
from gatework.tabular.table import find_column
from gatework.watch.monitor import GREATEST


@dataclass(frozen=True)
class Row:
    """A row: the number of its line, its value (nan: missing), its period, what is wrong."""

    line: int
    value: float
    period: str | None = None
    problem: str | None = None


class RowReader:
    r"""Read lines one by one; the first one tells the format.

    A line that is a number: bare numbers, one a line. One that begins with a brace: a JSON object a
    line. Else: CSV, and this is the header; its delimiter is a comma, semicolon, tab or bar.

    Args:
        column: of the values; not needed where there is only one, or one with the series' name.
        time_column: of the periods; found by its name, such as date or month.
        series: the name of the forecaster's series.

    Example:
        >>> reader = RowReader()
        >>> for line in (b"month,faults\n", b"2005-03,7\n", b"2005-04,x\n"):
        ...     row = reader.read(line)
        >>> row.period, row.problem
        ('2005-04', "row 3: 'x' is not a number")
    """

    def __init__(
        self,
        column: str | None = None,
        time_column: str | None = None,
        *,
        series: str | None = None,
    ) -> None:
        self.column, self.time_column, self.series = column, time_column, series
        self.line = 0
        self.form: str | None = None  # "numbers", "csv" or "json"
        self.delimiter = ","
        self.header: list[str] = []

    def begin_file(self) -> None:
        """Expect the first line of another file, which may repeat the header."""
        self.line = 0

    def read(self, data: bytes) -> Row | None:
        """Return the row of a line, None for a header or a blank line.

        Raises:
            DataError: the first line, or another header, leaves open where the values are.
        """
        self.line += 1
        try:
            text = data.decode("utf-8-sig" if self.line == 1 else "utf-8").strip("\r\n")
        except UnicodeDecodeError as error:
            if self.form is None:
                raise _no_text(self.line) from None
            return self._bad(f"byte 0x{data[error.start]:02x} fits no character of UTF-8")
        if not text.strip():
            return None
        if self.form is None:
            if "\0" in text:
                raise _no_text(self.line)
            self._find_form(text)
            if self.form == "csv":
                return None
        if self.form == "numbers":
            return self._row(text.strip(), None)
        return self._read_json(text) if self.form == "json" else self._read_csv(text)

    def _find_form(self, text: str) -> None:
        if text.lstrip().startswith("{"):
            self.form = "json"
        elif read_alone(text) is not None:
            self.form = "numbers"
            if self.column or self.time_column:
                raise DataError(
                    f"the first row, {shown(text)}, is a bare number: it has no columns",
                    hint="leave --column and --time-column out, or begin with a row of their names",
                )
        else:
            delimiter = find_delimiter(text)
            self._take_header(read_line(text, delimiter) or [], delimiter)

    def _take_header(self, cells: list[str], delimiter: str) -> None:
        names = [cell.strip() for cell in cells]
        if any(read_alone(name) is not None for name in names):
            raise DataError(
                f"the first row has numbers, {', '.join(names)[:60]}: expected names of columns",
                hint="a first row such as: date,value",
            )
        self._choose_columns(names)
        self.form, self.delimiter, self.header = "csv", delimiter, names

    def _choose_columns(self, names: list[str]) -> None:
        column, time = (
            None if name is None else find_column(name, names, option, "the first row")
            for name, option in ((self.column, "--column"), (self.time_column, "--time-column"))
        )
        if time is None:
            dated = [n for n in names if n.casefold() in TIME_NAMES and n != column]
            time = dated[0] if dated else None
        if column is None:
            others = [name for name in names if name != time]
            column = self.series if self.series in others else others[0] if others else None
            if column is None or (len(others) > 1 and column != self.series):
                raise DataError(
                    f"the values may be in any of the columns {', '.join(others) or 'of none'}",
                    hint=f"--column {quote(others[0])}" if others else "--column NAME",
                )
        self.column, self.time_column = column, time

    def _read_csv(self, text: str) -> Row | None:
        cells = read_line(text, self.delimiter)
        if cells is None:
            return self._bad("a quoted field does not end")
        names = [cell.strip() for cell in cells]
        if self.line == 1 and (names == self.header or self.column in names):
            self._take_header(cells, self.delimiter)  # of the file that followed a rotated one
            return None
        if len(cells) != len(self.header):
            found = dict(zip(self.header, cells, strict=False)).get(self.time_column or "")
            return self._bad(
                f"it has {len(cells)} fields, the header has {len(self.header)}", found
            )
        row = dict(zip(self.header, cells, strict=True))
        return self._row(row[self.column or ""].strip(), self._period(row))

    def _read_json(self, text: str) -> Row:
        try:
            row = json.loads(text)
        except (ValueError, RecursionError):
            return self._bad(f"{shown(text)} is not JSON")
        if not isinstance(row, dict):
            return self._bad(f"{shown(text)} is not a JSON object")
        if self.line == 1 or self.column is None:
            self._choose_columns(list(row))
        period = self._period(row)
        if self.column not in row:
            return self._bad(f"it lacks {self.column!r}", period)
        return self._row(row[self.column], period)

    def _row(self, cell: Any, period: str | None) -> Row:
        if period is not None and not period:
            return self._bad("the period is empty", "")
        value = read_alone(cell, self.delimiter if self.form == "csv" else ",")
        if value is None:
            return self._bad(f"{shown(cell)} is not a number", period)
        if abs(value) > GREATEST:
            return self._bad(f"{shown(cell)} is beyond 1e30", period)
        return Row(self.line, value, period)

    def _bad(self, problem: str, period: str | None = None) -> Row:
        return Row(self.line, math.nan, period, f"row {self.line}: {problem}")

    def _period(self, row: dict[str, Any]) -> str | None:
        if self.time_column is None:
            return None
        cell = row.get(self.time_column)
        return "" if cell is None else str(cell).strip()

    def to_config(self) -> dict[str, Any]:
        """Return what was found out about the lines so far, as JSON values."""
        return {name: getattr(self, name) for name in STATE}

    def restore(self, config: Any) -> None:
        """Take over what ``to_config`` returned.

        Raises:
            OptionError: it is nothing of that kind.
        """
        if (
            not isinstance(config, dict)
            or set(config) != set(STATE)
            or any(not isinstance(config[name], kind) for name, kind in STATE.items())
            or config["form"] not in (None, "numbers", "csv", "json")
            or config["delimiter"] not in DELIMITERS
        ):
            raise OptionError(f"what is known of the rows must be {', '.join(STATE)}")
        for name in STATE:
            setattr(self, name, config[name])


def _no_text(line: int) -> DataError:
    return DataError(
        f"row {line} is no text: expected a number, the header of a CSV table, or a JSON object",
        hint="check that these are the values, as UTF-8",
    )


STATE = {
    "column": str | None,
    "time_column": str | None,
    "line": int,
    "form": str | None,
    "delimiter": str,
    "header": list,
}
