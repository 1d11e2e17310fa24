"""Tables of numbers: a sequence a row, or a step a row."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from gatework.errors import DataError, OptionError, nearest
from gatework.recognize.features.numbers import Numbers
from gatework.recognize.readers.delimited import Cells, number, read_cells
from gatework.recognize.sequences import Features, Label, Sequences

LAYOUTS = ("wide", "long")


def read_table(
    path: Path,
    *,
    layout: str | None = None,
    label_column: str = "label",
    features: Features | None = None,
) -> Sequences:
    """Read a CSV file of numbers.

    wide: each row is a sequence of one channel; the columns other than the label and "id" are its
    steps. Empty cells at the end of a row make it shorter.

    long: each row is a step of the sequence that "id" names, at "time", a number that grows within
    a sequence; the other columns are its channels. A label that is the same in all rows of every
    sequence is the label of the sequence; otherwise each step has its own.

    Args:
        path: of the file.
        layout: "wide" or "long"; long where left out and there are columns "id" and "time".
        label_column: of the labels, which may be missing.
        features: of a model, whose channels are looked up by name.

    Raises:
        InputFileError: when the file cannot be read.
        DataError: when a cell is no number, a step is missing or there twice, or a channel lacks.
        OptionError: when the layout is another.
    """
    if layout not in (None, *LAYOUTS):
        raise OptionError(f"layout must be wide or long, got {layout!r}")
    cells = read_cells(path, ragged=layout != "long")
    if not cells.rows:
        raise DataError(f"'{path}' has no row under its header", hint="give at least one sequence")
    if label_column != "label" and label_column not in cells.columns:
        close = nearest(label_column, cells.columns)
        raise DataError(
            f"'{path}' has no column {label_column!r}",
            hint=f"--label-column {close}" if close else f"it has {', '.join(cells.columns)}",
        )
    long = {"id", "time"} <= set(cells.columns) if layout is None else layout == "long"
    if long:
        return _long(path, cells, label_column, features)
    return _wide(path, cells, label_column, features)


def _wide(path: Path, cells: Cells, label_column: str, features: Features | None) -> Sequences:
    if isinstance(features, Numbers):
        raise DataError(
            f"'{path}' has a sequence a row, but the model reads the channels "
            f"{', '.join(features.names)}",
            hint="a table with the columns id, time and these",
        )
    steps = [n for n, name in enumerate(cells.columns) if name not in (label_column, "id")]
    if not steps:
        raise DataError(f"'{path}' has no column of numbers", hint="a column for each step")
    values = []
    for row, line in zip(cells.rows, cells.lines, strict=True):
        filled = [n for n in steps if row[n].strip()]
        if not filled:
            raise DataError(f"'{path}', line {line}: the sequence has no step", hint="leave it out")
        used = steps[: steps.index(filled[-1]) + 1]
        where = f"'{path}', line {line}, column"
        values.append(
            [[number(row[n], f"{where} {cells.columns[n]!r}", cells.delimiter)] for n in used]
        )
    named = "id" in cells.columns
    return Sequences(
        tuple(np.array(part, np.float32) for part in values),
        tuple(cells.at("id")) if named else tuple(f"line {line}" for line in cells.lines),
        _labels(path, cells, label_column),
        "table",
    )


def _long(path: Path, cells: Cells, label_column: str, features: Features | None) -> Sequences:
    for name in ("id", "time"):
        if name not in cells.columns:
            raise DataError(f"'{path}' has no column {name!r}", hint="id,time,value,... a row")
    there = [name for name in cells.columns if name not in ("id", "time", label_column)]
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
    labels = _labels(path, cells, label_column)
    groups: dict[str, list[int]] = {}
    for row, name in enumerate(cells.at("id")):
        if not name:
            raise DataError(f"'{path}', line {cells.lines[row]}: the id is empty")
        groups.setdefault(name, []).append(row)
    times = _column(path, cells, "time")
    matrix = np.stack([_column(path, cells, name) for name in wanted], axis=1)
    order = [_in_time(path, cells, name, rows, times) for name, rows in groups.items()]
    return Sequences(
        tuple(matrix[rows] for rows in order),
        tuple(groups),
        None if labels is None else _grouped(labels, order),
        "table",
        Numbers(tuple(wanted)),
        None,
    )


def _column(path: Path, cells: Cells, name: str) -> np.ndarray:
    return np.array(
        [
            number(cell, f"'{path}', line {line}, column {name!r}", cells.delimiter)
            for cell, line in zip(cells.at(name), cells.lines, strict=True)
        ]
    )


def _in_time(path: Path, cells: Cells, name: str, rows: list[int], times: np.ndarray) -> list[int]:
    ordered = sorted(rows, key=lambda row: times[row])
    last = math.nan
    for row in ordered:
        if times[row] == last:
            raise DataError(
                f"'{path}', line {cells.lines[row]}: the time {last:g} of {name!r} is there twice",
                hint="keep one row a time",
            )
        last = times[row]
    return ordered


def _labels(path: Path, cells: Cells, column: str) -> tuple[str, ...] | None:
    if column not in cells.columns:
        return None
    labels = cells.at(column)
    if "" in labels:
        line = cells.lines[labels.index("")]
        raise DataError(f"'{path}', line {line}: the label is empty", hint="fill it")
    return tuple(labels)


def _grouped(labels: tuple[str, ...], order: list[list[int]]) -> tuple[Label, ...]:
    parts = [tuple(labels[row] for row in rows) for rows in order]
    if all(len(set(part)) == 1 for part in parts):
        return tuple(part[0] for part in parts)
    return tuple(parts)
