"""``gatework write score``: how surprising a text is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("model")
@click.argument("text", required=False)
@click.option("--file", "files", multiple=True, metavar="FILE", help="Score a file instead.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of the files.")
@click.option("--cache", is_flag=True, help="Remember what came: a neural cache.")
@click.option("--adapt", is_flag=True, help="Learn while reading: dynamic evaluation; needs torch.")
@click.option("--picture", metavar="FILE", help="Draw the surprise: .svg, .png or .html.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--tokens", is_flag=True, help="Print each token with its surprise.")
@click.option("--overwrite", is_flag=True, help="Replace the picture if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(model: str, text: str | None, **options: Any) -> None:
    """Say how surprising a TEXT is to MODEL: perplexity, bits a character, and where.

    TEXT is the text itself, - the standard input, or --file names files. A score of one text is
    shown in colours, the surprising characters bright.

    \b
    gatework write score bard.safetensors "To be, or not to be"
    gatework write score bard.safetensors --file essay.txt --picture surprise.html
    """  # noqa: D301
    from gatework.cli.folder import check_new_file
    from gatework.cli.write.on import name_unknown
    from gatework.errors import DataError
    from gatework.write import read_corpus

    if (text is None) == (not options["files"]):
        raise click.UsageError("give a TEXT, or --file FILE")
    if options["cache"] and options["adapt"]:
        raise click.UsageError("--cache and --adapt are two ways; give one of them")
    if options["picture"] and not options["overwrite"]:
        check_new_file(options["picture"], "--picture")
    if text is not None and Path(text[:200]).is_file():
        raise click.UsageError(f"{text!r} is a file; its content is scored by --file {text}")
    if text == "-":
        text = sys.stdin.read()
    if text is None:
        corpora = [read_corpus(name, encoding=options["encoding"]) for name in options["files"]]
        text = "\n".join(document for corpus in corpora for document in corpus.documents)
    if not text:
        raise DataError("there is no text to score: it is empty", hint='"To be, or not to be"')
    found, token_model = _score(model, text, options)
    name_unknown(token_model, text)
    if options["picture"]:
        from gatework.look import surprise_chart

        chart = surprise_chart(found, language=options["language"])
        chart.save(Path(options["picture"]), overwrite=options["overwrite"])
    _tell(found, options)


def _score(model: str, text: str, options: dict[str, Any]) -> tuple[Any, Any]:
    from gatework.write.scoring import NeuralCache, score
    from gatework.write.token_models import open_token_model

    if options["adapt"]:
        from gatework.write.scoring.dynamic import score_dynamically
        from gatework.write.token_models import open_torch_token_model

        token_model = open_torch_token_model(model)
        network = token_model.network
        head = network.log_probabilities
        return score_dynamically(network, token_model.vocabulary, text, head=head), token_model
    token_model = open_token_model(model, storage="float32")
    return score(token_model, text, cache=NeuralCache() if options["cache"] else None), token_model


def _tell(found: Any, options: dict[str, Any]) -> None:
    total = found.total
    if options["as_json"]:
        answer = total.figures() | ({"each": found.rows()} if options["tokens"] else {})
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    if options["tokens"]:
        rows = found.rows()
        click.echo("\t".join(rows[0]))
        for row in rows:
            click.echo("\t".join(_shown(value) for value in row.values()))
    elif len(found.text) <= 4000:
        from rich.console import Console

        from gatework.write.scoring.coloured import colour_key

        console = Console(highlight=False)
        console.print(found.coloured())
        if console.is_terminal:
            console.print(colour_key())
    click.echo(
        f"perplexity {total.perplexity:.2f}, {total.bits_per_character:.3f} bits a character, "
        f"{total.nats_per_token:.4f} nats a token, {total.tokens:,} tokens"
    )


def _shown(value: Any) -> str:
    """Return a field of a line: a token in quotes, so that space and line ends are seen."""
    if isinstance(value, float):
        return f"{value:.3f}"
    return json.dumps(value, ensure_ascii=False)
