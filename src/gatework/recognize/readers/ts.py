"""Files of the time series archives (.ts): channels parted by colons, values by commas."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from gatework.errors import DataError, counted
from gatework.recognize.readers.bad import text_of
from gatework.recognize.readers.tables import FILL, MISSING, fill_between, filled_in
from gatework.recognize.sequences import Sequences
from gatework.tabular.numeric import number, plain_numbers

_YES_NO = {"true": True, "false": False}
_COMMENT = ("#", "%")
_GONE = ("?", "nan", "na", "")
"""What stands for a missing value, in capitals or not."""
_MOST_CHANNELS = 10_000
"""Of a sequence; the archives have up to 1,345."""
_CLASS = re.compile(r"""(["'])(.*?)\1(?!\S)|(\S+)""")
"""A class in the header, in quotes where it has a blank."""
_TIMES = (
    "times stand beside the values, in brackets, and are not read",
    "a table with the columns id, time and one for each channel reads them",
)
"""What is said of steps with times, and the cure."""


def read_ts(
    path: str | os.PathLike[str], *, encoding: str | None = None, interpolate: bool = False
) -> Sequences:
    """Read a .ts file; the sequences may have different lengths.

    What the header says of dimensions, lengths and classes is held against the data. Values that
    are missing, ? or NaN, are filled between their neighbours, with a remark, where the header says
    ``@missing true`` or ``interpolate`` is asked for.

    Raises:
        InputFileError: when it cannot be read.
        DataError: when header and data do not agree, a value is missing, or steps have times.

    Source:
        the format of the UCR and UEA archives: Bagnall et al. 2018, arXiv:1811.00075.
    """
    path = Path(path)
    text, remarks = text_of(path, encoding)
    lines = text.split("\n")
    header, begin = _header(path, lines)
    classes = _classes(path, header)
    interpolate = interpolate or bool(_flag(path, header, "missing"))
    values, labels, names, between = [], [], [], 0
    for place, line in enumerate(lines[begin:], start=begin + 1):
        if not line.strip() or line.startswith(_COMMENT):
            continue
        where = f"'{path}', line {place}"
        parts = line.strip().split(":")
        if line.startswith("@"):
            raise DataError(
                f"{where}: a second header begins here", hint="one header and one @data a file"
            )
        if classes is not None:
            labels.append(_label(parts.pop(), classes, where))
        values.append(_matrix(parts, where))
        if interpolate:
            between += fill_between(values[-1])
        _check_missing(values[-1], where)
        names.append(f"line {place}")
        _compare(header, values[-1], values[0], where)
    if not values:
        raise DataError(f"'{path}' has no sequence after @data")
    found = tuple(labels) if classes is not None else None
    remarks += filled_in(between)
    return Sequences(tuple(values), tuple(names), found, "table", remarks=remarks)


def _header(path: Path, lines: list[str]) -> tuple[dict[str, str], int]:
    """Return what the lines that begin with @ say, by name in small letters; where data begin."""
    header: dict[str, str] = {}
    for place, line in enumerate(lines, start=1):
        line = line.strip()
        if not line or line.startswith(_COMMENT):
            continue
        if not line.startswith("@"):
            raise DataError(
                f"'{path}', line {place}: expected a line that begins with @ before @data",
                hint="is this a .ts file?",
            )
        name, _, value = " ".join(line[1:].split()).partition(" ")
        if name.lower() in ("relation", "attribute"):
            raise DataError(
                f"'{path}', line {place}: @{name} begins an ARFF file, which is not read",
                hint="the archives have the same set as .ts and as .txt",
            )
        if name.lower() == "data":
            if _flag(path, header, "timestamps"):
                raise DataError(
                    f"'{path}' has times beside its values, which are not read", hint=_TIMES[1]
                )
            return header, place
        header[name.lower()] = value.strip()
    raise DataError(f"'{path}' has no line @data", hint="is this a .ts file?")


def _flag(path: Path, header: dict[str, str], name: str) -> bool | None:
    if name not in header:
        return None
    word = header[name].split(" ")[0].lower()
    if word not in _YES_NO:
        raise DataError(f"'{path}': @{name} must be true or false, got {header[name]!r}")
    return _YES_NO[word]


def _classes(path: Path, header: dict[str, str]) -> set[str] | None:
    """Return the classes; empty where any label will do (a number), None without labels."""
    if _flag(path, header, "targetlabel"):
        return set()
    if not _flag(path, header, "classlabel"):
        return None
    said = header["classlabel"].partition(" ")[2]
    classes = {found[2] or found[3] for found in _CLASS.finditer(said)}
    if not classes:
        raise DataError(f"'{path}': @classLabel true must be followed by the classes")
    return classes


def _label(cell: str, classes: set[str], where: str) -> str:
    """Return the label at the end of a line.

    Raises:
        DataError: when there is none, or it is none of the classes.
    """
    label = cell.strip()
    if len(label) > 1 and label[0] == label[-1] and label[0] in "\"'":
        label = label[1:-1]
    if classes and label not in classes:
        blank = ' (one with a blank stands in quotes there: "two words")' if " " in label else ""
        raise DataError(
            f"{where}: the label {label!r} is none of those in the header, "
            f"{', '.join(sorted(classes))}",
            hint=f"name it behind @classLabel true{blank}, or leave the line out",
        )
    if label in ("", "?"):
        raise DataError(f"{where}: the label is missing", hint="write it, or leave the line out")
    return label


def _matrix(parts: list[str], where: str) -> np.ndarray:
    """Return the channels of a line as (T, C)."""
    if parts and parts[0].lstrip().startswith("("):
        raise DataError(f"{where}: {_TIMES[0]}", hint=_TIMES[1])
    if len(parts) > _MOST_CHANNELS:
        raise DataError(
            f"{where} has {len(parts):,} channels, expected {_MOST_CHANNELS:,} at most",
            hint="colons part channels, commas the values",
        )
    rows = []
    for channel, part in enumerate(parts, start=1):
        if not part.strip():
            raise DataError(f"{where}: channel {channel} has no step", hint="leave the line out")
        rows.append(_numbers(part.split(","), f"{where}, channel {channel}"))
        if len(rows[-1]) != len(rows[0]):
            more = " or, where the last part is a label, @classLabel true CLASSES in the header"
            raise DataError(
                f"{where}: channel {channel} has {counted(len(rows[-1]), 'step')}, channel 1 "
                f"{len(rows[0])}",
                hint="as many values in each channel" + (more if len(rows[-1]) == 1 else ""),
            )
    if not rows:
        raise DataError(f"{where}: there is no channel")
    return np.array(rows, np.float32).T


def _numbers(cells: list[str], where: str) -> np.ndarray:
    """Return the numbers of a channel, nan where one is missing.

    Raises:
        DataError: when a cell is none, or a comma at the end begins one that is not there.
    """
    cells = [cell.strip() for cell in cells]
    if len(cells) > 1 and not cells[-1]:
        raise DataError(
            f"{where}: a comma stands behind the last value", hint="take it away, or write ?"
        )
    numbers = plain_numbers(cells)
    if numbers is None:
        gone = [cell.casefold() in _GONE for cell in cells]
        read = [None if empty else number(cell) for cell, empty in zip(cells, gone, strict=True)]
        numbers = np.array(read, np.float64)  # None becomes nan
        numbers[~np.isfinite(numbers) & ~np.array(gone)] = np.inf
    odd = np.flatnonzero(np.abs(numbers) > np.finfo(np.float32).max)
    if odd.size:
        said = cells[odd[0]]
        hint = "commas part the values" if " " in said or ";" in said else FILL
        raise DataError(f"{where}, step {odd[0] + 1}: {said!r} is not a number", hint=hint)
    return numbers


def _check_missing(values: np.ndarray, where: str) -> None:
    """Refuse a sequence (T, C) of which a value is missing."""
    gone = np.argwhere(np.isnan(values))
    if gone.size:
        step, channel = gone[0] + 1
        raise DataError(f"{where}, channel {channel}, step {step}: {MISSING}", hint=FILL)


def _compare(header: dict[str, str], values: np.ndarray, first: np.ndarray, where: str) -> None:
    """Hold a sequence (T, C) against the header.

    Raises:
        DataError: when they do not agree.
    """
    channels = header.get("dimensions") or header.get("dimension")
    if channels is None:
        univariate = header.get("univariate", "").lower() == "true"
        channels = "1" if univariate else str(first.shape[1])
    if str(values.shape[1]) != channels:
        raise DataError(f"{where} has {counted(values.shape[1], 'channel')}, expected {channels}")
    if header.get("equallength", "").lower() == "true":
        steps = header.get("serieslength") or str(len(first))
        if str(len(values)) != steps:
            raise DataError(
                f"{where} has {counted(len(values), 'step')}, expected {steps}",
                hint="@equalLength false, where lengths differ",
            )
