"""``gatework write MODEL``: go on with a text."""

from __future__ import annotations

import unicodedata
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import click

from gatework.cli.options import SHARE, Options, argument, command_of, json_flag, option
from gatework.cli.output import say_json
from gatework.cli.values import text_or_input
from gatework.write.corpus.reading import with_plain_ends
from gatework.write.sampling import Sampling, beam_search, write_many, write_on
from gatework.write.token_models import open_token_model


class Start(Options):
    """Go on with a text in the manner of what MODEL has learned.

    The text comes as it is written. Characters of the start that the model has never seen are
    named, and read as unknown.

    \b
    gatework write bard.safetensors --start "ROMEO:" --length 400
    gatework write bard.safetensors --start "To be" --count 5 --temperature 0.6 --json
    gatework write bard.safetensors --start "To be" --beam 8 --length 40
    """  # noqa: D301

    goes_on: ClassVar[str] = ""
    """How texts would not end."""

    model: str = argument()
    start: str = option(
        "How the text begins; - reads it from the input.", default="", show_default=False
    )
    length: int = option("Tokens.", least=1, default=400)
    count: int = option("Texts.", least=1, default=1)
    storage: Literal["float32", "float16", "int8"] = option(
        "How the weights are kept while writing.", default="int8"
    )
    as_json: bool = json_flag()

    @abstractmethod
    def texts(self, token_model: Any, start: str) -> list[dict[str, Any]]:
        """Return how texts go on, with what is known of each."""

    def tell(self, ended: Sequence[bool]) -> None:
        """Say on the standard error where the model ended texts before their length."""
        if any(ended):
            one = "the text" if len(ended) == 1 else f"{sum(ended)} of {len(ended)} texts"
            click.echo(f"the model ended {one} before {self.length} tokens{self.goes_on}", err=True)

    def _run(self) -> None:
        start = text_or_input(self.start)
        token_model = open_token_model(self.model, storage=self.storage)
        start = as_learned(token_model, start)
        name_unknown(token_model, start)
        texts = self.texts(token_model, start)
        self.tell([one["ended"] for one in texts])
        if self.as_json:
            say_json({"start": start, "texts": texts})
            return
        for number, text in enumerate(texts):
            if number:
                click.echo("\n---\n")
            click.echo(start + text["text"])


class Sampled(Options):
    """How tokens are drawn."""

    temperature: float = option(
        "Below 1 safer, above 1 bolder; 0 always takes the most likely.",
        type=click.FloatRange(0, 100),
        default=0.8,
    )
    top_k: int | None = option("Only the K most likely.", least=1)
    top_p: float | None = option("Only the most likely that together have P.", type=SHARE)
    min_p: float | None = option("Only those with P times the best one's chance.", type=SHARE)
    typical: float | None = option("Only the least unusual that together have P.", type=SHARE)
    repetition_penalty: float = option(
        "Above 1: what came lately comes less.", type=click.FloatRange(1, 100), default=1.0
    )
    repetition_window: int = option(
        "How many tokens back is lately.", needs="repetition_penalty", least=1, default=64
    )


class Drawn(Start, Sampled):
    """A text whose tokens are drawn."""

    goes_on = "; --endless goes on"

    seed: int = option(least=0, default=0)
    endless: bool = option("Go on where the model would end its document.")

    def texts(self, token_model: Any, start: str) -> list[dict[str, Any]]:
        """Return texts; a single one is printed as it comes."""
        asked = {
            "length": self.length,
            "sampling": Sampling(**self.part(Sampled)),
            "seed": self.seed,
            "stop_at_end": not self.endless,
        }
        rows: set[int] = set()
        asked["ended"] = rows.add
        if self.count > 1 or self.as_json:
            written = write_many(token_model, start, count=self.count, **asked)
            return [{"text": one, "ended": row in rows} for row, one in enumerate(written)]
        click.echo(start, nl=False)
        for piece in write_on(token_model, start, **asked):
            click.echo(piece, nl=False)
        click.echo()
        self.tell([bool(rows)])
        return []


class Searched(Start):
    """The most likely text, as far as a search finds it."""

    marks = ("beam",)

    beam: int | None = option("Search, do not draw.", least=1, metavar="WIDTH")

    def texts(self, token_model: Any, start: str) -> list[dict[str, Any]]:
        """Return the most likely texts."""
        width = max(self.beam or 1, self.count)
        found = beam_search(token_model, start, length=self.length, width=width, count=self.count)
        names = ("text", "ended", "log_probability")
        return [{name: getattr(one, name) for name in names} for one in found]


def as_learned(token_model: Any, text: str) -> str:
    """Return a text spelled as those that the model learned: plain line ends, composed letters."""
    plain, unknown = with_plain_ends(text), token_model.vocabulary.unknown_in
    composed = unicodedata.normalize("NFC", plain)
    return composed if len(unknown(composed)) <= len(unknown(plain)) else plain


def name_unknown(token_model: Any, text: str) -> None:
    """Say on the standard error what of a text the model has never seen."""
    unknown = token_model.vocabulary.unknown_in(text)
    if unknown:
        shown = ", ".join(repr(part) for part in unknown[:10])
        more = f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""
        click.echo(f"not known to this model, and read as unknown: {shown}{more}", err=True)


command = command_of(Drawn, Searched, told=Start)
