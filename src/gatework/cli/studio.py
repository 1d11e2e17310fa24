"""``gatework studio``: a local page to look into networks."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click

from gatework.cli.options import Options, argument, command_of, option
from gatework.errors import InputFileError, OptionError
from gatework.storage.reading import refuse_special


class Studio(Options):
    """Open a local page that shows what the networks in the MODEL files do, step by step.

    Without a MODEL it shows two examples, which are trained while you look on. Only these files
    and the examples can be opened. On another address than the loopback one the page asks for a
    token, which is part of the address that is printed.

    \b
    gatework studio
    gatework studio model.safetensors --data faults.csv
    gatework studio --run runs/one
    """  # noqa: D301

    models: tuple[str, ...] = argument("[MODEL ...]", required=False)
    data: str | None = option("What the models read when they are opened.", metavar="FILE")
    runs: tuple[str, ...] = option("A recorded training to watch.", "--run", metavar="FOLDER")
    host: str = option("Address to listen on.", default="127.0.0.1")
    port: int = option(
        "Port to listen on; 0 takes any that is free.", type=click.IntRange(0, 65535), default=8765
    )
    opens: bool = option("Open the page in a browser.", "--open/--no-open", default=True)

    def _run(self) -> None:
        hint = "gatework studio model.safetensors"
        if self.data and not self.models:
            raise OptionError("--data is for a MODEL, and none is named", hint=hint)
        for given in (*self.models, *([self.data] if self.data else [])):
            refuse_special(given)
            if not Path(given).is_file():
                raise InputFileError(f"{given} is no file", hint=hint)
        from gatework.studio import serve

        def ready(address: str) -> None:
            click.echo(address)
            click.echo("Ctrl+C ends it.", err=True)
            if self.opens:
                webbrowser.open(address)

        serve(self.models, ready=ready, **self.values("runs", "data", "host", "port"))


command = command_of(Studio)
