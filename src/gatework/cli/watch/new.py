"""How ``gatework watch`` begins with a new series: from its first rows, without a model."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from gatework.cli.watch.command import Watching
from gatework.cli.watch.stop import Stop
from gatework.errors import GateworkError
from gatework.forecast import Forecaster
from gatework.forecast.pretrained.plain import who_serves
from gatework.storage.reading import open_to_read
from gatework.system.descriptors import is_ready
from gatework.tabular.choice import OR_ALL
from gatework.watch.first import MOST_BYTES, FirstRows
from gatework.watch.follow import STDIN, FileLines, read_pipe

POLL = 0.2
"""Seconds to wait for more rows."""


def begin_new(options: Watching) -> tuple[Forecaster, bytes]:
    """Return a forecaster before the first value of a series, and what was read of a pipe for it.

    Raises:
        DataError, InputFileError: the rows cannot be read, or do not tell how to begin.
        KeyboardInterrupt: Ctrl-C or SIGTERM, while rows are waited for.
    """
    how: dict[str, Any] = {} if options.level is None else {"level": options.level}
    forecaster = Forecaster(network=options.network, **how)
    forecaster.check_settings()
    path = options.path
    name = "the standard input" if path is None else path.name
    rows = FirstRows(name, options.column, options.time_column, options.style())
    try:
        with Stop() as stop:
            stop.waiting = True
            told, data = _of_pipe(rows) if path is None else (_of_file(rows, path, options), b"")
    except GateworkError as error:
        if error.hint:
            hint = error.hint.replace("gatework watch MODEL", "gatework watch")
            error.hint = hint.removesuffix(OR_ALL)  # one series is watched
        raise
    forecaster.begin(**told)
    _say(forecaster)
    return forecaster, data


def _of_file(rows: FirstRows, path: Path, options: Watching) -> dict[str, Any]:
    """Wait until a file has enough rows, or say what it lacks where nobody waits."""
    FileLines(path, follow=options.follow).close()  # which says what is no file to watch
    waited = False
    while True:
        with open_to_read(path) as (file, _):
            data = file.read(MOST_BYTES)
        told = rows.tell(data, ended=not options.follow, cut=options.state is not None)
        if told is not None:
            return told
        waited = waited or _say_waiting()
        time.sleep(POLL)


def _of_pipe(rows: FirstRows) -> tuple[dict[str, Any], bytes]:
    """Read the standard input until it has enough rows and pauses."""
    data, waited = b"", False
    while True:
        piece = read_pipe()
        data += piece
        if piece and len(data) < MOST_BYTES and is_ready(STDIN, POLL):
            continue
        told = rows.tell(data, ended=not piece)
        if told is not None:
            return told, data
        waited = waited or _say_waiting()


def _say_waiting() -> bool:
    told = "three dates tell how far they are apart, or --frequency ALIAS, such as MS, at once"
    click.echo(f"waiting for rows that tell the periods: {told}", err=True)
    return True


def _say(forecaster: Forecaster) -> None:
    fitted: Any = forecaster.fitted_
    tail = fitted.tail
    periods = "numbered" if tail.frequency is None else f"of frequency {tail.frequency}"
    season = f"a season of {tail.season}" if tail.season > 1 else "no season"
    click.echo(
        f"{who_serves(fitted.standing.network)}\n"
        f"series {tail.name!r}, its periods {periods}, {season}; its state takes "
        f"{fitted.standing.bytes_a_series:,} bytes",
        err=True,
    )
