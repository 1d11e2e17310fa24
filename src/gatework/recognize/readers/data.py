"""One reader for all: what the path is, decides."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gatework.errors import DataError, OptionError
from gatework.recognize.features.base import Features
from gatework.recognize.readers.arrays import is_idx, read_arrays, read_idx
from gatework.recognize.readers.bad import check_there
from gatework.recognize.readers.defaults import NAMES, check_settings, default_features
from gatework.recognize.readers.files import PLURALS, kind_of, other_kind, other_model, read_files
from gatework.recognize.readers.folders import Listed, list_files
from gatework.recognize.readers.lines import read_lines
from gatework.recognize.readers.rows import is_rows, read_rows
from gatework.recognize.readers.tables import open_table, read_table
from gatework.recognize.readers.ts import read_ts
from gatework.recognize.sequences import Sequences
from gatework.storage.reading import refuse_special
from gatework.tabular.style import ReadingStyle

TABLES = (".csv", ".tsv", ".xlsx", ".ods", ".parquet", ".jsonl", ".ndjson")


def read_data(
    source: str | os.PathLike[str],
    *,
    features: Features | None = None,
    name: str | None = None,
    settings: dict[str, Any] | None = None,
    kind: str | None = None,
    layout: str | None = None,
    label_column: str = "label",
    skip_bad: bool = False,
    interpolate: bool = False,
    streams: bool = False,
    style: ReadingStyle | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Sequences:
    """Read sequences and their labels from whatever holds them.

    A folder with a folder for each class, or a table of paths and labels: pictures, sound, texts.
    A table of numbers (.csv, .xlsx), a .ts file, arrays (.npy, .npz), a file of MNIST (-idx3-), a
    text whose lines are sequences (.txt), or a single picture or sound.

    Args:
        source: a file or a folder.
        features: of a model that the sequences are for.
        name: of new features, without a model; as default_features takes it.
        settings: of new features.
        kind: "image", "sound" or "text", for folders that mix them.
        layout: of a table, as read_table takes it.
        label_column: of a table.
        skip_bad: leave out files that cannot be used.
        interpolate: fill what is missing within a series of numbers between its neighbours.
        streams: sound is to be recognised while it comes, as default_features takes it.
        style: how a table or a text is to be read, as far as it is known.
        told: told how many files were read.

    Raises:
        InputFileError: when it is not there. DataError: when it cannot be used.
        OptionError: when an argument does not fit to what is there.
    """
    path = Path(source)
    check_there(path)
    if kind is not None and kind not in NAMES:
        raise OptionError(f"kind must be one of {', '.join(NAMES)}, got {kind!r}")
    suffix = path.suffix.lower()
    files = _lists_files(path, style)
    encoding = style.encoding if style else None
    if files or kind_of(path) in ("image", "sound"):
        listed = (
            list_files(path, kind=kind, label_column=label_column, style=style)
            if files
            else Listed((path,), None, str(kind_of(path)))
        )
        made = features or default_features(
            listed.kind, listed.paths, name=name, settings=settings, streams=streams
        )
        _fits(path, listed.kind, made)
        found = read_files(listed.paths, made, labels=listed.labels, skip_bad=skip_bad, told=told)
        return replace(found, remarks=listed.remarks + found.remarks)
    if is_idx(path):
        return read_idx(path, features=features or _pictures(path, name, settings))
    if name is not None and not (suffix == ".txt" and name == "characters"):
        raise OptionError(
            f"'{path}' holds numbers or text, and is not read as {name!r}", hint="leave --as out"
        )
    if is_rows(path):
        if features is not None and features.reads != "table":
            raise _other(path, features)
        return read_rows(path, encoding=encoding, interpolate=interpolate)
    if suffix == ".txt":
        if features is not None:
            _fits(path, "text", features)
        return read_lines(path, features=features, encoding=encoding)
    if features is not None and features.reads != "table":
        raise _other(path, features)
    if suffix in TABLES:
        return read_table(
            path,
            layout=layout,
            label_column=label_column,
            features=features,
            style=style,
            interpolate=interpolate,
        )
    if suffix == ".ts":
        return read_ts(path, encoding=encoding, interpolate=interpolate)
    if suffix in (".npy", ".npz"):
        return read_arrays(path)
    refuse_special(path)
    raise DataError(
        f"'{path}' is of no kind that is read",
        hint="a folder per class, .csv, .ts, .npy, .npz, .txt, a picture or a sound",
    )


def read_for(
    features: Features | None,
    called: str,
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    skip_bad: bool,
    style: ReadingStyle | None,
) -> Sequences:
    """Read whatever holds sequences, or paths of files, for a model that is ``called`` so.

    Raises:
        OptionError: when the model has no features, and files of their own are to be read.
        InputFileError, DataError: as ``read_data`` does.
    """
    if isinstance(path, str | os.PathLike):
        if features is not None or not names_files(Path(path)):
            return read_data(path, features=features, skip_bad=skip_bad, style=style)
    elif features is not None:
        return read_files(path, features, skip_bad=skip_bad)
    raise OptionError(
        f"this {called} was fitted to arrays and has no features, so it reads no files",
        hint="fit it to what gatework.recognize.readers.read_data gives",
    )


def _other(path: Path, features: Features) -> DataError:
    reads = PLURALS.get(features.reads, features.reads)
    return DataError(f"'{path}' holds numbers, but the model reads {reads}")


def heeded(source: str | os.PathLike[str]) -> set[str]:
    """Return which arguments of ``read_data`` count for a source, with what is said of tables."""
    path = Path(source)
    if not path.exists():
        return {"kind", "layout", "label_column", "skip_bad", "settings"} | _OF_TABLES
    if is_rows(path):
        return {"encoding", "interpolate"}
    if _lists_files(path):
        table = set() if path.is_dir() else {"label_column", "encoding", "sheet"}
        return {"kind", "skip_bad", "settings"} | table
    if kind_of(path) in ("image", "sound"):
        return {"skip_bad", "settings"}
    if is_idx(path):
        return {"settings"}
    suffix = path.suffix.lower()
    if suffix in (".txt", ".ts"):
        return {"encoding", "interpolate"} if suffix == ".ts" else {"encoding"}
    return {"layout", "label_column"} | _OF_TABLES if suffix in TABLES else set()


_OF_TABLES = {"encoding", "sheet", "missing_mark", "decimal", "interpolate"}


def names_files(path: Path) -> bool:
    """Return whether the sequences of a source are files, and have their paths for names.

    Raises:
        InputFileError, DataError: when it is a table that cannot be read.
    """
    return _lists_files(path) or kind_of(path) in ("image", "sound")


def _lists_files(path: Path, style: ReadingStyle | None = None) -> bool:
    if path.is_dir():
        return True
    return (
        path.suffix.lower() in TABLES
        and not is_rows(path)
        and "path" in open_table(path, style).columns
    )


def _fits(path: Path, kind: str, features: Features) -> None:
    """Check that features read what a source holds.

    Raises:
        DataError: when they do not.
    """
    if features.reads == kind:
        return
    if path.is_file() and kind_of(path) == kind:
        raise DataError(f"'{path}' {other_kind(kind, features)}", hint=other_model(kind))
    raise DataError(f"'{path}' holds files of the kind {kind}, but {features.reads} is read")


def _pictures(path: Path, name: str | None, settings: dict[str, Any] | None) -> Features | None:
    if name is None:
        if settings:
            raise OptionError(f"'{path}' holds pictures: which features?", hint="--as rows")
        return None
    if name not in NAMES["image"]:
        raise OptionError(f"'{path}' holds pictures, which are not read as {name!r}")
    check_settings(name, NAMES["image"][name], settings or {})
    return NAMES["image"][name](**(settings or {}))
