"""Tables of numbers: a sequence a row, or a step a row."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from shlex import quote

import numpy as np

from gatework.errors import DataError, OptionError, nearest
from gatework.recognize.features.base import Features
from gatework.recognize.features.numbers import Numbers
from gatework.recognize.readers.bad import check_there
from gatework.recognize.sequences import Label, Sequences
from gatework.tabular import table as tabular
from gatework.tabular.column import Column, is_empty, naming
from gatework.tabular.dates import Times
from gatework.tabular.few_notes import few_of_a_kind
from gatework.tabular.numeric import is_numeric, number
from gatework.tabular.step import follows_on
from gatework.tabular.style import ReadingStyle
from gatework.tabular.time_names import is_time_name
from gatework.tabular.timeline import sort_groups

MISSING = "the value is missing"
FILL = "fill the value, leave the sequence out, or --interpolate (interpolate=True)"
LABELS = ("label", "labels", "class")
"""What a column of labels is called, in capitals or not, where it is not said."""
COUNTED = ("", "unnamed: 0", "index", "column 1")
"""What a column that counts the rows is called by programs that write one unasked."""
_ROW_NAME = re.compile(
    r"(.*[_\s.-])?(id|idx|index|uuid|guid)|unnamed: ?[\d.]+|(row|line)([_ ]?number)?|no|nr|#",
    re.IGNORECASE,
)
"""What a column is called that tells rows apart."""
_IDS = ("series", "series_id", "unique_id", "sequence", "sequence_id", "case_id")
_STEPS = ("t", "step")
LAYOUTS = ("wide", "long")


def read_table(
    path: str | os.PathLike[str],
    *,
    layout: str | None = None,
    label_column: str = "label",
    features: Features | None = None,
    style: ReadingStyle | None = None,
    interpolate: bool = False,
) -> Sequences:
    """Read a table of numbers.

    wide: each row is a sequence of one channel; the columns other than the label and "id" are its
    steps. Empty cells at the end of a row make it shorter, and so do marks for missing values that
    the style names.

    long: each row is a step of the sequence that "id" names, at "time", a number or a date that
    grows within a sequence; the other columns are its channels. A label that is the same in all
    rows of every sequence is the label of the sequence; otherwise each step has its own.

    A first column that counts the rows is no step and no channel; a note says that it was left out.

    Args:
        path: of the file.
        layout: "wide" or "long"; long where left out and there are columns "id" and "time".
        label_column: of the labels, which may be missing.
        features: of a model, whose channels are looked up by name.
        style: how the table is to be read, as far as it is known.
        interpolate: fill what is missing within a sequence between its neighbours, with a note.

    Raises:
        InputFileError: when the file cannot be read.
        DataError: when a cell is no number, a step is missing or there twice, or a channel lacks.
        OptionError: when the layout is another.
    """
    if layout not in (None, *LAYOUTS):
        raise OptionError(f"layout must be wide or long, got {layout!r}")
    path = Path(path)
    table = open_table(path, style)
    labels = take_labels(path, table, label_column)
    _call_alike(table, "id", "time")
    if layout != "wide":
        _call_steps(table)
    _drop_count(table, features)
    long = layout == "long" or (layout is None and {"id", "time"} <= set(table.columns))
    return (_long if long else _wide)(path, table, labels, features, interpolate)


def open_table(path: Path, style: ReadingStyle | None = None) -> tabular.Table:
    """Return the table in a file, whatever its columns are called.

    Raises:
        InputFileError: when there is no such file. DataError: when it holds no table.
    """
    check_there(path)
    return tabular.read_table(
        path, style, name=str(path), any_names=True, example="label,t1,t2", row="sequence or step"
    )


def take_labels(path: Path, table: tabular.Table, column: str) -> tuple[str, ...] | None:
    """Take the column of labels out of a table; None where no column is called like one.

    Raises:
        DataError: when a label is empty, or there is no column that is called otherwise.
    """
    if column != "label":
        column = table.column(column, "--label-column")
    elif column not in table.columns:
        alike = [name for name in table.columns if name.casefold() in LABELS]
        if len(alike) == 1:
            column = alike[0]
            table.notes.append(f"the labels are in the column {column!r}")
    if column not in table.columns:
        return None
    with naming(f"'{path}', "):
        labels = table.texts(column, "the label is empty", "fill it")
    del table.columns[column]
    labels = [unicodedata.normalize("NFC", label) for label in labels]
    return _one_spelling(labels, column, table.notes)


def _one_spelling(labels: list[str], column: str, notes: list[str]) -> tuple[str, ...]:
    """Return labels of which those that are the same whole number, as 1 and 1.0, are one."""
    numbers = {label: number(label) for label in set(labels)}
    whole = {label: int(n) for label, n in numbers.items() if n is not None and n.is_integer()}
    if len(whole) < len(numbers) or len(set(whole.values())) == len(numbers):
        return tuple(labels)
    notes.append(f"labels in {column!r} that are the same number are one class")
    return tuple(str(whole[label]) for label in labels)


def _call_alike(table: tabular.Table, *wanted: str) -> None:
    """Give columns these names where they have them in capitals."""
    for name in wanted:
        alike = [one for one in table.columns if one.casefold() == name]
        if len(alike) == 1 and alike[0] != name:
            table.notes.append(f"the column {alike[0]!r} was taken for {name!r}")
            table.columns = {name if k == alike[0] else k: v for k, v in table.columns.items()}


def _call_steps(table: tabular.Table) -> None:
    """Give the columns of a table of steps their names, where others say what id and time are.

    Such are columns that are called as those of series and of periods are, where a series has
    several rows and its periods differ.
    """
    if {"id", "time"} <= set(table.columns):
        return
    ids = [name for name in table.columns if name.casefold() in ("id", *_IDS)]
    times = [
        name for name in table.columns if is_time_name(name) or name.casefold() in ("t", "step")
    ]
    if len(ids) != 1 or len(times) != 1:
        return
    rows = list(zip(table.columns[ids[0]], table.columns[times[0]], strict=True))
    if len(set(rows)) < len(rows) or len({name for name, _ in rows}) == len(rows):
        return
    for old, new in ((ids[0], "id"), (times[0], "time")):
        if old != new:
            table.notes.append(f"the column {old!r} was taken for {new!r}")
            table.columns = {new if k == old else k: v for k, v in table.columns.items()}


def _drop_count(table: tabular.Table, features: Features | None) -> None:
    """Take out columns that count the rows or tell them apart, unless the model knows them.

    The first column where its numbers follow on, whatever it is called, and any that is called as
    such columns are and has another number or word in every row.
    """
    known = features.names if isinstance(features, Numbers) else ()
    for place, name in enumerate(list(table.columns)):
        called = bool(_ROW_NAME.fullmatch(name)) or name.casefold() in COUNTED
        if name in ("id", "time", *known) or not (called or not place):
            continue
        cells = [str(cell).strip().removesuffix(".0") for cell in table.columns[name]]
        whole = [int(cell) for cell in cells if cell.isdigit()]
        every = len(whole) == len(cells)
        counts = every and len(cells) > 2 and whole == list(range(whole[0], whole[0] + len(cells)))
        apart = called and len(set(cells)) == len(cells) and (every or not any(map(number, cells)))
        if (counts and not place) or apart or (not place and name.casefold() in COUNTED and every):
            del table.columns[name]
            said = "counts the rows" if counts else "tells the rows apart"
            table.notes.append(f"the column {name!r} {said} and was left out")


def _no_numbers(
    path: Path, table: tabular.Table, steps: list[Column], *, labelled: bool
) -> DataError | None:
    """Return the error for a column of words among the steps; None where there is none."""
    for step in steps:
        cells = [str(cell).strip() for cell in step.cells if not is_empty(cell)]
        if len(cells) < 2 or any(number(cell) is not None for cell in cells):
            continue
        few = len(set(cells)) < len(cells)
        hint = f"take column {step.name!r} out, or call it id where it names the sequences"
        if not labelled and few:
            hint = f"--label-column {quote(step.name)}, if it holds the labels"
        elif labelled and len(steps) == 1:
            hint = "a file .txt with a label, a tab and a text in each line"
        row = next(row for row, cell in enumerate(step.cells) if not is_empty(cell))
        return DataError(
            f"'{path}', column {step.name!r} holds no numbers, as {cells[0]!r} in row "
            f"{table.rows[row]}",
            hint=hint,
        )
    return None


def _wide(
    path: Path,
    table: tabular.Table,
    labels: tuple[str, ...] | None,
    features: Features | None,
    interpolate: bool,
) -> Sequences:
    if isinstance(features, Numbers):
        raise DataError(
            f"'{path}' has a sequence a row, but the model reads the channels "
            f"{', '.join(features.names)}",
            hint="a table with the columns id, time and these",
        )
    steps = [table[name] for name in table.columns if name != "id"]
    if not steps:
        raise DataError(f"'{path}' has no column of numbers", hint="a column for each step")
    try:
        with naming(f"'{path}', "):
            numbers = table.numbers(*(step.name for step in steps), cure=FILL)
    except DataError as error:
        raise _no_numbers(path, table, steps, labelled=labels is not None) or error from None
    matrix = numbers.reshape(-1, len(steps))
    values, between = [], 0
    for row, line in enumerate(table.rows):
        filled = [n for n, step in enumerate(steps) if not is_empty(step.cells[row])]
        if table.given.missing or interpolate:
            filled = np.flatnonzero(~np.isnan(matrix[row])).tolist()
        if not filled:
            raise DataError(f"'{path}', row {line}: the sequence has no step", hint="leave it out")
        values.append(matrix[row, : filled[-1] + 1, None].astype(np.float32))
        if interpolate:
            between += fill_between(values[-1])
        if np.isnan(values[-1]).any():
            missing = steps[int(np.isnan(values[-1]).argmax())]
            raise DataError(f"'{path}', {missing.at(row)}: {MISSING}", hint=FILL)
    named = "id" in table.columns
    names = table.texts("id") if named else [f"line {line}" for line in table.rows]
    notes = (*few_of_a_kind(table.notes), *filled_in(between))
    return Sequences(tuple(values), tuple(names), labels, "table", remarks=notes)


def fill_between(values: np.ndarray) -> int:
    """Fill what is missing in a sequence (T, C), in place, and return how many values that were.

    On a line between its neighbours, before the first and behind the last as that is; a channel of
    which nothing is there stays as it is.

    Example:
        >>> values = np.array([[1.0], [np.nan], [3.0], [np.nan]])
        >>> fill_between(values), values[:, 0].tolist()
        (2, [1.0, 2.0, 3.0, 3.0])
    """
    count = 0
    for channel in values.T:
        gone = np.isnan(channel)
        if gone.any() and not gone.all():
            there = np.flatnonzero(~gone)
            channel[gone] = np.interp(np.flatnonzero(gone), there, channel[there])
            count += int(gone.sum())
    return count


def filled_in(count: int) -> tuple[str, ...]:
    """Return the remark on so many values that were filled, () for none."""
    values = "1 missing value was" if count == 1 else f"{count:,} missing values were"
    return (f"{values} filled on a line between the neighbours",) if count else ()


def _long(
    path: Path,
    table: tabular.Table,
    labels: tuple[str, ...] | None,
    features: Features | None,
    interpolate: bool,
) -> Sequences:
    for name in ("id", "time"):
        if name not in table.columns:
            raise DataError(f"'{path}' has no column {name!r}", hint="id,time,value,... a row")
    there = [name for name in table.columns if name not in ("id", "time")]
    wanted = list(features.names) if isinstance(features, Numbers) else there
    for name in wanted:
        if name not in there:
            close = nearest(name, there)
            raise DataError(
                f"'{path}' has no column {name!r}, which the model reads",
                hint=f"is {close!r} the same?" if close else "add it",
            )
    if not wanted:
        raise DataError(f"'{path}' has no column of numbers beside id and time")
    with naming(f"'{path}', "):
        groups = table.groups("id", "sequence")
        gap = None if interpolate else MISSING
        channels = [table.numbers(name, gap=gap, cure=FILL) for name in wanted]
        times = _times(table)
        groups = sort_groups(times, groups, "sequence", "keep one row a time")
    matrix, between = np.stack(channels, axis=1), 0
    for name, rows in groups.items() if interpolate else ():
        steps = matrix[rows]
        between += fill_between(steps)
        if np.isnan(steps).all(axis=0).any():
            raise DataError(f"'{path}', sequence {name!r}: a channel has no value", hint=FILL)
        matrix[rows] = steps
    return Sequences(
        tuple(matrix[rows] for rows in groups.values()),
        tuple(groups),
        None if labels is None else _grouped(labels, list(groups.values())),
        "table",
        Numbers(tuple(wanted)),
        None,
        (*few_of_a_kind(table.notes), *filled_in(between)),
    )


def _times(table: tabular.Table) -> Times:
    """Return the time of each row: a number of any size, or a date."""
    column = table["time"]
    if is_numeric(column.cells):
        return Times(column, np.asarray(table.numbers("time", gap=MISSING, cure=FILL)), "number")
    _, codes = table.codes(["id"], "sequence")
    return table.times("time", follows_on(codes), codes)


def _grouped(labels: tuple[str, ...], order: list[list[int]]) -> tuple[Label, ...]:
    parts = [tuple(labels[row] for row in rows) for rows in order]
    if all(len(set(part)) == 1 for part in parts):
        return tuple(part[0] for part in parts)
    return tuple(parts)
