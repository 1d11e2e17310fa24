"""What ``gatework search resume`` does: run the command again that began the search."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gatework.cli.search.origin import LEDGER, checked_origin, words_of, working_folder
from gatework.errors import FileFormatError, OptionError


def run(command: click.Command, ledger: Path, changes: Mapping[str, Any]) -> None:
    """Go on with the search in ``ledger``, and finish what ``command`` was to do when it began it.

    Raises:
        InputFileError: when the ledger, or what it was about, is not there.
        FileFormatError: when the ledger is damaged, or what it says of its command is unsound.
        OptionError: when it was not begun by a command, or has another name by now.
    """
    from gatework.search import read_description

    origin = checked_origin(read_description(ledger).get("origin"), ledger)
    if ledger.name != LEDGER:
        raise OptionError(
            f"{ledger} is not called {LEDGER} as when the search began",
            hint=f"mv {ledger} {ledger.parent / LEDGER}",
        )
    words = words_of(command, origin, ledger, changes)
    folder = working_folder(origin, ledger)
    try:
        context = command.make_context("gatework forecast", words)
    except click.ClickException as error:
        raise FileFormatError(
            f"the command in {ledger} cannot be run again: {error.format_message()}",
            hint=f"gatework forecast FILE ... --out {ledger.parent} --resume",
        ) from error
    with context, contextlib.chdir(folder):
        command.invoke(context)
