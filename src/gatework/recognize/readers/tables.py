"""Tables of numbers: a sequence a row, or a step a row."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gatework.errors import DataError, OptionError, nearest
from gatework.recognize.features.base import Features
from gatework.recognize.features.numbers import Numbers
from gatework.recognize.readers.bad import check_there
from gatework.recognize.sequences import Label, Sequences
from gatework.tabular import table as tabular
from gatework.tabular.column import is_empty, naming
from gatework.tabular.dates import Times
from gatework.tabular.style import ReadingStyle
from gatework.tabular.timeline import sort_groups

MISSING = "the value is missing"
FILL = "fill the value, or leave the sequence out"
LAYOUTS = ("wide", "long")


def read_table(
    path: Path,
    *,
    layout: str | None = None,
    label_column: str = "label",
    features: Features | None = None,
    style: ReadingStyle | None = None,
) -> Sequences:
    """Read a table of numbers.

    wide: each row is a sequence of one channel; the columns other than the label and "id" are its
    steps. Empty cells at the end of a row make it shorter, and so do marks for missing values that
    the style names.

    long: each row is a step of the sequence that "id" names, at "time", a number that grows within
    a sequence; the other columns are its channels. A label that is the same in all rows of every
    sequence is the label of the sequence; otherwise each step has its own.

    Args:
        path: of the file.
        layout: "wide" or "long"; long where left out and there are columns "id" and "time".
        label_column: of the labels, which may be missing.
        features: of a model, whose channels are looked up by name.
        style: how the table is to be read, as far as it is known.

    Raises:
        InputFileError: when the file cannot be read.
        DataError: when a cell is no number, a step is missing or there twice, or a channel lacks.
        OptionError: when the layout is another.
    """
    if layout not in (None, *LAYOUTS):
        raise OptionError(f"layout must be wide or long, got {layout!r}")
    table = open_table(path, style)
    labels = take_labels(path, table, label_column)
    long = layout == "long" or (layout is None and {"id", "time"} <= set(table.columns))
    return (_long if long else _wide)(path, table, labels, features)


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
    """Take the column of labels out of a table; None where there is no column "label".

    Raises:
        DataError: when a label is empty, or there is no column that is called otherwise.
    """
    if column != "label":
        column = table.column(column, "--label-column")
    if column not in table.columns:
        return None
    with naming(f"'{path}', "):
        labels = tuple(table.texts(column, "the label is empty", "fill it"))
    del table.columns[column]
    return labels


def _wide(
    path: Path, table: tabular.Table, labels: tuple[str, ...] | None, features: Features | None
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
    with naming(f"'{path}', "):
        matrix = table.numbers(*(step.name for step in steps), cure=FILL).reshape(-1, len(steps))
    values = []
    for row, line in enumerate(table.rows):
        filled = [n for n, step in enumerate(steps) if not is_empty(step.cells[row])]
        if table.given.missing:
            filled = np.flatnonzero(~np.isnan(matrix[row])).tolist()
        if not filled:
            raise DataError(f"'{path}', row {line}: the sequence has no step", hint="leave it out")
        values.append(matrix[row, : filled[-1] + 1, None].astype(np.float32))
        if np.isnan(values[-1]).any():
            missing = steps[int(np.isnan(values[-1]).argmax())]
            raise DataError(f"'{path}', {missing.at(row)}: {MISSING}", hint=FILL)
    named = "id" in table.columns
    names = table.texts("id") if named else [f"line {line}" for line in table.rows]
    return Sequences(tuple(values), tuple(names), labels, "table", remarks=tuple(table.notes))


def _long(
    path: Path, table: tabular.Table, labels: tuple[str, ...] | None, features: Features | None
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
        time, *channels = (table.numbers(n, gap=MISSING, cure=FILL) for n in ("time", *wanted))
        times = Times(table["time"], np.asarray(time), "number")
        groups = sort_groups(times, groups, "sequence", "keep one row a time")
    matrix = np.stack(channels, axis=1)
    return Sequences(
        tuple(matrix[rows] for rows in groups.values()),
        tuple(groups),
        None if labels is None else _grouped(labels, list(groups.values())),
        "table",
        Numbers(tuple(wanted)),
        None,
        tuple(table.notes),
    )


def _grouped(labels: tuple[str, ...], order: list[list[int]]) -> tuple[Label, ...]:
    parts = [tuple(labels[row] for row in rows) for rows in order]
    if all(len(set(part)) == 1 for part in parts):
        return tuple(part[0] for part in parts)
    return tuple(parts)
