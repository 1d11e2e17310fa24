"""``gatework studio``: a local page to look into networks."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Any

import click

from gatework.errors import InputFileError


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("models", nargs=-1, metavar="[MODEL ...]")
@click.option(
    "--run", "runs", multiple=True, metavar="FOLDER", help="A recorded training to watch."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port to listen on; 0 takes any that is free.",
)
@click.option("--open/--no-open", "opens", default=True, help="Open the page in a browser.")
def command(models: tuple[str, ...], **options: Any) -> None:
    """Open a local page that shows what the networks in the MODEL files do, step by step.

    Only these files and the built-in examples can be opened. On another address than the
    loopback one the page asks for a token, which is part of the address that is printed.

    \b
    gatework studio model.safetensors
    gatework studio --run runs/one
    """  # noqa: D301
    for model in models:
        if not Path(model).is_file():
            raise InputFileError(f"{model} is no file", hint="gatework studio model.safetensors")
    from gatework.studio import serve

    def ready(address: str) -> None:
        click.echo(address)
        click.echo("Ctrl+C ends it.", err=True)
        if options["opens"]:
            webbrowser.open(address)

    serve(models, runs=options["runs"], host=options["host"], port=options["port"], ready=ready)
