"""Tables of the user: files and data frames as named columns of cells, and these as they are read.

Bytes become a table here, its columns numbers and times; a time line is made of these elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from shlex import quote
from typing import Any

import numpy as np

from gatework.errors import DataError, nearest
from gatework.tabular.column import Cell, Column, plain
from gatework.tabular.date_parts import join_dates
from gatework.tabular.dates import (
    EMPTY,
    GIVE_ONE,
    Plausible,
    Times,
    holds_dates,
    read_dates,
    times_of_numbers,
)
from gatework.tabular.marks import FAR, SAID_TO_BE_MISSING, mark_text, marks_among
from gatework.tabular.numeric import NumberColumn, find_decimal, is_numeric
from gatework.tabular.sources import read_source
from gatework.tabular.style import ReadingStyle
from gatework.tabular.texts import distinct
from gatework.tabular.time_names import is_time_name

JOINT = " + "
"""Between the names of columns that are read together."""
BETWEEN_IDS = " / "
"""Between the ids that stand in several columns."""


@dataclass(eq=False)
class Table:
    """A table as its file holds it: named columns of cells, and the number of each row.

    Rows carry the numbers that a spreadsheet shows, the header being row 1; those of a Parquet
    file, which has no header row, count from 1.

    Attributes:
        given: the style in which the columns are to be read, as far as it is known.
        style: the same, with what was found in the columns read so far.
        notes: sentences about them that a reader of the results should see.
    """

    name: str
    columns: dict[str, Sequence[Cell]] = field(repr=False)
    rows: Sequence[int] = field(repr=False)
    delimiter: str
    given: ReadingStyle = field(default_factory=ReadingStyle)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.style = self.given

    def __getitem__(self, name: str) -> Column:
        return Column(name, self.columns[name], self.rows)

    def column(self, name: str, option: str = "--column") -> str:
        """Return the column's name as the file writes it, as ``find_column`` does.

        Columns joined by " + " become one of their texts, as ``join`` does.
        """
        parts = name.split(JOINT)
        if len(parts) == 1 or name in self.columns:
            known = list(self.columns)
            return find_column(name, known, option, f"'{self.name}'", self._likely(option))
        return self.join([self.column(part, option) for part in parts])

    def _likely(self, option: str) -> str:
        """Return a column that may be meant where no name is near the one that was typed."""
        if option.endswith(("time-column", "cycle-column")):
            return next(iter(self.columns))
        others = [name for name, cells in self.columns.items() if not holds_dates(cells)]
        last = option.endswith(("past", "future", "static"))  # these stand behind the values
        return (others or list(self.columns))[-1 if last else 0]

    def given_column(self, part: str) -> str | None:
        """Return a name of a column that the style gives; None, and a note, if it is not here."""
        name, known = getattr(self.given, part), {one.casefold() for one in self.columns}
        parts = [] if name is None else [name] if name in self.columns else name.split(JOINT)
        if all(one.casefold() in known for one in parts):
            return name
        self.say(f"there is no column {name!r}, as there was before: another one is looked for")
        return None

    def join(self, names: Sequence[str]) -> str:
        """Add the column of what stands in several ones, and return its name.

        Its cells are their texts with blanks between them; those of years, months and days, which
        are whole numbers, make dates.
        """
        name = JOINT.join(names)
        if name not in self.columns:
            parts = [self.texts(one) for one in names]
            self.columns[name] = list(join_dates(names, parts))
        return name

    def numbers(
        self, *names: str, fill: bool = False, gap: str | None = None, cure: str | None = None
    ) -> np.ndarray:
        """Return a column of numbers, or several that are written alike; nan where missing.

        ``fill`` says that missing values will be filled, so that 'n/a' and its like are missing
        too; ``gap`` is what is wrong with a missing value, where none may be, and ``cure`` the hint
        for a cell that cannot be used, in place of those of a forecast.

        Shapes:
            result: (rows,) of one column, (rows, columns) of several

        Raises:
            DataError: a cell is no number, or infinite, or can be read in two ways.
        """
        marks = {*self.given.missing, *(SAID_TO_BE_MISSING if fill else ())}
        read = [NumberColumn(self[name], marks) for name in names]
        units = [
            one.unit(self.given.units.get(name)) for name, one in zip(names, read, strict=True)
        ]
        given = [self.given.decimal(name) for name in names]
        found = self._decimal(read) if None in given else None
        values = []
        for one, unit, known in zip(read, units, given, strict=True):
            values.append(one.read(known or found or ".", unit, cure))
            empty = np.flatnonzero(np.isnan(values[-1]))
            if gap and empty.size:
                raise DataError(f"{one.column.at(empty[0])}: {gap}", hint=cure)
            self._found_in(one, values[-1], unit, found if not known else None)
        return values[0] if len(names) == 1 else np.stack(values, axis=1)

    def _decimal(self, read: Sequence[NumberColumn]) -> str | None:
        """Return the mark that begins decimals in columns, by their cells or else by the others'.

        Raises:
            DataError: they can be read both ways; the first such cell is named.
        """
        mark, doubtful, place = find_decimal(read, self.delimiter)
        if doubtful is None:
            return mark
        asked = {one.column.name for one in read}
        others = [
            NumberColumn(self[name])
            for name, cells in self.columns.items()
            if name not in asked and not is_time_name(name) and not holds_dates(cells)
        ]
        sure, unsure, _ = find_decimal([one for one in others if one.prevail()], self.delimiter)
        mark = sure if sure and unsure is None else mark
        column, body = doubtful.column, doubtful.body(place)
        thousands, decimals = re.sub("[.,]", "", body), body.replace(",", ".")
        if mark is None:
            raise DataError(
                f"{column.at(place)}: {column.shown(place)} may be {thousands} or {decimals}",
                hint=f"--decimal {'comma' if '.' in body else 'point'} reads {thousands}, "
                f"--decimal {'point' if '.' in body else 'comma'} reads {decimals}; or write the "
                f"numbers without separators of thousands: {thousands}",
            )
        if mark == "." and "," in body:
            said = f"the comma parts thousands in column {column.name!r}: {body!r} is read as "
            self.say(f"{said}{thousands}; --decimal comma reads it as {decimals}")
        elif mark == ".":
            said = f"the dot begins the decimals of column {column.name!r}: {body!r} is read as "
            self.say(f"{said}{decimals}; --decimal comma reads it as {thousands}")
        return mark

    def _found_in(
        self, one: NumberColumn, values: np.ndarray, unit: str, decimal: str | None
    ) -> None:
        """Keep how a column of numbers was read, and say what was guessed."""
        name = one.column.name
        if unit:
            told = "per cent" if unit == "%" else f"in {unit}"
            self.say(f"the numbers of column {name!r} are {told}")
        if (decimal or self.given.decimals.get(name)) == ",":
            self.say(f"the comma begins the decimals of column {name!r}")
        for mark, places in one.said.items():
            self.say(
                f"{mark!r} in {_rows(one.column, places)} of column {name!r} is taken for missing"
            )
        for value, places in marks_among(values).items():
            self.say(
                f"column {name!r}: {mark_text(value)} in {_rows(one.column, places)} lies more "
                f"than {FAR} deviations away from the rest and looks like a mark for missing: "
                f"--missing-mark {mark_text(value)} takes it as such"
            )
        self.found(
            decimals={**self.style.decimals, **({name: decimal} if decimal else {})},
            units={**self.style.units, **({name: unit} if unit else {})},
            missing=tuple(sorted({*self.style.missing, *one.said})),
        )

    def say(self, note: str) -> None:
        """Add a sentence to the notes, once."""
        if note not in self.notes:
            self.notes.append(note)

    def times(
        self,
        name: str,
        plausible: Plausible,
        groups: np.ndarray | None = None,
    ) -> Times:
        """Return the periods in a column: dates, or numbers where it holds neither dates nor years.

        ``plausible`` and ``groups`` are those of ``read_dates``.

        Raises:
            DataError: a cell is empty or no date, or the dates can be read in two ways.
        """
        column, style = self[name], self.given
        if holds_dates(column.cells) or not is_numeric(column.cells):
            times = read_dates(
                column,
                plausible,
                day_first=style.day_first,
                zone=style.zone,
                offsets=style.offsets,
                groups=groups,
            )
        else:
            numbers = self.numbers(name, gap=EMPTY, cure=GIVE_ONE)
            times = times_of_numbers(column, numbers, style.zone)
        self.found(day_first=times.day_first, zone=times.zone, offsets=times.offsets)
        self.notes += times.notes
        return times

    def texts(self, name: str, gap: str | None = None, cure: str | None = None) -> list[str]:
        """Return what stands in a column as text, without blanks around it.

        Raises:
            DataError: a cell is empty and may not be, as ``gap`` says; ``cure`` is the hint.
        """
        words, codes = self._words(name, gap, cure)
        return [words[code] for code in codes.tolist()]

    def codes(self, names: Sequence[str], what: str) -> tuple[tuple[str, ...], np.ndarray]:
        """Return the ids in columns as they first appear, and which of them each row has.

        Ids of several columns are joined by " / "; one of them may be empty, as a note says.

        Shapes:
            codes: (rows,), whole numbers

        Raises:
            DataError: an id is empty.
        """
        gap, cure = "the id is empty", f"write the {what} that the row belongs to"
        parts = [self._words(name, None if len(names) > 1 else gap, cure) for name in names]
        words, codes = parts[0]
        if len(parts) > 1:
            self._say_empty_ids(names, parts, cure)
        if len(parts) > 1:  # what stands between parts tells them apart again
            parts = [([one.replace(BETWEEN_IDS, "/") for one in some], at) for some, at in parts]
            words = parts[0][0]
        for others, which in parts[1:]:
            pairs, codes = distinct(codes.astype(np.int64) * len(others) + which)
            both = (divmod(int(pair), len(others)) for pair in pairs)
            two = ([words[one], others[other]] for one, other in both)
            words = [BETWEEN_IDS.join(filter(None, some)) for some in two]
        return tuple(words), codes

    def _say_empty_ids(
        self, names: Sequence[str], parts: Sequence[tuple[list[str], np.ndarray]], cure: str
    ) -> None:
        """Say where one of several ids is empty; refuse rows in which all of them are."""
        empty = np.stack([np.array([not one for one in some])[at] for some, at in parts])
        if (rows := np.flatnonzero(empty.all(axis=0))).size:
            raise DataError(f"{self[names[0]].at(int(rows[0]))}: the id is empty", hint=cure)
        for name, places in zip(names, map(np.flatnonzero, empty), strict=True):
            if places.size:  # of a table that was lengthened, a row stands for many
                places = places[np.unique(np.asarray(self.rows)[places], return_index=True)[1]]
                others = " and ".join(repr(one) for one in names if one != name)
                where = _rows(self[name], places)
                self.say(f"column {name!r} is empty in {where}: {others} tells the series there")

    def groups(self, name: str, what: str) -> dict[str, list[int]]:
        """Return the rows, by index, of each id in a column; ``what`` is what the ids are of.

        Raises:
            DataError: an id is empty.
        """
        ids, codes = self.codes([name], what)
        order = np.argsort(codes, kind="stable")
        parts = np.split(order, np.cumsum(np.bincount(codes, minlength=len(ids)))[:-1])
        return {one: part.tolist() for one, part in zip(ids, parts, strict=True)}

    def _words(self, name: str, gap: str | None, cure: str | None) -> tuple[list[str], np.ndarray]:
        """Return the different texts of a column as they come, and which stands in each row."""
        cells, codes = distinct(self.columns[name])
        words = ["" if cell is None else str(cell).strip() for cell in map(plain, cells)]
        if len(set(words)) < len(words):
            words, same = distinct(words)
            codes = same.astype(np.int32)[codes]
        if gap and "" in words:
            at = self[name].at(int(np.argmax(codes == words.index(""))))
            raise DataError(f"{at}: {gap}", hint=cure)
        return words, codes

    def found(self, **style: Any) -> None:
        """Add to the style what was found; None where nothing was."""
        known = {name: value for name, value in style.items() if value is not None}
        self.style = replace(self.style, **known)


def _rows(column: Column, places: np.ndarray) -> str:
    """Return where cells stand: ``row 12``, or ``row 12 and 3 others`` of several."""
    more = f" and {len(places) - 1} other rows" if len(places) > 2 else ""
    more = f" and row {column.rows[places[1]]}" if len(places) == 2 else more
    return f"row {column.rows[places[0]]}{more}"


def read_time(cell: Cell, style: ReadingStyle, plausible: Plausible) -> Times:
    """Return the time in one cell, read in a style, twice: the second of an hour that comes twice.

    Raises:
        DataError: it is no date, or may be one of several.
    """
    name = style.time_column or "time"
    table = Table("the row", {name: [cell, cell]}, [1, 1], ",", style)
    return table.times(name, plausible)


def find_column(
    name: str, columns: Sequence[str], option: str, where: str, likely: str = ""
) -> str:
    """Return the name among those of columns; it may differ in case.

    Raises:
        DataError: there is no such column; the nearest name, with the ``option``, is the hint, or
            the ``likely`` one where none is near.
    """
    if name in columns:
        return name
    folded = [known for known in columns if known.casefold() == name.strip().casefold()]
    if len(folded) == 1:
        return folded[0]
    raise DataError(
        f"column {name!r} is not in {where}, which has {', '.join(map(repr, columns))}",
        hint=f"{option} {quote(nearest(name, columns) or likely or columns[0])}",
    )


def read_table(
    source: Any,
    style: ReadingStyle | None = None,
    *,
    name: str | None = None,
    any_names: bool = False,
    example: str = "date,faults",
    row: str = "period",
) -> Table:
    """Read a file or a data frame.

    Args:
        source: path of a text with any delimiter that a spreadsheet writes, of JSON, a workbook or
            a Parquet file; or a data frame of pandas, polars or pyarrow; a Table is taken as it is.
        style: of a table that this one is to be read like.
        name: of the table in messages; that of the file where left out.
        any_names: columns may be called by numbers and dates.
        example: a header, for hints.
        row: what there is a row for, in hints.

    Raises:
        DataError: the file is missing, unreadable, empty, of no kind that is read, or its header
            does not name each column once; a row is a total; or there are no rows.
        OptionError: it is neither a path nor a data frame, or no such encoding is known.
        MissingDependencyError: a package is missing that reads it.
    """
    if isinstance(source, Table):
        return source
    style = style or ReadingStyle()
    name, grid = read_source(source, name, style, any_names=any_names, example=example)
    places: dict[str, int] = {}
    for index, column in enumerate(grid.header):
        first = places.setdefault(column, index)
        if first != index:
            raise DataError(
                f"'{name}' calls two columns {column!r}: column {first + 1} and column {index + 1}",
                hint="give each column a name of its own",
            )
    if not len(grid.rows):
        raise DataError(f"'{name}' has a header and no rows", hint=f"add one row for each {row}")
    if style.zone is None and grid.style.get("zone"):
        style = replace(style, zone=grid.style["zone"])
    columns = dict(zip(grid.header, grid.columns, strict=True))
    table = Table(name, columns, grid.rows, grid.delimiter, style, grid.notes)
    table.found(**grid.style)
    return table
