"""Which files there are and what they are labelled: a folder per class, or a table of paths."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from gatework.errors import DataError
from gatework.recognize.readers.files import SUFFIXES, kind_of
from gatework.recognize.readers.tables import open_table, take_labels
from gatework.storage.reading import passed_over
from gatework.tabular.column import naming
from gatework.tabular.style import ReadingStyle


@dataclass(frozen=True)
class Listed:
    """Files, their labels where they are known, and what they hold.

    Attributes:
        paths: of the files, sorted by name within a label.
        labels: of each, or None.
        kind: "image", "sound" or "text".
        remarks: which files were passed over, and how a table was read.
    """

    paths: tuple[Path, ...]
    labels: tuple[str, ...] | None
    kind: str
    remarks: tuple[str, ...] = ()


def list_files(
    source: str | os.PathLike[str],
    *,
    kind: str | None = None,
    label_column: str = "label",
    style: ReadingStyle | None = None,
) -> Listed:
    """Return the files of a folder with a folder per class, of a flat folder, or of a table.

    In a folder with folders in it, the name of each is the label of the files below it. A flat
    folder has no labels. A table has the columns "path", relative to the table, and, where labels
    are known, ``label_column``.

    Args:
        source: a folder, or a table.
        kind: "image", "sound" or "text"; where left out, what the endings of the files say.
        label_column: in a table.
        style: how a table is to be read, as far as it is known.

    Raises:
        InputFileError: when there is no such folder or file.
        DataError: when there are no files, a class has none, or kinds are mixed.
    """
    source = Path(source)
    if source.is_dir():
        return _of_folder(source, kind)
    return _of_table(source, kind, label_column, style)


def _of_folder(folder: Path, kind: str | None) -> Listed:
    visible = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    classes = [entry for entry in visible if entry.is_dir()]
    found: list[tuple[Path, str]] = []
    special = list(visible)
    hidden = [entry for entry in folder.iterdir() if entry.name.startswith(".")]
    hidden = [entry for entry in hidden if entry.is_file()]
    for one in classes:
        entries = list(one.rglob("*"))
        special += entries
        below = [path for path in entries if path.is_file()]
        files = sorted(p for p in below if "/." not in "/" + p.relative_to(one).as_posix())
        hidden += sorted(set(below) - set(files))
        if not files:
            raise DataError(
                f"the folder of the class {one.name!r} {_without_files(entries)}: '{one}'",
                hint="fill it, or remove it",
            )
        found += [(path, unicodedata.normalize("NFC", one.name)) for path in files]
    loose = [entry for entry in visible if entry.is_file()]
    flat = not classes
    if flat:
        found = [(path, "") for path in loose]
        loose = []
    if not found:
        raise DataError(
            f"the folder '{folder}' {_without_files(special)}",
            hint="a folder for each class, with its files in it",
        )
    kind = kind or _common_kind([path for path, _ in found], folder)
    kept = [(path, label) for path, label in found if kind_of(path) == kind]
    passed = [path for path, _ in found if kind_of(path) != kind] + loose
    missing = sorted({label for _, label in found} - {label for _, label in kept})
    if missing:
        raise DataError(
            f"the folder '{folder if flat else folder / missing[0]}' has no file of the kind {kind}"
        )
    passed += hidden
    said = ", ".join(f"'{path}'" for path in passed[:3]) + (", ..." if len(passed) > 3 else "")
    what = "1 file" if len(passed) == 1 else f"{len(passed)} files"
    kinds = "hidden, of another kind, or in no class"
    remarks = [f"passed over {what}, {kinds}: {said}"] if passed else []
    remarks += [
        f"passed over what is no ordinary file: {told}" for told in [passed_over(special)] if told
    ]
    return Listed(
        tuple(path for path, _ in kept),
        None if flat else tuple(label for _, label in kept),
        kind,
        tuple(remarks),
    )


def _without_files(entries: list[Path]) -> str:
    told = passed_over(entries)
    return f"holds no file, only {told}" if told else "is empty"


def _common_kind(paths: list[Path], where: Path) -> str:
    kinds = Counter(kind for path in paths if (kind := kind_of(path)) is not None)
    if not kinds:
        known = ", ".join(sorted(suffix for group in SUFFIXES.values() for suffix in group))
        raise DataError(
            f"no file of '{where}' has a known ending, such as '{paths[0].name}'",
            hint=f"known are {known}",
        )
    sure = {kind: count for kind, count in kinds.items() if kind != "text"} or kinds
    if len(sure) > 1:
        said = ", ".join(f"{count} of the kind {kind}" for kind, count in kinds.most_common())
        raise DataError(
            f"'{where}' mixes kinds of files: {said}", hint="one kind a folder, or --kind"
        )
    return next(iter(sure))


def _of_table(
    table: Path, kind: str | None, label_column: str, style: ReadingStyle | None
) -> Listed:
    found = open_table(table, style)
    if "path" not in found.columns:
        raise DataError(f"'{table}' has no column 'path'", hint="path,label in its first line")
    with naming(f"'{table}', "):
        named = found.texts("path", "the path is empty", "name the file, or take the row out")
    paths = [table.parent / name for name in named]
    labels = take_labels(table, found, label_column)
    kind = kind or _common_kind(paths, table)
    return Listed(tuple(paths), labels, kind, tuple(found.notes))
