"""Rows out of records: bare numbers, CSV with a header, or JSON lines; mistakes are told."""

from __future__ import annotations

import contextlib
import json
import math
from collections import Counter
from collections.abc import Sequence
from functools import reduce
from typing import Any

from gatework.errors import DataError, counted
from gatework.tabular.alone import read_alone, read_cell
from gatework.tabular.column import is_empty, shown
from gatework.tabular.delimited import (
    delimiter_of,
    ends_in_quotes,
    find_delimiter,
    names_of,
    read_line,
)
from gatework.tabular.encoding import decode, encoding_by_signs, encoding_name
from gatework.tabular.jsonl import read_values
from gatework.tabular.style import ReadingStyle
from gatework.tabular.time_names import is_time_name
from gatework.watch.columns import choose, has_any, named, parts_of, period_in, undecided
from gatework.watch.layout import are_data, are_units, filled, has_values, is_comment
from gatework.watch.reader_state import STATE, sound
from gatework.watch.row import Row, check_beside, covariates_in
from gatework.watch.values import (
    called,
    check_json,
    differences,
    no_text,
    problem_of,
    total_among,
)


class RowReader:
    r"""Read records one by one; the first ones tell the format.

    A line that is a number: bare numbers, one a line. One that begins with a brace: a JSON object a
    line. Else: CSV, and this is the header; its delimiter is a comma, semicolon, tab or bar, or the
    one that a line such as ``sep=;`` before it says. Remarks before the header, a row of units
    after it, remarks between the rows and a header that comes again are passed over, as they are
    where a series is read; a row may be of several lines, in quotes.

    Args:
        column: of the values; not needed where there is only one, or one with the series' name.
        time_column: of the periods; found by the first row where it can be.
        series: the name of the forecaster's series.
        style: how that series was read; rows are read in the same way.
        beside: names of the columns of covariates, which the rows must have.
        said: what a user says of the rows, above that style: their encoding, the marks for missing
            beside those of the series, what begins decimals, whether totals are left out.

    Attributes:
        notes: what was passed over or guessed; whoever tells them takes them away.

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
        style: ReadingStyle | None = None,
        beside: Sequence[str] = (),
        said: ReadingStyle | None = None,
    ) -> None:
        self.column, self.time_column, self.series = column, time_column, series
        self.beside = tuple(beside)
        self.known, self.said = style or ReadingStyle(), said or ReadingStyle()
        self.notes = differences(self.said, self.known, column, time_column)
        self.form: str | None = None  # "numbers", "csv" or "json"
        self.delimiter = ","
        self.header: list[str] = []
        self.chosen = False
        self._told: set[str] = set()
        self._say(self.said)
        self.begin_file()

    def _say(self, *said: ReadingStyle) -> None:
        """Read on as the series was read, but for what is said, the last above those before."""
        self.said = reduce(lambda before, one: one.over(before), said)
        self.style = self.said.over(self.known)
        self.said_encoding = encoding_name(self.said.encoding) if self.said.encoding else None

    def begin_file(self) -> None:
        """Expect the first line of another file, which may repeat the header."""
        self.line = 0
        self.encoding = self.said_encoding
        self._at_top, self._after_header, self._returned = True, False, False
        self._said_delimiter: str | None = None
        self._candidate: str | None = None  # a line that may be the header

    def encoding_of(self, data: bytes) -> str:
        """Return the encoding of the rows, of which these are the first bytes to come."""
        if self.line == 0 and self.said_encoding is None:
            self.encoding = encoding_by_signs(data)
        return self.encoding or "utf-8"

    def is_open(self, data: bytes) -> bool:
        """Return whether a quoted field goes on after these lines."""
        text = data.decode(self.encoding_of(data), "replace").strip("\ufeff")
        if self.form in ("numbers", "json") or (not self.form and text.lstrip().startswith("{")):
            return False
        return ends_in_quotes(text, self.delimiter if self.form else self._delimiter_of(text))

    def is_row(self, data: bytes) -> bool:
        """Return whether a line is a whole row by itself."""
        text = data.decode(self.encoding_of(data), "replace").strip("\r\n")
        cells = read_line(text, self.delimiter) if self.form == "csv" else None
        if cells is None or len(cells) != len(self.header):
            return False
        row = dict(zip(self.header, cells, strict=True))
        if not self.chosen:
            return has_values(cells)
        period = period_in(row, self.time_column)
        return (period is None or has_values([period])) and self._number(
            row[self.column or ""]
        ) is not None

    def read(self, data: bytes) -> Row | None:
        """Return the row of a record, None for a header, a remark or a blank line.

        Raises:
            DataError: the first rows, or another header, leave open where the values are.
        """
        encoding, ended = self.encoding_of(data), self._returned
        self._returned = data.endswith(b"\r")
        if not (ended and data == b"\n"):  # which belongs to the line before
            self.line += 1
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            text = self._in_another_encoding(data)
            if text is None:
                byte = data[error.start]
                return self._bad(f"byte 0x{byte:02x} fits no character of {encoding.upper()}")
        text = text.strip("\ufeff\r\n")
        if not text.strip():
            return None
        if self.form is None and "\0" in text:
            raise no_text(self.line, data)
        if self._at_top and self.form != "json" and delimiter_of(text + "\n")[1]:
            self._said_delimiter = delimiter_of(text + "\n")[0]
            return None
        if self.form is None:
            return self._read_first(text)
        if self.form == "numbers":
            return self._row(text.strip(), None)
        return self._read_json(text) if self.form == "json" else self._read_csv(text)

    def finish(self) -> None:
        """Say what is wrong where nothing more comes, and no row came.

        Raises:
            DataError: there was no row of values.
        """
        if self._candidate is not None:
            self._take_header(self._candidate)
        found = f"a header, {', '.join(self.header)[:60]}, and" if self.header else "text, but"
        raise DataError(f"there is {found} no row of values", hint="a row such as: 2005-03,7")

    def _in_another_encoding(self, data: bytes) -> str | None:
        """Return a record that is not in UTF-8, in the encoding of the series or a likely one."""
        if self.encoding is None and self.style.encoding is not None:
            with contextlib.suppress(UnicodeDecodeError):
                text = data.decode(self.style.encoding)
                self.encoding = self.style.encoding
                self.notes.append(f"the rows are read as {self.encoding}, as the series was")
                return text
        if self.form is not None:
            return None
        if self.encoding is not None:
            raise no_text(self.line, data)
        try:
            text, self.encoding, note = decode(data, "the first row")
        except DataError:
            raise no_text(self.line, data) from None
        self.notes += [note] if note else []
        return text

    def _delimiter_of(self, text: str) -> str:
        return self._said_delimiter or find_delimiter(text)

    def _read_first(self, text: str) -> Row | None:
        """Read a line before the format is known."""
        check_json(text, self.line)
        if text.lstrip().startswith("{"):
            self.form = "json"
            return self._read_json(text)
        cells = read_line(text, self._delimiter_of(text)) or [text]
        if self._has_names(names_of(cells)):
            self._take_header(text)
        elif is_comment(cells):
            self._pass_over(text)
        elif self._candidate is None and self._is_number(text):
            return self._begin_numbers(text)
        elif are_data(cells, self._cells_before(), dated=bool(self.style.time_column)):
            return self._begin_table(text, cells)
        elif len(cells) == len(self._cells_before()) > 1 and are_units(cells):
            self._pass_over(text, "units")
        else:
            self._pass_over(self._candidate)
            self._candidate = text
        return None

    def _has_names(self, names: list[str]) -> bool:
        """Return whether a row is the header for certain: by a name that is known, or of times."""
        known = (self.column, self.time_column, self.style.column, self.style.time_column)
        if has_any(names, (*known, self.series)):
            return True
        timed = any(map(is_time_name, names))
        return timed and not has_values(names)

    def _is_number(self, text: str) -> bool:
        said = self.style.decimals or self.style.units
        return (self._number(text) if said else read_alone(text)) is not None

    def _begin_numbers(self, text: str) -> Row:
        if self.column or self.time_column:
            raise DataError(
                f"the first row, {shown(text)}, is a bare number: it has no columns",
                hint="leave --column and --time-column out, or begin with a row of their names",
            )
        check_beside(self.beside, (), text)
        self.form = "numbers"
        return self._row(text.strip(), None)

    def _begin_table(self, text: str, cells: list[str]) -> Row | None:
        before = self._candidate
        if before is None or len(cells) > len(self._cells_before()):
            raise DataError(
                f"the first row has numbers, {', '.join(cells)[:60]}: expected names of columns",
                hint="a first row such as: date,value",
            )
        self._take_header(before)
        return self._read_csv(text)

    def _cells_before(self) -> list[str]:
        """Return the cells of a line that may be the header, none where there is none."""
        before = self._candidate
        return [] if before is None else read_line(before, self._delimiter_of(before)) or [before]

    def _take_header(self, text: str) -> None:
        if text != self._candidate:
            self._pass_over(self._candidate)
        self._candidate, self._at_top, self._after_header = None, False, True
        self.delimiter = self._delimiter_of(text)
        names = names_of(read_line(text, self.delimiter) or [text])
        while len(names) > 1 and not names[-1]:
            names.pop()
        names = [name or f"column {place}" for place, name in enumerate(names, 1)]
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise DataError(
                f"the first row calls two columns {twice[0]!r}",
                hint="give each column a name of its own",
            )
        check_beside(self.beside, names, text)
        self.form, self.header = "csv", names
        self.column = named(self.column, names, "--column")
        self.time_column = named(self.time_column, names, "--time-column")
        if len(names) == 1 and is_time_name(names[0]) and not self.column:
            raise undecided([])

    def _pass_over(self, text: str | None, what: str = "a remark") -> None:
        if text is not None:
            self.notes.append(f"passed over as {what}: {shown(text)}")

    def _read_csv(self, text: str) -> Row | None:
        if self._begins_anew(text):
            self._take_header(text)
            return None
        cells = read_line(text, self.delimiter)
        if cells is None:
            return self._bad("a quoted field does not end")
        if self._is_beside(cells, text):
            return None
        self._at_top = False
        width = len(self.header)
        if not any(map(str.strip, cells[width:])):
            cells = cells[:width]
        if width == 1 < len(cells) and self._number(text) is not None:
            cells = [text]  # whose comma begins decimals
        row = dict(zip(self.header, cells + [""] * width, strict=False))
        if len(cells) != width:
            with contextlib.suppress(DataError):
                self._choose(row)
            period = period_in(row, self.time_column) or None
            return self._bad(
                f"it has {counted(len(cells), 'field')}, the header has {width}", period
            )
        if not self.chosen:
            self._choose(row)
        if not self.chosen and self.style.time_column:
            return self._bad("the period is empty", "")
        return self._of_columns(row)

    def _of_columns(self, row: dict[str, Any]) -> Row | None:
        """Read a row by the names of its columns."""
        total = total_among(row, self.column, self.time_column)
        if total is None:
            cell, period = row[self.column or ""], period_in(row, self.time_column)
            read = self._row(cell.strip() if isinstance(cell, str) else cell, period)
            delimiter = self.delimiter if self.form == "csv" else ","
            return covariates_in(read, row, self.beside, self.style, delimiter)
        if self.style.totals:
            return self._pass_over(total, "a total")
        return self._bad(f"{shown(total)} is a total; --drop-totals leaves such rows out", "")

    def _begins_anew(self, text: str) -> bool:
        """Return whether a row is the header, of the file that followed a rotated one."""
        names = names_of(read_line(text, self._delimiter_of(text)) or [])
        return self._at_top and (names == self.header or has_any(names, (self.column,)))

    def _is_beside(self, cells: list[str], text: str) -> bool:
        """Return whether a row is none of data, and say so."""
        after_header, self._after_header = self._after_header, False
        if len(self.header) > 1 and is_comment(cells) and not filled(cells[1:]):
            self._pass_over(text)
        elif len(self.header) > 1 and [cell.strip() for cell in cells] == self.header:
            self._pass_over(text, "the header, which stands there again")
        elif after_header and are_units(cells):
            self._pass_over(text, "units")
        else:
            return False
        return True

    def _choose(self, row: dict[str, Any]) -> None:
        """Choose the columns by a row; one with an empty cell does not say that no periods are."""
        said = (self.column, self.time_column, self.series, self.style)
        self.column, self.time_column, notes = choose(row, *said)
        self.notes += [note for note in notes if note not in self._told]
        self._told |= set(notes)
        self.chosen = self.time_column is not None or not any(map(is_empty, row.values()))

    def _read_json(self, text: str) -> Row | None:
        try:
            row = read_values(text)
        except (json.JSONDecodeError, RecursionError):
            return self._bad(f"{shown(text)} is not JSON")
        except ValueError as error:
            return self._bad(f"{shown(text)} is not JSON: {error}")
        if not isinstance(row, dict):
            return self._bad(f"{shown(text)} is not a JSON object")
        if self._at_top or not self.chosen:
            self._choose(row)
        self._at_top = False
        row = called(row, self.column, *parts_of(self.time_column))
        period = period_in(row, self.time_column)
        if self.column not in row:
            return self._bad(f"it lacks {self.column!r}", period)
        return self._of_columns(row)

    def _row(self, cell: Any, period: str | None) -> Row:
        if period is not None and not period:
            return self._bad("the period is empty", "")
        value = self._number(cell)
        problem = problem_of(cell, value, self.style, self._name)
        return self._bad(problem, period) if problem else Row(self.line, value or 0.0, period)

    @property
    def _name(self) -> str:
        """What the style calls the column of values."""
        return self.style.column or self.column or ""

    def _number(self, cell: Any) -> float | None:
        delimiter = self.delimiter if self.form == "csv" else ","
        return read_cell(cell, self.style, self._name, delimiter)

    def _bad(self, problem: str, period: str | None = None) -> Row:
        return Row(self.line, math.nan, period, f"row {self.line}: {problem}")

    def to_config(self) -> dict[str, Any]:
        """Return what was found out about the lines so far, as JSON values."""
        return {name: getattr(self, name) for name in STATE} | {"said": self.said.to_config()}

    def restore(self, config: Any) -> None:
        """Take over what ``to_config`` returned; what was said anew stands above it.

        Raises:
            OptionError: it is nothing of that kind.
        """
        found = sound(config)
        self._say(ReadingStyle.from_config(found.pop("said")), self.said)
        for name, value in found.items():
            setattr(self, name, value)
        self._at_top = self.line == 0
