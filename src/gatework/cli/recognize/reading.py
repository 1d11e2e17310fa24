"""What the commands of ``gatework recognize`` share: options of data, reading, models."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatework.recognize import Sequences

KINDS = ("image", "sound", "text")


def data_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how data are read."""
    for option in reversed(
        [
            click.option(
                "--kind", type=click.Choice(KINDS), help="Of the files, where a folder mixes them."
            ),
            click.option(
                "--label-column",
                default="label",
                show_default=True,
                metavar="NAME",
                help="Column of the labels in a table.",
            ),
            click.option(
                "--layout",
                type=click.Choice(["wide", "long"]),
                help="Of a table of numbers: a sequence a row, or a step a row (id, time, values).",
            ),
            click.option(
                "--skip-bad", is_flag=True, help="Leave out files that cannot be used, and say so."
            ),
        ]
    ):
        function = option(function)
    return function


def search_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how a transcript is searched for."""
    for option in reversed(
        [
            click.option(
                "--beam",
                type=click.IntRange(1),
                help="Of a transcriber: beginnings that its search keeps.  [default: 1]",
            ),
            click.option(
                "--writer",
                metavar="MODEL",
                help="A language model of characters, from gatework write train, to heed.",
            ),
            click.option(
                "--alpha", type=click.FloatRange(0), help="How much to heed it.  [default: 0.5]"
            ),
            click.option("--beta", type=float, help="Bonus of each letter.  [default: 0]"),
        ]
    ):
        function = option(function)
    return function


def set_search(model: Any, options: dict[str, Any]) -> None:
    """Give a transcriber the search that is asked for.

    Raises:
        OptionError: when a search is asked for and the model does not transcribe, or does not
            search.
        InputFileError, FileFormatError: when the language model cannot be read.
    """
    from gatework.errors import OptionError

    given = [name for name in ("beam", "writer", "alpha", "beta") if options[name] is not None]
    if given and model.file_kind != TASKS["transcript"]:
        raise OptionError(f"--{given[0]} is for a model that transcribes")
    if given and (options["beam"] or 1) == 1:
        raise OptionError(
            f"--{given[0]} needs a search of more than one beginning", hint="--beam 16"
        )
    for name in ("beam", "alpha", "beta"):
        if options[name] is not None:
            setattr(model, name, options[name])
    if options["writer"] is not None:
        from gatework.write.token_models import open_token_model

        model.voice = open_token_model(options["writer"])


def read(source: str, options: dict[str, Any], **more: Any) -> Sequences:
    """Return the sequences of a source, telling on a terminal how far it is."""
    from gatework.recognize.readers import read_data

    with counting() as told:
        found = read_data(
            source,
            kind=options["kind"],
            layout=options["layout"],
            label_column=options["label_column"],
            skip_bad=options["skip_bad"],
            told=told,
            **more,
        )
    say_remarks(found)
    return found


def say_remarks(sequences: Sequences) -> None:
    """Write what was done to the files to the standard error."""
    for remark in sequences.remarks:
        click.echo(remark, err=True)


@contextmanager
def counting() -> Iterator[Callable[[int, int], None] | None]:
    """Give what tells of files that were read, None where nobody looks."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with console.status("reading") as status:
        yield lambda done, total: status.update(f"reading {done} of {total} files")


def load_model(path: str) -> Any:
    """Return a model that recognises.

    Raises:
        InputFileError, FileFormatError: when there is no such file, or it is damaged.
        OptionError: when it is a model of another kind.
    """
    from gatework.errors import OptionError
    from gatework.files import load

    model = load(path)
    if getattr(model, "file_kind", "") not in TASKS.values():
        raise OptionError(
            f"{path} holds a {type(model).__name__}, which recognises nothing",
            hint="gatework recognize train DATA --out MODEL writes one that does",
        )
    return model


TASKS = {
    "class": "sequence_classifier",
    "tags": "sequence_tagger",
    "number": "sequence_regressor",
    "transcript": "transcriber",
}
"""The kind of model for each task."""


def features_of(model: Any) -> Any:
    """Return the features of a fitted model, None where it reads numbers as they are."""
    return model.features_
