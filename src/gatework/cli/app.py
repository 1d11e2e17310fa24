"""The command line's front door: subcommands that load only when used, errors, exit codes."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import TextIO

import click

from gatework import __version__
from gatework.cli.lazy import LazyGroup
from gatework.errors import GateworkError, Interrupted
from gatework.extras import install
from gatework.system import console, failures, terminal

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

    0: done. 1: the answer is no. 2: wrong use, or data that cannot be used. 70: a mistake of
    Gatework's, with a traceback in a log file, or shown where GATEWORK_DEBUG=1. 130: interrupted.
    """
    warnings.formatwarning = lambda message, *_: f"warning: {message}\n"
    if sys.stdout is None:
        sys.stdout = _nowhere()
    elif isinstance(sys.stdout, io.TextIOWrapper):
        console.prepare(sys.stdout)
    if sys.stderr is None:
        sys.stderr = _nowhere()
    with terminal.guarded():
        sys.exit(_run(arguments))


def _nowhere() -> TextIO:
    """Return a stream for one that the caller closed.

    It takes the descriptor that is free, so that no file which is written later is mistaken for
    the standard output or the standard error.
    """
    return Path(os.devnull).open("w", encoding="utf-8", errors="replace", newline="")


def _give_up_output() -> None:
    """Drop what is left for the standard output: it would fail again when the interpreter ends."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)


def _run(arguments: list[str] | None) -> int:
    """Run the command line, tell what is wrong, and return the exit code."""
    out = sys.stdout
    try:
        gatework.main(arguments, prog_name="gatework", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return WRONG_USE
    except GateworkError as error:
        click.echo(f"error: {error}", err=True)
        return INTERRUPTED if isinstance(error, Interrupted) else WRONG_USE
    except SystemExit:
        if sys.stdout is out:
            raise
        # The reader of our output has gone, as with `| head`: click puts another stream there and
        # leaves with 1, but nothing has failed.
        _give_up_output()
        return DONE
    except Exception as error:
        return _unforeseen(error, arguments)
    return DONE


def _unforeseen(error: Exception, arguments: list[str] | None) -> int:
    """Tell what no command foresaw, and return the exit code."""
    absent = error.name if isinstance(error, ModuleNotFoundError) else None
    if absent is not None and absent.split(".")[0] != "gatework":
        said = f"this command needs the package {absent!r}, which is not installed"
        command = next(iter(arguments or sys.argv[1:]), "")
        click.echo(f"error: {said}\nhint: {install(absent, command)}", err=True)
        return WRONG_USE
    if isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITABLE:
        said = error.strerror or error
        click.echo(f"error: the standard output cannot be written: {said}", err=True)
        click.echo("hint: the results that were finished are in their files", err=True)
        _give_up_output()
        return WRONG_USE
    if isinstance(error, OSError) and error.filename is not None:
        click.echo(f"error: {error.filename} cannot be used: {error.strerror}", err=True)
        return WRONG_USE
    if failures.debugging():
        traceback.print_exception(error)
        return failures.EXIT_CODE
    sentence, hint = failures.told(error)
    click.echo(f"error: {sentence}\nhint: {hint}", err=True)
    return failures.EXIT_CODE


_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
