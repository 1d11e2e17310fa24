"""``gatework write train``: learn from texts."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import click

from gatework.cli.folder import check_files
from gatework.cli.options import Options, argument, command_of, json_flag, option, seed
from gatework.cli.output import say_json
from gatework.cli.training import (
    ABOVE_0,
    STEPS_BETWEEN,
    fit,
    settings_of,
    settings_option,
)
from gatework.cli.values import sizes
from gatework.errors import counted
from gatework.system import terminal

SEEN = 10_000
"""Characters of a document that tell how long its tokens are."""


class Told:
    """The progress of a training: a bar, and a line for each epoch that stays.

    Args:
        console: where both go; the bar only where it is a terminal.
        say: says a loss in words.
    """

    def __init__(self, console: Any, say: Callable[[float], str]) -> None:
        from gatework.train import RichProgress

        bar = RichProgress(console)
        self.start, self.step, self.stop = bar.start, bar.step, bar.stop
        self._bar, self._console, self._say = bar, console, say

    def epoch(self, number: int, loss: float, validation: float | None) -> None:
        """Write the line of an epoch."""
        line = f"epoch {number}: loss {self._say(loss)}"
        if validation is not None:
            line += f", validation {self._say(validation)}"
        self._console.print(line, markup=False, soft_wrap=True)
        self._bar.epoch(number, loss, None)


class WriterTraining(Options):
    """Learn from text FILEs, or from all files in folders; write a MODEL.

    Shows loss, perplexity, bits a character, tokens a second, the time left, and after each epoch
    how the network writes by now. A training that was stopped, by Ctrl-C or a power cut, goes on
    where it was when the same command is given again: MODEL.checkpoint keeps it until it is done.

    Presets: plain, small, deep, words, verse, awd, awd-adam, slstm.

    \b
    gatework write train shakespeare.txt --out bard.safetensors
    gatework write train poems.txt --unit line --preset verse --out tang.safetensors
    gatework write train books/ --level word --preset words --vocabulary-size 20000 --out m.st
    """  # noqa: D301

    files: tuple[str, ...] = argument("FILE...")
    out: str = option("The model file to write.", metavar="MODEL")
    level: Literal["char", "word", "bytes"] = option(default="char")
    preset: str = option("Settings by name, see below.", default="plain")
    unit: Literal["file", "line"] = option("What a document is.", default="file")
    encoding: str = option("Of the files.", default="utf-8")
    pattern: str = option("Of files in folders: '*.txt'.", default="*")
    no_normalize: bool = option("Keep combining marks apart from their letters.")
    vocabulary_size: int | None = option("At most; the rarest are left out.", least=3)
    min_count: int = option(
        "Times that a token must come.", "--least", least=1, default=1, show_default=False
    )
    validation: float = option(
        "Share that is not learned from and chooses the epoch.",
        type=click.FloatRange(0, 1, max_open=True),
        default=0.1,
    )
    epochs: int | None = option("Passes over the text.", least=1)
    hidden_sizes: tuple[int, ...] | None = option(
        "Units of each layer: 256 or 512,512.", type=sizes
    )
    batch_size: int | None = option("Streams side by side.", least=1)
    bptt: int | None = option("Tokens between two cuts of the gradient.", "--steps", least=1)
    learning_rate: float | None = option("The greatest.", type=ABOVE_0)
    changes: tuple[tuple[str, Any], ...] = settings_option("Any setting.", "--set")
    seed: int = seed()
    no_novelty: bool = option("Do not keep the text in the model file.")
    quiet: bool = option("No samples between the epochs.")
    overwrite: bool = option("Replace the model if it is there.")
    as_json: bool = json_flag()

    def _check(self) -> None:
        if self.level == "bytes":
            self.refuse(("vocabulary_size", "min_count"), "does not go with --level bytes")
        if not any(Path(path).is_dir() for path in self.files):
            self.refuse(("pattern",), "is for folders, and none is among FILE")

    def _run(self) -> None:
        from gatework.write import Writer, read_corpus
        from gatework.write.fitting import say_loss
        from gatework.write.settings import setting_names

        out, checkpoint = self.out, Path(f"{self.out}.checkpoint")
        check_files({"--out": out}, {path: path for path in self.files}, overwrite=self.overwrite)
        direct = ("epochs", "hidden_sizes", "batch_size", "bptt", "learning_rate")
        known = setting_names()
        known += tuple(old for old, new in Writer.RENAMED.items() if new in known)
        console = terminal.console(stderr=True)
        writer = Writer(
            **self.values("level", "preset", "vocabulary_size", "min_count", "validation", "seed"),
            memorization=not self.no_novelty,
            checkpoint=checkpoint,
            checkpoint_every=STEPS_BETWEEN,
            on_sample=None if self.quiet else _heard(console),
            **settings_of(self, self.changes, direct, known, "drop_connect=0.2"),
        )
        writer.check()
        how = self.values("unit", "encoding", "pattern")
        how["normalize"] = not self.no_normalize
        corpus = read_corpus(self.files, without=(out, checkpoint), **how)
        console.print(corpus.words(), markup=False, soft_wrap=True)
        writer.progress = Told(console, say_loss(_characters_a_token(corpus, self.level)))
        figures = fit(writer, out, corpus, overwrite=self.overwrite, console=console)
        _tell(writer, figures, as_json=self.as_json)


def _characters_a_token(corpus: Any, level: str) -> float:
    """Return how many characters a token has in the beginning of a corpus, for bits a character."""
    from gatework.write.vocabulary import split

    texts = [text[:SEEN] for text in islice(corpus.documents, 100)]
    tokens = sum(len(split(text, level)) for text in texts)
    return sum(map(len, texts)) / max(tokens, 1)


def _heard(console: Any) -> Any:
    from rich.text import Text

    def heard(sample: str) -> None:
        console.print(Text(sample.strip() + "\n", style="dim"))

    return heard


def _tell(writer: Any, figures: dict[str, Any], *, as_json: bool) -> None:
    from gatework.write.fitting import say_perplexity

    loss, baseline = figures["validation_loss"], writer.baseline_
    figures |= {
        "tokens": len(writer.vocabulary_),
        "validation_perplexity": None if loss is None else math.exp(min(loss, 700)),
        "kneser_ney_loss": None if baseline is None else baseline.loss,
        "notes": list(writer.notes_),
    }
    if as_json:
        say_json(figures)
        return
    for note in writer.notes_[1:]:
        click.echo(note)
    click.echo(
        f"{figures['model']}: {figures['parameters']:,} parameters, {figures['tokens']:,} tokens, "
        + counted(figures["epochs"], "epoch")
    )
    if loss is not None:
        click.echo(
            f"validation loss {loss:.4f} nats a token, perplexity {say_perplexity(loss)}, "
            f"at epoch {figures['best_epoch']}"
        )
    if loss is not None and baseline is not None:
        click.echo(baseline.sentence(loss))


command = command_of(WriterTraining)
