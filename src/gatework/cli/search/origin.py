"""What a ledger keeps of the command that began its search, and the way back to the command.

The options are kept by name and made into words again, which click checks like any others. Where
the results go is not among them: that is the folder of the ledger. Whoever had a ledger may have
edited it, so that it opens no file outside its folder and names no engine: these are taken from the
command line alone.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from gatework.checks import is_number
from gatework.errors import FileFormatError, OptionError
from gatework.search import read_description
from gatework.tabular.style import ReadingStyle

if TYPE_CHECKING:
    from gatework.forecast import Series

LEDGER = "search.sqlite"
"""The name of a ledger in the folder of results."""
NOT_KEPT = ("out", "overwrite", "resume", "template", "workers")
MOST_KEPT = {
    "trials": (10_000, "trials"),
    "budget": (24 * 3600, "seconds of search"),
    "classics": (3600, "seconds of classical models"),
}
"""How much a ledger may ask for, which anyone may have written."""
NOT_OF_A_SEARCH = ("network", "checkpoint", "future")
"""Options that name further files, none of which goes with a search."""


def origin_of(options: Mapping[str, Any], folder: Path, series: Series) -> dict[str, Any]:
    """Return the options of ``gatework forecast`` as JSON values, to be kept in a ledger.

    Args:
        options: as click gives them.
        folder: of the ledger; the current folder is noted as seen from it.
        series: that was read, so that it is known again, with the style in which it will be read.
    """
    kept = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if name not in NOT_KEPT and value not in (None, False, ())
    }
    here = os.path.relpath(Path.cwd(), folder.resolve())
    return {
        "command": "forecast",
        "folder": here,
        "options": kept,
        "style": series.style.to_config(),
        "series": _told(series),
    }


def _told(series: Series) -> dict[str, Any]:
    """Return what is said of a series that differs from another one, in the order of importance."""
    labels, values = series.labels, series.values.tolist()
    return {
        "name": series.name,
        "frequency": series.frequency,
        "first period": labels[0],
        "last period": labels[-1],
        "number of values": len(values),
        "first value": values[0],
        "last value": values[-1],
        "sum of values": math.fsum(values),
    }


def check_same(series: Series, origin: Mapping[str, Any], ledger: Path) -> None:
    """Check that a series is the one that the search in a ledger began with.

    Raises:
        OptionError: saying what differs.
    """
    before, now = origin.get("series") or {}, _told(series)
    differing = [key for key in now if key in before and before[key] != now[key]]
    if differing:
        said = ", ".join(f"its {key} was {before[key]} and is {now[key]}" for key in differing[:3])
        raise OptionError(
            f"series {series.name!r} is not the one that the search in {ledger} began with: {said}",
            hint="put the table back as it was, or begin a new search: another --out",
        )


def resume(command: click.Command, ledger: Path, changes: Mapping[str, Any]) -> None:
    """Go on with the search in ``ledger``, and finish what ``command`` was to do when it began it.

    ``changes`` are options that replace those of before; a limit replaces both limits.

    Raises:
        InputFileError: when the ledger is not there.
        FileFormatError: when the ledger is damaged, or what it says of its command is unsound.
        OptionError: when it was not begun by a command, has another name by now, or asks for what
            only the command line may ask for.
    """
    origin = checked_origin(read_description(ledger).get("origin"), ledger)
    if ledger.name != LEDGER:
        raise OptionError(
            f"{ledger} is not called {LEDGER} as when the search began",
            hint=f"mv {ledger} {ledger.parent / LEDGER}",
        )
    words = words_of(command, _trusted(origin, ledger, changes), ledger)
    try:
        context = command.make_context("gatework forecast", words)
    except click.ClickException as error:
        raise _unsound(ledger, error.format_message()) from error
    context.obj = ReadingStyle.from_config(origin["style"])  # to be found by the options
    with context:
        command.invoke(context)


def _trusted(origin: Mapping[str, Any], ledger: Path, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options to go on with: the ledger's, as far as it may give them, and the changes.

    Raises:
        OptionError: when the ledger asks for an engine, or a file outside its folder, and the
            command line does not say which.
    """
    options: dict[str, Any] = dict(origin["options"])
    asked: dict[str, str] = {}
    options.pop("members", None)  # kept by earlier versions, for which it meant nothing here
    file = options.pop("file", None)
    if file is not None and changes.get("file") is None:
        options["file"] = _within(origin["folder"], str(file), ledger)
        if options["file"] is None:
            place = os.path.normpath(Path(origin["folder"], str(file)))
            asked[" FILE"] = f"the file {place!r} (seen from its folder)"
    engine, address = options.pop("engine", "local"), options.pop("address", None)
    if (engine != "local" or address) and changes.get("engine") is None:
        where = f" at {address!r}" if address else ""
        asked[" --engine local"] = f"the engine {engine!r}{where}"
    if asked:
        raise OptionError(
            f"{ledger} asks for {' and for '.join(asked.values())}; only the command line is heard "
            "in this",
            hint=f"gatework search resume {quote(str(ledger))}{''.join(asked)}",
        )
    if changes.get("trials") or changes.get("budget"):
        for name in ("trials", "budget"):
            options.pop(name, None)
    _check_costs(options, ledger, changes)
    return options | {name: value for name, value in changes.items() if value is not None}


def _check_costs(options: Mapping[str, Any], ledger: Path, changes: Mapping[str, Any]) -> None:
    """Refuse what a ledger asks of the machine beyond what is usual.

    Raises:
        OptionError: naming it, where the command line does not say it, too.
    """
    beyond: dict[str, str] = {}
    for name, (most, what) in MOST_KEPT.items():
        value = changes.get(name) or options.get(name, 0)
        if not is_number(value):
            raise _unsound(ledger, f"its {name} is no number")
        if value > most and not changes.get(name):
            beyond[f"--{name} {math.ceil(value)}"] = f"{value:,.0f} {what}, more than {most:,}"
    if beyond:
        raise OptionError(
            f"{ledger} asks for {' and for '.join(beyond.values())}; only the command line may ask "
            "for so much",
            hint=f"gatework search resume {quote(str(ledger))} {' '.join(beyond)}",
        )


def _within(folder: str, file: str, ledger: Path) -> str | None:
    """Return the path of a file that a ledger names, None where it lies outside its folder."""
    home = ledger.resolve().parent
    found = Path(os.path.normpath(home / folder / file))
    # By its name first: to resolve a name may already reach another machine.
    inside = found.is_relative_to(home) and found.resolve().is_relative_to(home)
    return str(found) if inside else None


def words_of(command: click.Command, given: Mapping[str, Any], ledger: Path) -> list[str]:
    """Return the words of the command line that goes on with a search.

    Raises:
        FileFormatError: when the ledger holds something else than options of the command.
    """
    options = dict(given)
    words, last = [], []
    for parameter in command.params:
        if parameter.name not in options:
            continue
        value = options.pop(parameter.name)
        if isinstance(parameter, click.Argument):
            last = ["--", str(value)]
        elif isinstance(parameter, click.Option) and parameter.is_flag:
            words += [parameter.opts[-1]] if value is True else []
        else:
            several = value if isinstance(value, list) else [value]
            words += [f"{parameter.opts[-1]}={each}" for each in several]
    if options:
        raise _unsound(ledger, f"it has no option {sorted(options)[0]!r}")
    return [*words, "--out", str(ledger.resolve().parent), "--resume", *last]


def kept_origin(ledger: Path) -> dict[str, Any]:
    """Return what a ledger says of the command that began its search, nothing of one in Python.

    Raises:
        InputFileError, FileFormatError: when it cannot be read, or is damaged.
    """
    origin = read_description(ledger).get("origin")
    return checked_origin(origin, ledger) if origin else {}


def checked_origin(origin: Any, ledger: Path) -> dict[str, Any]:
    """Return what a ledger says of how ``gatework forecast`` began its search, once checked.

    Raises:
        OptionError: when it was begun otherwise.
        FileFormatError: when what it says is nothing that the command writes.
    """
    if not origin:
        raise OptionError(
            f"{ledger} does not say how its search was begun: it was begun in Python",
            hint=f"there, layered_search(..., ledger={str(ledger)!r}, resume=True) goes on",
        )
    keys = {"command", "folder", "options", "style", "series"}
    if isinstance(origin, dict):  # one of before says nothing of the style or the series
        origin = {"style": {}, "series": {}} | origin
    if not isinstance(origin, dict) or origin.keys() != keys or origin["command"] != "forecast":
        raise _unsound(ledger, "it is not of a kind that Gatework writes")
    options, folder = origin["options"], origin["folder"]
    plain = isinstance(options, dict) and all(map(_is_plain, options.values()))
    plain = plain and isinstance(origin["series"], dict)
    if not plain or not isinstance(folder, str) or "\0" in folder or Path(folder).is_absolute():
        raise _unsound(ledger, "it is not of a kind that Gatework writes")
    try:
        ReadingStyle.from_config(origin["style"])
    except OptionError as error:
        raise _unsound(ledger, error.message) from error
    if refused := sorted(options.keys() & {*NOT_KEPT, *NOT_OF_A_SEARCH}):
        raise _unsound(ledger, f"it has the option {refused[0]!r}")
    return origin


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) and "\0" not in each for each in value)
    return isinstance(value, int | float) or (isinstance(value, str) and "\0" not in value)


def _unsound(ledger: Path, why: str) -> FileFormatError:
    return FileFormatError(
        f"the command in {ledger} cannot be run again: {why}",
        hint=f"gatework forecast FILE ... --out {ledger.parent} --resume",
    )
