"""``gatework write train``: learn from texts."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

LEVELS = ("char", "word", "bytes")
STEPS_BETWEEN = 200
"""Steps between two checkpoints: about a minute of work for the usual network."""


SEEN = 10_000
"""Characters of a document that tell how long its tokens are."""


class Sizes(click.ParamType):
    """Whole numbers with commas between them."""

    name = "sizes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the numbers."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is no list of whole numbers such as 256 or 512,512", param, ctx)


class Setting(click.ParamType):
    """NAME=VALUE, the value a number, a word or a JSON value."""

    name = "setting"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Any]:
        """Return name and value."""
        if isinstance(value, tuple):
            return value
        name, equals, given = str(value).partition("=")
        if not equals:
            self.fail(f"{value!r} is no NAME=VALUE such as drop_connect=0.2", param, ctx)
        try:
            read = json.loads(given)
        except json.JSONDecodeError:
            read = given
        return name.strip(), "none" if read is None else read


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
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)
        self._bar.epoch(number, loss, None)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--out", required=True, metavar="MODEL", help="The model file to write.")
@click.option("--level", type=click.Choice(LEVELS), default="char", show_default=True)
@click.option("--preset", default="plain", show_default=True, help="Settings by name, see below.")
@click.option(
    "--unit",
    type=click.Choice(["file", "line"]),
    default="file",
    show_default=True,
    help="What a document is.",
)
@click.option("--encoding", default="utf-8", show_default=True, help="Of the files.")
@click.option("--pattern", default="*", show_default=True, help="Of files in folders: '*.txt'.")
@click.option("--vocabulary-size", type=click.IntRange(3), help="At most; the rarest are left out.")
@click.option("--least", type=click.IntRange(1), default=1, help="Times that a token must come.")
@click.option(
    "--validation",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.1,
    show_default=True,
    help="Share that is not learned from and chooses the epoch.",
)
@click.option("--epochs", type=click.IntRange(1), help="Passes over the text.")
@click.option("--hidden-sizes", type=Sizes(), help="Units of each layer: 256 or 512,512.")
@click.option("--batch-size", type=click.IntRange(1), help="Streams side by side.")
@click.option("--steps", type=click.IntRange(1), help="Tokens between two cuts of the gradient.")
@click.option("--learning-rate", type=click.FloatRange(0, min_open=True), help="The greatest.")
@click.option(
    "--set", "changes", multiple=True, type=Setting(), metavar="NAME=VALUE", help="Any setting."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option("--no-novelty", is_flag=True, help="Do not keep the text in the model file.")
@click.option("--quiet", is_flag=True, help="No samples between the epochs.")
@click.option("--overwrite", is_flag=True, help="Replace the model if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(files: tuple[str, ...], **options: Any) -> None:
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
    from rich.console import Console

    from gatework.cli.folder import check_apart, check_new_file
    from gatework.errors import OptionError, OutputError
    from gatework.files import save
    from gatework.write import Writer, read_corpus
    from gatework.write.fitting import say_loss
    from gatework.write.settings import setting_names

    out = options["out"]
    if not options["overwrite"]:
        check_new_file(out)
    elif Path(out).is_dir():
        raise OutputError(f"{out} is a folder, expected the name of a file", hint="--out FILE")
    check_apart({"--out": out}, {path: path for path in files})
    changes = dict(options["changes"])
    for name in changes:
        if name not in setting_names():
            raise OptionError(
                f"there is no setting {name!r}: {', '.join(setting_names())}",
                hint="--set drop_connect=0.2",
            )
    given = ("epochs", "hidden_sizes", "batch_size", "steps", "learning_rate")
    changes |= {name: options[name] for name in given if options[name] is not None}
    console = Console(stderr=True)
    checkpoint = Path(f"{out}.checkpoint")
    writer = Writer(
        options["level"],
        preset=options["preset"],
        vocabulary_size=options["vocabulary_size"],
        least=options["least"],
        validation=options["validation"],
        novelty=not options["no_novelty"],
        seed=options["seed"],
        checkpoint=checkpoint,
        checkpoint_every=STEPS_BETWEEN,
        hear=None if options["quiet"] else _heard(console),
        **changes,
    )
    writer.check()
    corpus = read_corpus(
        files,
        unit=options["unit"],
        encoding=options["encoding"],
        pattern=options["pattern"],
        without=(out, checkpoint),
    )
    console.print(corpus.words(), highlight=False, markup=False)
    writer.progress = Told(console, say_loss(_characters_a_token(corpus, options["level"])))
    if checkpoint.exists():
        console.print(f"going on from {checkpoint}", highlight=False, markup=False)
    writer.fit(corpus)
    path = save(writer, out, overwrite=options["overwrite"])
    checkpoint.unlink(missing_ok=True)
    _tell(writer, path, as_json=options["as_json"])


def _characters_a_token(corpus: Any, level: str) -> float:
    """Return how many characters a token has in the beginning of a corpus, for bits a character."""
    from itertools import islice

    from gatework.write.vocabulary import split

    texts = [text[:SEEN] for text in islice(corpus.documents, 100)]
    tokens = sum(len(split(text, level)) for text in texts)
    return sum(map(len, texts)) / max(tokens, 1)


def _heard(console: Any) -> Any:
    from rich.text import Text

    def heard(sample: str) -> None:
        console.print(Text(sample.strip() + "\n", style="dim"))

    return heard


def _tell(writer: Any, path: Path, *, as_json: bool) -> None:
    from gatework.write.fitting import say_perplexity

    history = writer.history_
    loss = min(history.validation) if history.validation else None
    figures = {
        "model": str(path),
        "tokens": len(writer.vocabulary_),
        "parameters": sum(p.numel() for p in writer.network_.parameters()),
        "epochs": len(history.losses),
        "best_epoch": history.best_epoch,
        "train_loss": history.losses[-1],
        "validation_loss": loss,
        "validation_perplexity": None if loss is None else math.exp(min(loss, 700)),
        "notes": list(writer.notes_),
    }
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    for note in writer.notes_[1:]:
        click.echo(note)
    click.echo(
        f"{path}: {figures['parameters']:,} parameters, {figures['tokens']:,} tokens, "
        f"{figures['epochs']} epoch{'s' if figures['epochs'] != 1 else ''}"
    )
    if loss is not None:
        click.echo(
            f"validation loss {loss:.4f} nats a token, perplexity {say_perplexity(loss)}, "
            f"at epoch {history.best_epoch}"
        )
