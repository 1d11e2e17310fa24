"""What the commands of ``gatework recognize`` share: options of data, reading, models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import click

from gatework.cli.options import Options, option, typed
from gatework.cli.output import status
from gatework.cli.table import FileOptions, NumberOptions
from gatework.errors import OptionError, counted
from gatework.files.kinds import KINDS
from gatework.recognize.inverted import tell_inverted
from gatework.recognize.packed import packed
from gatework.recognize.readers import read_data
from gatework.recognize.readers.data import heeded
from gatework.recognize.sequences import Sequences
from gatework.storage import read_sealed


class DataOptions(NumberOptions, FileOptions):
    """How data are read."""

    kind: Literal["image", "sound", "text"] | None = option(
        "Of the files, where a folder mixes them."
    )
    label_column: str = option("Column of the labels in a table.", default="label", metavar="NAME")
    layout: Literal["wide", "long"] | None = option(
        "Of a table of numbers: a sequence a row, or a step a row (id, time, values)."
    )
    skip_bad: bool = option("Leave out files that cannot be used, and say so.")
    interpolate: bool = option(
        "Fill what is missing within a series of numbers between its neighbours, and say so."
    )

    def check_sources(self, *sources: str) -> None:
        """Refuse what was typed of how to read, and means nothing for any of these sources."""
        count = set().union(*map(heeded, sources))
        count |= {"size", "rate"} if "settings" in count else set()
        named = {"kind", "label_column", "layout", "skip_bad", "settings", "size", "rate"}
        named.add("interpolate")
        named |= TYPED_OF_TABLES
        self.refuse(named - count, f"says nothing about {sources[0]}")

    def read(self, source: str, model: Any = None, **more: Any) -> Sequences:
        """Return the sequences of a source, for a model, telling on a terminal how far it is."""
        if model is not None:
            more["features"] = model.features_
        ours = self.values("kind", "label_column", "layout", "skip_bad", "interpolate")
        with counting() as told:
            found = read_data(source, told=told, style=self.style(), **ours, **more)
        if model is not None:
            found = tell_inverted(found, model.scaling_)
        say_remarks(found)
        return found


TYPED_OF_TABLES = {one.name for kind in (NumberOptions, FileOptions) for one in typed(kind)}
"""Options of tables, by name."""


class SearchOptions(Options):
    """How a transcript is searched for."""

    beam: int | None = option(
        "Of a transcriber: beginnings that its search keeps.  [default: 1]", least=1
    )
    writer: str | None = option(
        "A language model of characters, from gatework write train, to heed.", metavar="MODEL"
    )
    alpha: float | None = option("How much to heed it.  [default: 0.5]", type=click.FloatRange(0))
    beta: float | None = option("Bonus of each letter.  [default: 0]", type=float)

    def set_search(self, model: Any) -> None:
        """Give a transcriber the search that is asked for.

        Raises:
            click.UsageError: when a search is asked for and the model does not transcribe, or does
                not search, or has no language model to heed.
            InputFileError, FileFormatError: when the language model cannot be read.
        """
        names = ("beam", "writer", "alpha", "beta")
        if model.file_kind != TASKS["transcript"]:
            self.refuse(names, "is for a model that transcribes")
        if (self.beam or 1) == 1:
            self.refuse(names[1:], "needs a search of more than one beginning", "--beam 16")
        if self.writer is None:
            self.refuse(("alpha",), "goes with --writer MODEL")
        for name, value in self.values("beam", "alpha", "beta").items():
            if value is not None:
                setattr(model, name, value)
        if self.writer is not None:
            from gatework.write.token_models import open_token_model

            model.language_model = open_token_model(self.writer)


def say_remarks(sequences: Sequences) -> None:
    """Write what was done to the files to the standard error."""
    for remark in sequences.remarks:
        click.echo(remark, err=True)


@contextmanager
def counting() -> Iterator[Callable[[int, int], None] | None]:
    """Give what tells of files that were read, None where nobody looks."""
    with status("reading") as told:
        yield told and (
            lambda done, total: told.update(f"reading {done} of {counted(total, 'file')}")
        )


def load_model(path: str) -> Any:
    """Return a model that recognises, as the runtime runs it, without torch.

    Raises:
        InputFileError, FileFormatError: when there is no such file, or it is damaged.
        OptionError: when it is a model of another kind.
    """
    sealed = read_sealed(path, kinds=KINDS)
    if sealed.kind in TASKS.values():
        return packed(sealed, path)
    kind = KINDS[sealed.kind].rpartition(":")[2]
    raise OptionError(
        f"{path} holds a {kind}, which recognises nothing",
        hint="gatework recognize train DATA --out MODEL writes one that does",
    )


TASKS = {
    "class": "sequence_classifier",
    "tags": "sequence_tagger",
    "number": "sequence_regressor",
    "transcript": "transcriber",
}
"""The kind of model for each task."""


def task_of(model: Any) -> str:
    """Return the task of a model."""
    return next(task for task, kind in TASKS.items() if kind == model.file_kind)
