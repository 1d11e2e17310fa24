"""What the first rows of a stream tell: its columns and periods, read as to be forecast."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from gatework.errors import DataError, OptionError
from gatework.forecast.panel.wide import is_wide
from gatework.forecast.reading import read_series
from gatework.forecast.series import Series
from gatework.tabular.alone import read_cell
from gatework.tabular.calendar import WEEKDAYS
from gatework.tabular.column import is_empty
from gatework.tabular.month_grid import unrolled
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import Table, read_table
from gatework.watch.records import Records
from gatework.watch.row import Row
from gatework.watch.rows import RowReader

FEWEST = 3
"""Periods that tell their frequency: between two there may be a gap."""

_WRITTEN = ("MS", "QS", "YS", *WEEKDAYS)
"""How frequencies end whose periods are written as such: 2005-03, 2005Q1, 2005, 2005-W10."""

MOST_BYTES = 64 << 20
"""Of the beginning, that are looked at."""


class FirstRows:
    r"""Tell how to read a stream, and how to begin, from its first rows.

    Args:
        name: of the stream, in messages.
        column, time_column, said: what a user says of the rows; see RowReader.

    Example:
        >>> rows = FirstRows("faults.csv")
        >>> rows.tell(b"month,faults\n2005-03,7\n2005-04,") is None
        True
        >>> told = rows.tell(b"month,faults\n2005-03,7\n2005-04,5\n2005-05,6\n")
        >>> told["start"], told["frequency"], told["season"], told["name"]
        ('2005-03', 'MS', 12, 'faults')
    """

    def __init__(
        self,
        name: str,
        column: str | None = None,
        time_column: str | None = None,
        said: ReadingStyle | None = None,
    ) -> None:
        self.name, self.column, self.time_column = name, column, time_column
        self.said = said or ReadingStyle()

    def tell(self, data: bytes, *, ended: bool = False, cut: bool = False) -> dict[str, Any] | None:
        """Return arguments of Forecaster.begin; None where it takes more rows to tell.

        Args:
            data: the first bytes.
            ended: no more rows come for now, so that these have to do.
            cut: the last row may lack its end.

        Raises:
            DataError: rows cannot be read, are of many series, or do not tell.
            OptionError: a row is a series.
        """
        reader = RowReader(self.column, self.time_column, said=self.said)
        records = Records(reader)
        records.feed(data[:MOST_BYTES])
        pairs: list[tuple[bytes, Row | None]] = []
        try:
            pairs += ((one, reader.read(one)) for one in records.whole(last=ended and not cut))
        except DataError:  # one row leaves open what all together may tell
            whole = data if ended and not cut else data[: data.rfind(b"\n") + 1]
            with contextlib.suppress(DataError):
                return self._enough(self._read([whole], self.said), ended=ended)
            raise
        rows = [row for _, row in pairs if row is not None]
        if not rows:
            return self._without_rows(data, reader) if ended else None
        if reader.form == "numbers":
            return {"name": "values"}
        if all(row.value != row.value and row.problem is None for row in rows):
            return self._without_values(len(rows)) if ended else None
        try:
            series = self._series(pairs, reader.column)
        except DataError:
            if ended or len(rows) >= FEWEST:
                raise
            return None
        return self._enough(series, ended=ended)

    def _enough(self, series: Series, *, ended: bool) -> dict[str, Any] | None:
        """Return how a series begins; None where more periods may tell another frequency.

        Raises:
            DataError: none come, and the only date does not tell it by how it is written.
        """
        sure = series.frequency is None or self.said.frequency or len(series) >= FEWEST
        if not (sure or ended):
            return None
        if not sure and len(series) == 1 and not str(series.frequency).endswith(_WRITTEN):
            raise DataError(
                f"one date, {series.labels[0]}, does not tell how far periods are apart",
                hint=f"--frequency {series.frequency}, for instance; or begin with three rows",
            )
        return _told(series)

    def _without_rows(self, data: bytes, reader: RowReader) -> None:
        if not data.strip():
            raise DataError(f"{self.name} is empty", hint="a first row such as: date,faults")
        reader.finish()

    def _without_values(self, count: int) -> None:
        raise DataError(
            f"{self.name} has no value in any of its {count} rows",
            hint="begin once a value is there; or --column NAME, where another column has them",
        )

    def _series(self, pairs: list[tuple[bytes, Row | None]], column: str | None) -> Series:
        """Return the series that the rows hold, its values in ``column`` as one row tells.

        Cells that are no numbers, and periods that come again, are told later, one by one: where
        they hinder, the series is read without them.
        """
        try:
            return self._read([one for one, _ in pairs], self.said)
        except DataError as error:
            if "--id-column" in (error.hint or ""):
                raise DataError(error.message, hint=_OF_ONE) from None
            sound = [one for one, row in pairs if not (row and row.problem and not row.period)]
            try:
                return self._tolerant(sound, column)
            except DataError:
                raise error from None

    def _tolerant(self, records: list[bytes], column: str | None) -> Series:
        """Return the series of rows, where cells that are no numbers are missing."""
        cells = self._table(records, self.said).columns.get(column or "", [])
        odd = {str(cell).strip() for cell in cells if not is_empty(cell)}
        odd = {cell for cell in odd if read_cell(cell, self.said, column or "") is None}
        style = ReadingStyle(repeats="first", missing=tuple(odd)).over(self.said)
        series = self._read(records, style)
        missing = tuple(mark for mark in series.style.missing if mark not in odd)
        return replace(series, style=replace(series.style, missing=missing, repeats=None))

    def _read(self, records: list[bytes], style: ReadingStyle) -> Series:
        return read_series(
            self._table(records, style),
            column=self.column,
            time_column=self.time_column,
            missing="zero",
            allow_negative=True,
        )

    def _table(self, records: list[bytes], style: ReadingStyle) -> Table:
        """Return the table that the rows make.

        Raises:
            OptionError: a row of it is a series. DataError: it cannot be read.
        """
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows"
            path.write_bytes(b"".join(records))
            table = read_table(path, style, name=self.name)
        if self.column is None and (is_wide(table) or unrolled(table) is not table):
            raise OptionError(
                f"the columns of {self.name} are periods, but a stream has a row a period",
                hint=f"gatework forecast {self.name}",
            )
        return table


_OF_ONE = (
    "a stream is one series: awk -F, 'NR == 1 || $1 == \"ID\"' FILE | gatework watch, for the ids "
    "in the first column"
)


def _told(series: Series) -> dict[str, Any]:
    """Return how a series begins, and what there is to know of it."""
    labels = list(series.labels)
    numbered = series.frequency is None and len(labels) > 1
    return {
        "start": labels[0],
        "frequency": series.frequency,
        "season": series.season,
        "name": series.name,
        "step": int(labels[1]) - int(labels[0]) if numbered else 1,
        "style": series.style,
    }
