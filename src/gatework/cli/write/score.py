"""``gatework write score``: how surprising a text is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from gatework import look
from gatework.cli.folder import check_files
from gatework.cli.options import Options, argument, command_of, json_flag, option, refuse, spoken
from gatework.cli.output import say_json
from gatework.cli.values import text_or_input
from gatework.cli.write.on import name_unknown
from gatework.errors import DataError, counted
from gatework.system.terminal import console
from gatework.write import read_corpus
from gatework.write.scoring import NeuralCache, score
from gatework.write.token_models import open_token_model, open_torch_token_model


class Scored(Options):
    """Say how surprising a TEXT is to MODEL: perplexity, bits a character, and where.

    TEXT is the text itself, - the standard input, or --file names files. A score of one text is
    shown in colours, the surprising characters bright.

    \b
    gatework write score bard.safetensors "To be, or not to be"
    gatework write score bard.safetensors --file essay.txt --picture surprise.html
    """  # noqa: D301

    model: str = argument()
    text: str | None = argument()
    files: tuple[str, ...] = option("Score a file instead.", "--file", metavar="FILE")
    encoding: str = option("Of the files.", needs="files", default="utf-8")
    no_normalize: bool = option("Keep combining marks as they are.", needs="files")
    cache: bool = option("Remember what came: a neural cache.")
    adapt: bool = option("Learn while reading: dynamic evaluation; needs torch.")
    picture: str | None = option("Draw the surprise: .svg, .png or .html.", metavar="FILE")
    language: str = spoken(needs="picture")
    tokens: bool = option("Print each token with its surprise.")
    overwrite: bool = option("Replace the picture if it is there.", needs="picture")
    as_json: bool = json_flag()

    def _check(self) -> None:
        if (self.text is None) == (not self.files):
            refuse("give a TEXT, or --file FILE")
        if self.cache and self.adapt:
            refuse("--cache and --adapt are two ways; give one of them")
        if self.text is not None and Path(self.text[:200]).is_file():
            text = self.text
            refuse(f"{text!r} is a file; its content is scored by --file {text}")

    def _run(self) -> None:
        taken = {"MODEL": self.model} | {path: path for path in self.files}
        check_files({"--picture": self.picture}, taken, overwrite=self.overwrite)
        text = None if self.text is None else text_or_input(self.text)
        if text is None:
            how = {"encoding": self.encoding, "normalize": not self.no_normalize}
            corpora = [read_corpus(name, **how) for name in self.files]
            text = "\n".join(document for corpus in corpora for document in corpus.documents)
        if not text:
            raise DataError("there is no text to score: it is empty", hint='"To be, or not to be"')
        found, token_model = _score(text, self)
        name_unknown(token_model, text)
        if self.picture:
            chart = look.surprise_chart(found, language=self.language)
            chart.save(Path(self.picture), overwrite=self.overwrite)
        _tell(found, self)


def _score(text: str, options: Scored) -> tuple[Any, Any]:
    if options.adapt:
        from gatework.write.scoring.dynamic import score_dynamically

        token_model = open_torch_token_model(options.model)
        network = token_model.network
        head = network.log_probabilities
        return score_dynamically(network, token_model.vocabulary, text, head=head), token_model
    token_model = open_token_model(options.model, storage="float32")
    return score(token_model, text, cache=NeuralCache() if options.cache else None), token_model


def _tell(found: Any, options: Scored) -> None:
    total = found.total
    if options.as_json:
        say_json(total.figures() | ({"each": found.rows()} if options.tokens else {}))
        return
    if options.tokens:
        rows = found.rows()
        click.echo("\t".join(rows[0]))
        for row in rows:
            click.echo("\t".join(_shown(value) for value in row.values()))
    elif len(found.text) <= 4000:
        from gatework.write.scoring.coloured import colour_key

        drawn = console()
        drawn.print(found.coloured())
        if drawn.is_terminal:
            drawn.print(colour_key())
    click.echo(
        f"perplexity {total.perplexity:.2f}, {total.bits_per_character:.3f} bits a character, "
        f"{total.nats_per_token:.4f} nats a token, {counted(total.tokens, 'token')}"
    )


def _shown(value: Any) -> str:
    """Return a field of a line: a token in quotes, so that space and line ends are seen."""
    if isinstance(value, float):
        return f"{value:.3f}"
    return json.dumps(value, ensure_ascii=False)


command = command_of(Scored)
