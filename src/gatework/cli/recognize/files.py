"""``gatework recognize MODEL FILE...``: what files are, with probabilities."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from gatework.cli.options import argument, command_of, json_flag, option
from gatework.cli.output import say_json, show, table_of
from gatework.cli.recognize.reading import (
    DataOptions,
    SearchOptions,
    counting,
    load_model,
    say_remarks,
)
from gatework.recognize.inverted import tell_inverted
from gatework.recognize.readers import read_files
from gatework.recognize.readers.data import names_files
from gatework.recognize.readers.files import kind_of
from gatework.recognize.sequences import Sequences

Row = dict[str, Any]


class Files(DataOptions, SearchOptions):
    """Recognise FILEs: pictures, sound, texts, tables, .ts files, arrays, or folders of them.

    For each sequence a line tells its label, its probability, and the second best. The files are
    read with the features that are in the MODEL: sound of another rate is resampled, pictures of
    another size are scaled, and both is said. Where there are several FILEs, each line or row is
    named with its file.

    \b
    gatework recognize words.safetensors one.wav two.flac
    gatework recognize digits.safetensors scans/ --json
    """  # noqa: D301

    model: str = argument()
    files: tuple[str, ...] = argument("FILE...")
    top: int = option("Classes to name of each.", least=1, default=2)
    as_json: bool = json_flag("Print a JSON object a sequence, in a line.")

    def _run(self) -> None:
        loaded = load_model(self.model)
        self.set_search(loaded)
        if loaded.file_kind != "sequence_classifier":
            self.refuse(("top",), "is for a model that classifies")
        self.check_sources(*self.files)
        rows: list[Row] = []
        for sequences in _read(loaded, self):
            rows += recognised(loaded, sequences, self.top)
        if self.as_json:
            for row in rows:
                say_json(row)
        else:
            _show(rows, self.top)


def _read(model: Any, options: Files) -> list[Sequences]:
    """Return the sequences of all files; pictures and sounds are read together.

    Where there are several files, sequences that are part of one are named with it.
    """
    features, found, single = model.features_, [], []
    if features is not None and features.reads in ("image", "sound"):
        single = [
            path
            for path in options.files
            if not Path(path).is_dir() and kind_of(Path(path)) in ("image", "sound")
        ]
        if single:
            with counting() as told:
                read = read_files(single, features, skip_bad=options.skip_bad, told=told)
            found.append(tell_inverted(read, model.scaling_))
            say_remarks(found[0])
    for path in options.files:
        if path in single:
            continue
        sequences = options.read(path, model=model)
        if len(options.files) > 1 and not names_files(Path(path)):
            names = tuple(f"{path}, {name}" for name in sequences.names)
            sequences = replace(sequences, names=names)
        found.append(sequences)
    return found


def recognised(model: Any, sequences: Sequences, top: int) -> list[Row]:
    """Return what a model says of each sequence, as JSON values."""
    names = [{"name": name} for name in sequences.names]
    if model.file_kind == "sequence_classifier":
        classes = list(map(str, model.classes_.tolist()))
        found = [best(row, classes, top) for row in model.predict_proba(sequences)]
    elif model.file_kind == "sequence_tagger":
        found = [{"labels": list(map(str, row))} for row in model.predict(sequences)]
    elif model.file_kind == "transcriber":
        found = [
            {"text": "".join(one.labels), "score": one.score} for one in model.transcribe(sequences)
        ]
    else:
        found = [{"value": value} for value in model.predict(sequences).tolist()]
    return [name | said for name, said in zip(names, found, strict=True)]


def best(probabilities: Any, classes: list[str], top: int) -> Row:
    """Return the most probable class of a sequence, and the next ones."""
    order = (-probabilities).argsort(kind="stable")[:top].tolist()
    ranked = [{"label": classes[n], "probability": float(probabilities[n])} for n in order]
    return ranked[0] | {"next": ranked[1:]}


def _show(rows: list[Row], top: int) -> None:
    heads, cells = ["sequence", "recognised"], []
    if "next" in rows[0]:
        heads = ["sequence", "label", "probability"]
        heads += ["then"] if top > 1 and rows[0]["next"] else []
    for row in rows:
        cells.append([row["name"], *_said(row)][: len(heads)])
    show(table_of("", heads, cells, words=len(heads)))


def _said(row: Row) -> list[str]:
    if "next" in row:
        others = ", ".join(f"{n['label']} {n['probability']:.1%}" for n in row["next"])
        return [row["label"], f"{row['probability']:.1%}", others]
    if "value" in row:
        return [in_words(row["value"])]
    return [row["text"] if "text" in row else " ".join(row["labels"])]


def in_words(value: float | list[float]) -> str:
    """Return what a regressor tells, one number or several.

    Example:
        >>> in_words([0.5, 1234567.0])
        '0.5, 1.23457e+06'
    """
    return ", ".join(f"{one:.6g}" for one in (value if isinstance(value, list) else [value]))


command = command_of(Files)
