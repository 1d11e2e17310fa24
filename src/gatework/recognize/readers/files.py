"""Files of one kind, each a sequence: what the folder and the table of paths come down to."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gatework.errors import DataError, OptionError, counted
from gatework.recognize.features.base import Features
from gatework.recognize.readers import images, sound, text
from gatework.recognize.readers.bad import NAMED, BadFile, settle
from gatework.recognize.sequences import Content, Label, Sequences

READ: dict[str, Callable[[Path, Any], tuple[Content, tuple[str, ...]]]] = {
    "image": images.read_image,
    "sound": sound.read_sound,
    "text": text.read_text,
}
SUFFIXES = {"image": images.SUFFIXES, "sound": sound.SUFFIXES, "text": text.SUFFIXES}
_SAID = {"image": "picture", "sound": "sound", "text": "text"}
PLURALS = {"image": "pictures", "sound": "sound", "text": "text", "table": "tables of numbers"}
"""What features read, in words."""


def kind_of(path: Path) -> str | None:
    """Return what a file holds by its ending, None where that is not known."""
    suffix = path.suffix.lower()
    return next((kind for kind, suffixes in SUFFIXES.items() if suffix in suffixes), None)


def other_kind(kind: str, features: Features) -> str:
    """Return what is said of a file of another kind than features read, after its path."""
    what = "a picture" if kind == "image" else _SAID[kind]
    return f"is {what}, but the model reads {PLURALS.get(features.reads, features.reads)}"


def other_model(kind: str) -> str:
    """Return the hint for a file of a kind that the model does not read."""
    return f"take a model that reads {PLURALS[kind]}"


def read_files(
    paths: Sequence[str | os.PathLike[str]],
    features: Features,
    *,
    labels: Sequence[Label] | None = None,
    skip_bad: bool = False,
    told: Callable[[int, int], None] | None = None,
) -> Sequences:
    """Read files of pictures, sound or text, each a sequence.

    Args:
        paths: of the files.
        features: what is made of their contents; they also say what is read.
        labels: of each file, where they are known.
        skip_bad: leave out files that cannot be used, with a remark, in place of an error.
        told: called with the files that were read and how many there are, now and then.

    Raises:
        DataError: when files cannot be used, all of them counted, the first ones named.
        OptionError: when the features read no files.
        MissingDependencyError: when the package that opens such files is missing.
    """
    if not paths:
        raise DataError("there is no file to read", hint="name at least one")
    if features.reads not in READ:
        raise OptionError(
            f"the features {features.kind!r} read {features.reads}s, and no pictures, sound or text"
        )
    if labels is not None and len(labels) != len(paths):
        raise DataError(
            f"there are {counted(len(paths), 'file')} but {counted(len(labels), 'label')}"
        )
    read = READ[features.reads]
    values, names, kept, contents = [], [], [], []
    bad: list[tuple[Path, BadFile]] = []
    done: dict[str, list[Path]] = {}
    for number, path in enumerate(map(Path, paths)):
        if told is not None and number % 50 == 0:
            told(number, len(paths))
        try:
            content, remarks = read(path, features)
        except BadFile as error:
            bad.append((path, _explained(path, features, error)))
            continue
        for remark in remarks:
            done.setdefault(remark, []).append(path)
        values.append(features(content))
        names.append(os.fspath(path))
        contents.append(content)
        if labels is not None:
            kept.append(labels[number])
    left_out = settle(bad, len(paths), skip_bad=skip_bad)
    if told is not None:
        told(len(paths), len(paths))
    return Sequences(
        tuple(values),
        tuple(names),
        tuple(kept) if labels is not None else None,
        features.reads,
        features,
        tuple(contents),
        left_out + tuple(_remark(done, _SAID[features.reads])),
    )


def _explained(path: Path, features: Features, error: BadFile) -> BadFile:
    """Return why a file cannot be used: by its ending it may be of another kind."""
    kind = kind_of(path)
    if kind in ("image", "sound") and kind != features.reads and path.is_file():
        return BadFile(other_kind(kind, features), other_model(kind))
    return error


def _remark(done: dict[str, list[Path]], what: str) -> list[str]:
    remarks = []
    for said, paths in done.items():
        remark = f"{len(paths)} {what}{'s' if len(paths) > 1 else ''}: {said}"
        if said.startswith(sound.NAMED_IN):
            more = f", and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
            remark += ": " + ", ".join(f"'{path}'" for path in paths[:NAMED]) + more
        remarks.append(remark)
    return remarks
