"""``gatework recognize MODEL FILE...``: what files are, with probabilities."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatework.cli.recognize.reading import (
    counting,
    data_options,
    features_of,
    load_model,
    read,
    say_remarks,
    search_options,
    set_search,
)

if TYPE_CHECKING:
    from gatework.recognize import Sequences

Row = dict[str, Any]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("model")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@data_options
@search_options
@click.option(
    "--top", type=click.IntRange(1), default=2, show_default=True, help="Classes to name of each."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a sequence, in a line.")
def command(model: str, files: tuple[str, ...], **options: Any) -> None:
    """Recognise FILEs: pictures, sound, texts, tables, .ts files, arrays, or folders of them.

    For each sequence a line tells its label, its probability, and the second best. The files are
    read with the features that are in the MODEL: sound of another rate is resampled, pictures of
    another size are scaled, and both is said. Where there are several FILEs, each line or row is
    named with its file.

    \b
    gatework recognize words.safetensors one.wav two.flac
    gatework recognize digits.safetensors scans/ --json
    """  # noqa: D301
    loaded = load_model(model)
    set_search(loaded, options)
    rows: list[Row] = []
    for sequences in _read(files, features_of(loaded), options):
        rows += recognised(loaded, sequences, options["top"])
    if options["as_json"]:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    else:
        _show(rows, options["top"])


def _read(files: tuple[str, ...], features: Any, options: dict[str, Any]) -> list[Sequences]:
    """Return the sequences of all files; pictures and sounds are read together.

    Where there are several files, sequences that are part of one are named with it.
    """
    from gatework.recognize.readers import read_files
    from gatework.recognize.readers.data import names_files
    from gatework.recognize.readers.files import kind_of

    found, single = [], []
    if features is not None and features.reads in ("image", "sound"):
        single = [
            path
            for path in files
            if not Path(path).is_dir() and kind_of(Path(path)) in ("image", "sound")
        ]
        if single:
            with counting() as told:
                found.append(read_files(single, features, skip_bad=options["skip_bad"], told=told))
            say_remarks(found[0])
    for path in files:
        if path in single:
            continue
        sequences = read(path, options, features=features)
        if len(files) > 1 and not names_files(Path(path)):
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
        found = [{"value": float(value)} for value in model.predict(sequences)]
    return [name | said for name, said in zip(names, found, strict=True)]


def best(probabilities: Any, classes: list[str], top: int) -> Row:
    """Return the most probable class of a sequence, and the next ones."""
    order = (-probabilities).argsort(kind="stable")[:top].tolist()
    ranked = [{"label": classes[n], "probability": float(probabilities[n])} for n in order]
    return ranked[0] | {"next": ranked[1:]}


def _show(rows: list[Row], top: int) -> None:
    from rich.markup import escape
    from rich.table import Table

    from gatework.cli.tables import console

    table = Table()
    table.add_column("sequence", overflow="fold")
    if "next" in rows[0]:
        table.add_column("label")
        table.add_column("probability", justify="right")
        if top > 1 and rows[0]["next"]:
            table.add_column("then")
        for row in rows:
            others = ", ".join(f"{n['label']} {n['probability']:.1%}" for n in row["next"])
            cells = [row["name"], row["label"], f"{row['probability']:.1%}"]
            table.add_row(*map(escape, cells + ([others] if others else [])))
    else:
        table.add_column("recognised", overflow="fold")
        for row in rows:
            table.add_row(escape(row["name"]), escape(_said(row)))
    console().print(table)


def _said(row: Row) -> str:
    if "value" in row:
        return f"{row['value']:.6g}"
    return row["text"] if "text" in row else " ".join(row["labels"])
