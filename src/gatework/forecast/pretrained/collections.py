"""Folders of series to learn from: what is read, what is left out, and where it came from."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import numpy as np

from gatework.errors import DataError, InputFileError, OptionError
from gatework.forecast.pretrained.example import Example
from gatework.forecast.pretrained.tables import TableReading, series_in
from gatework.storage.reading import open_to_read, read_bytes, refuse_special

PERIODS = {"yearly": 1, "quarterly": 4, "monthly": 12, "weekly": 52, "daily": 7, "hourly": 24}
"""Periods of a season, by what a collection calls its periods; any other has none."""

WINDOW = 12
"""Values in a row by which two series are told to be of one source."""

FEWEST = 8
"""Values that a series must have to teach anything."""

LONGEST = 400
"""The last values of a series that are learned from."""


@dataclass
class Collection:
    """Series to learn from, and what is to be said of them.

    Attributes:
        examples: the series. digests: SHA-256 of each file, by its name in the folder.
        kept_out: those of the files that must not be learned from. left_out: how many series were
        left out, by why.
    """

    examples: list[Example] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    kept_out: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    def about(self) -> dict[str, object]:
        """Return what a file says of where its networks come from."""
        counts = Counter(example.source for example in self.examples)
        return {
            "series": dict(sorted(counts.items())),
            "files": dict(sorted(self.digests.items())),
            "kept_out": dict(sorted(self.kept_out.items())),
            "left_out": dict(sorted(self.left_out.items())),
        }


TABLES = (".csv", ".tsv", ".csv.gz", ".parquet", ".pq")
"""How the names of files end that are read."""


def read_folder(
    folder: Path,
    *,
    exclude: Iterable[Path] = (),
    without: Iterable[str] = (),
    reading: TableReading | None = None,
) -> Collection:
    """Return the series of all CSV and Parquet files in a folder and its subfolders.

    A file whose header names ``id``, ``n_train``, ``h`` and ``values...`` is a collection: a series
    a row, of which only the first ``n_train`` values are shown to a network. ``period`` says what
    its periods are, ``source`` where it is from; without these columns the name of the file does.
    Any other file is one series or many, as `gatework forecast` reads them; see series_in.
    A series that shares a window of values with one before it is left out, and so is one that
    shares one with a series of ``exclude`` or of a source that is left out.

    Args:
        folder: of the files.
        exclude: files of series that must not be learned from, as they are tests of it.
        without: sources of which nothing is learned.
        reading: how tables are read that are no collections.

    Raises:
        InputFileError: when there is no such folder or nothing in it.
        DataError, OptionError: when a file cannot be read, with the place.
    """
    refuse_special(folder)
    files = sorted(path for path in folder.rglob("*") if path.name.casefold().endswith(TABLES))
    if not files:
        raise InputFileError(
            f"{folder} holds no CSV file of series, nor a Parquet file",
            hint="gatework pretrain FOLDER --out FILE",
        )
    reading = reading or TableReading()
    kept_out = {path.resolve() for path in exclude}
    shown = [path for path in files if path.resolve() not in kept_out]
    found = Collection(
        digests={path.relative_to(folder).as_posix(): digest_of(path) for path in shown},
        kept_out={path.name: digest_of(path) for path in sorted(kept_out)},
    )
    held, apart = [item for path in shown for item in _series_in(path, reading)], tuple(without)
    tests = [values for path in kept_out for values in _tests_in(path, reading)]
    tests += [one.values for one, _ in held if one.source.startswith(apart)]
    barred = frozenset(window for values in tests for window in windows(values))
    seen = set(barred)
    for one, known in held:
        if reason := _why_not(one, known, barred, seen, apart):
            found.left_out[reason] += 1
            continue
        seen |= windows(one.values)
        values = one.values[:known][-LONGEST:]
        found.examples.append(Example(one.name, one.source, values, one.season))
    if not found.examples:
        raise DataError(f"of the series in {folder} none is left to learn from")
    return found


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def windows(values: np.ndarray) -> set[bytes]:
    """Return what tells the windows of a series from those of others, whatever its unit.

    Each WINDOW of values is taken in units of its mean size, to six digits; one of fewer than
    four different values says nothing.

    Example:
        >>> rising = np.arange(1.0, 20.0) ** 2
        >>> windows(rising) == windows(1000 * rising), bool(windows(np.ones(30)))
        (True, False)
    """
    found = set()
    for start in range(len(values) - WINDOW + 1):
        part = values[start : start + WINDOW]
        if np.isfinite(part).all() and len(set(part.tolist())) >= 4:
            found.add(np.round(part / np.abs(part).mean(), 6).tobytes())
    return found


def _why_not(
    one: Example, known: int, barred: frozenset[bytes], seen: set[bytes], without: tuple[str, ...]
) -> str:
    if one.source.startswith(without):
        return "a source that is left out"
    if np.isfinite(one.values[:known]).sum() < FEWEST:
        return f"fewer than {FEWEST} values"
    own = windows(one.values)
    if own & barred:
        return "shares values with a series that must not be learned from"
    return "shares values with a series before it" if own & seen else ""


def _tests_in(path: Path, reading: TableReading) -> list[np.ndarray]:
    """Return the series of a file that must not be learned from.

    They are all columns of numbers of a CSV file, and the series that are found in any file.

    Raises:
        DataError: there are none.
    """
    found = _columns(path) if path.suffix.casefold() == ".csv" else []
    try:
        return found + [one.values for one, _ in _series_in(path, reading)]
    except (DataError, OptionError):
        if not found:
            raise
        return found


@contextlib.contextmanager
def _text_of(path: Path) -> Iterator[TextIO]:
    with open_to_read(path) as (file, _):
        yield io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")


def _columns(path: Path) -> list[np.ndarray]:
    """Return the columns of a file in which all cells but the heads are numbers or empty."""
    with _text_of(path) as file:
        columns = list(itertools.zip_longest(*csv.reader(file), fillvalue=""))
    found = []
    for cells in columns:
        with contextlib.suppress(ValueError):
            found.append(np.array([float(cell) if cell else np.nan for cell in cells[1:]]))
    return found


def _series_in(path: Path, reading: TableReading) -> Iterator[tuple[Example, int]]:
    """Yield the series of a file, whole, and how many values of each may be shown."""
    if path.suffix.casefold() == ".csv":
        with _text_of(path) as file:
            rows = csv.reader(file)
            header = next(rows, [])
            if {"id", "n_train", "h", "values..."} <= set(header):
                for number, row in enumerate(rows, start=2):
                    yield _collected(header, row, f"{path}, row {number}", path.stem)
                return
    for one in series_in(path, reading):
        yield one, len(one.values)


def _collected(header: list[str], row: list[str], place: str, name: str) -> tuple[Example, int]:
    first = header.index("values...")
    said = dict(zip(header[:first], row, strict=False))
    period = said.get("period") or next((word for word in PERIODS if word in name), "other")
    source = said.get("source") or name.split("_")[0]
    try:
        known, ahead = int(said["n_train"]), int(said["h"])
        cells = row[first : first + known + ahead]
        values = np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError as error:
        raise DataError(f"{place}: {error}") from None
    return Example(said["id"], f"{source} {period}", values, PERIODS.get(period, 1)), known
