"""The command line's front door: subcommands that load only when used, errors, exit codes."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import click

from gatework import __version__
from gatework.cli.lazy import LazyGroup
from gatework.errors import GateworkError, Interrupted, MissingDependencyError
from gatework.extras import install
from gatework.system import console

COMMANDS = {
    "backtest": ("forecast.backtest", "Score forecasts from every origin of the last part."),
    "bench": ("bench", "Measure the kernels against other ways to run an LSTM."),
    "doctor": ("doctor.command", "Show what runs on this machine, and test it."),
    "draw": ("draw.command", "Draw a model: layers, cell, gates, memory, gradients."),
    "explain": ("draw.explain", "Explain what a network does over some data."),
    "life": ("life", "Predict how long machines still run."),
    "forecast": ("forecast.command", "Forecast failures or any other series of numbers."),
    "pretrain": ("pretrain", "Train networks that forecast any series at once."),
    "recognize": ("recognize.command", "Recognise pictures, sound, texts, measurements."),
    "search": ("search.command", "Show the ledger of a search, go on with it."),
    "studio": ("studio", "Open a page to look into networks, step by step."),
    "watch": ("watch.command", "Watch values as they come, with alarms."),
    "write": ("write.command", "Write texts and poems with an LSTM that has read others."),
}
"""Where each command lives, and what it does in a line."""

DONE, WRONG_USE, INTERRUPTED = 0, 2, 130


@click.group(
    cls=LazyGroup,
    homes=dict(sorted(COMMANDS.items())),
)
@click.version_option(__version__, prog_name="gatework", message="%(prog)s %(version)s")
def gatework() -> None:
    """LSTM networks: train them on your data, and see what they do.

    Data go to the standard output, progress and messages to the standard error.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    0: done. 1: the answer is no. 2: wrong use, or data that cannot be used. 130: interrupted.
    """
    if sys.stdout is None:  # it was closed by the caller
        sys.stdout = io.StringIO()
    elif isinstance(sys.stdout, io.TextIOWrapper):
        console.prepare(sys.stdout)
    try:
        gatework.main(arguments, prog_name="gatework", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG_USE)
    except (GateworkError, ModuleNotFoundError) as error:
        absent = error.name if isinstance(error, ImportError) else None
        ours = absent is None or absent.split(".")[0] == "gatework"
        if isinstance(error, ModuleNotFoundError) and ours:
            raise
        if absent is not None:
            told = f"this command needs the package {absent!r}, which is not installed"
            command = next(iter(arguments or sys.argv[1:]), "")
            error = MissingDependencyError(told, hint=install(absent, command))
        click.echo(f"error: {error}", err=True)
        sys.exit(INTERRUPTED if isinstance(error, Interrupted) else WRONG_USE)
    except BrokenPipeError:
        # The reader of our output has gone, as with `| head`; nothing is left to say.
        sys.stderr.close()
        sys.exit(DONE)
    except OSError as error:
        said = error.strerror or error
        click.echo(f"error: the standard output cannot be written: {said}", err=True)
        click.echo("hint: the results that were finished are in their files", err=True)
        # What is left in the buffer would fail again when the interpreter ends.
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        sys.exit(WRONG_USE)
    sys.exit(DONE)
