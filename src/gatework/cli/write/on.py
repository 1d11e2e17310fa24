"""``gatework write MODEL``: go on with a text."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from gatework.cli.write.sampling import sampling_of, sampling_options


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("model")
@click.option("--start", default="", help="How the text begins; - reads it from the input.")
@click.option("--length", type=click.IntRange(1), default=400, show_default=True, help="Tokens.")
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="Texts.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@sampling_options
@click.option("--beam", type=click.IntRange(1), metavar="WIDTH", help="Search, do not draw.")
@click.option(
    "--endless",
    is_flag=True,
    help="Go on where the model would end its document.",
)
@click.option(
    "--storage",
    type=click.Choice(["float32", "float16", "int8"]),
    default="int8",
    show_default=True,
    help="How the weights are kept while writing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(model: str, **options: Any) -> None:
    """Go on with a text in the manner of what MODEL has learned.

    The text comes as it is written. Characters of the start that the model has never seen are
    named, and read as unknown.

    \b
    gatework write bard.safetensors --start "ROMEO:" --length 400
    gatework write bard.safetensors --start "To be" --count 5 --temperature 0.6 --json
    gatework write bard.safetensors --start "To be" --beam 8 --length 40
    """  # noqa: D301
    from gatework.write.token_models import open_token_model

    start = options["start"]
    if start == "-":
        start = sys.stdin.read()
    sampling = sampling_of(options)
    token_model = open_token_model(model, storage=options["storage"])
    name_unknown(token_model, start)
    if options["beam"]:
        texts = _search(token_model, start, options)
    elif options["count"] == 1 and not options["as_json"]:
        _stream(token_model, start, sampling, options)
        return
    else:
        texts = _many(token_model, start, sampling, options)
    if options["as_json"]:
        click.echo(json.dumps({"start": start, "texts": texts}, ensure_ascii=False))
        return
    for number, text in enumerate(texts):
        if number:
            click.echo("\n---\n")
        click.echo(start + text["text"])


def name_unknown(token_model: Any, text: str) -> None:
    """Say on the standard error what of a text the model has never seen."""
    unknown = token_model.vocabulary.unknown_in(text)
    if unknown:
        shown = ", ".join(repr(part) for part in unknown[:10])
        more = f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""
        click.echo(f"not known to this model, and read as unknown: {shown}{more}", err=True)


def _stream(token_model: Any, start: str, sampling: Any, options: dict[str, Any]) -> None:
    from gatework.write.sampling import write_on

    click.echo(start, nl=False)
    for piece in write_on(
        token_model,
        start,
        length=options["length"],
        sampling=sampling,
        seed=options["seed"],
        stop_at_end=not options["endless"],
    ):
        click.echo(piece, nl=False)
    click.echo()


def _many(
    token_model: Any, start: str, sampling: Any, options: dict[str, Any]
) -> list[dict[str, Any]]:
    from gatework.write.sampling import write_many

    texts = write_many(
        token_model,
        start,
        count=options["count"],
        length=options["length"],
        sampling=sampling,
        seed=options["seed"],
        stop_at_end=not options["endless"],
    )
    return [{"text": text} for text in texts]


def _search(token_model: Any, start: str, options: dict[str, Any]) -> list[dict[str, Any]]:
    from gatework.write.sampling import beam_search

    found = beam_search(
        token_model,
        start,
        length=options["length"],
        width=max(options["beam"], options["count"]),
        count=options["count"],
    )
    return [{"text": one.text, "log_probability": one.log_probability} for one in found]
