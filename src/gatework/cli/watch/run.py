"""What ``gatework watch`` does: open model, state, input and output, and go from row to row."""

from __future__ import annotations

import contextlib
import hashlib
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from gatework.cli.watch.command import Watching
from gatework.cli.watch.lock import locked
from gatework.cli.watch.new import begin_new
from gatework.cli.watch.stop import Stop
from gatework.errors import (
    DataError,
    FileFormatError,
    InputFileError,
    OptionError,
    counted,
)
from gatework.forecast import Forecaster, GlobalForecaster
from gatework.storage.reading import open_to_read
from gatework.watch import Watch
from gatework.watch.follow import Change, FileLines, Line, pipe_lines, read_pipe
from gatework.watch.protocol import series_of
from gatework.watch.rows import RowReader
from gatework.watch.session import OutFile, Session, check_position
from gatework.watch.tally import Tally, find_moved, recount

POLL = 0.2  # seconds from one look at a file that does not grow to the next


def run(options: Watching) -> None:
    """Carry out the command."""
    state = Path(options.state) if options.state else None
    with contextlib.ExitStack() as stack:
        if state is not None:
            stack.enter_context(locked(state))
        try:
            session, lines = _start(options, state, stack)
        except KeyboardInterrupt:  # while a new series had too few rows
            click.echo("0 rows, no alarms", err=True)
            return
        stop = stack.enter_context(Stop())
        try:
            _loop(session, lines, stop, follow=options.follow)
        finally:
            click.echo(_summary(session), err=True)
    if options.fail_on_alarm and session.alarms:
        sys.exit(1)


def _loop(
    session: Session, lines: Iterable[Line | Change | None], stop: Stop, *, follow: bool
) -> None:
    """Go from row to row until the input ends, or someone asks to stop."""
    iterator = iter(lines)
    while not stop.asked:
        try:
            stop.waiting = not stop.asked
            item = next(iterator)
            if item is None and follow:
                time.sleep(POLL)
        except KeyboardInterrupt:
            break
        except StopIteration:
            session.end()
            break
        finally:
            stop.waiting = False
        if item is not None:
            if isinstance(item, Change):
                click.echo(item.reason, err=True)
            session.take(item)
        elif follow:
            session.finish()  # nothing more comes for now
        else:
            if not _last_line(session, lines):
                session.end()
            break
    session.finish()


def _last_line(session: Session, lines: Any) -> bool:
    """Take the last line if it cannot grow any more; return whether it may."""
    if lines.buffer and session.state is not None:
        click.echo("the last row has no end yet and was left for later", err=True)
        return True
    for line in lines.rest():
        session.take(line)
    return False


def _start(
    options: Watching, state: Path | None, stack: contextlib.ExitStack
) -> tuple[Session, Iterable[Line | Change | None]]:
    digest, begin = _digest(options), b""
    resumed = state is not None and state.exists()
    if resumed and state:
        watch = _resume(options, digest, state)
    else:
        watch, begin = _begin(options)
    position = watch.position
    tail = series_of(watch.forecaster)
    reader = RowReader(
        options.column,
        options.time_column,
        series=None if tail is None else tail.name,
        style=None if tail is None else tail.style,
        beside=watch.informed_by,
        said=options.style(),
    )
    if position is not None:
        reader.restore(position["reader"])
        _same_columns(options, reader)
    path = options.path
    lines, read = _open(path, position, options, reader, begin)
    if isinstance(lines, FileLines):
        stack.callback(lines.close)
    session = Session(
        watch,
        reader,
        _print,
        model=digest,
        source=None if path is None else str(path),
        state=state,
        save_every=options.save_every or 1,
        as_json=options.as_json,
        ignore=options.ignore,
        strict=options.strict,
        tell=_tell,
    )
    if tail is not None and tail.frequency and tail.style.offsets:
        _tell(f"periods are shown in {tail.style.zone or 'UTC'}")
    if read is not None:
        session.read = read
    else:
        reader.begin_file()
    if options.out:
        known = None if position is None else position["out"]
        out = session.out = _out(Path(options.out), known, resumed, session)
        session.write = out.write
        stack.callback(out.close)
    return session, lines


def _begin(options: Watching) -> tuple[Watch, bytes]:
    """Return a watch that starts at the end of the model's series, or before a new one.

    With it comes what was read of the standard input to begin.
    """
    for name, word in (("replay", "--replay"), ("new_file", "--new-file")):
        if name in options.given:
            raise InputFileError(
                f"there is no state {options.state} for {word}", hint=f"leave {word} out to begin"
            )
    if options.model is None:
        forecaster, begin = begin_new(options)
        return _watch(options, forecaster), begin
    from gatework.files import load

    model = load(options.model)
    if not isinstance(model, Forecaster | GlobalForecaster):
        raise OptionError(
            f"{options.model} holds a {type(model).__name__}, expected a Forecaster",
            hint="--state goes on from a state; MODEL is the model.safetensors it began with"
            if isinstance(model, Watch)
            else "gatework forecast FILE writes one",
        )
    return _watch(options, model), b""


def _watch(options: Watching, forecaster: Forecaster | GlobalForecaster) -> Watch:
    rows = options.false_alarms or 1000.0
    return Watch(forecaster, rows_per_false_alarm=rows, allow_negative=options.allow_negative)


def _resume(options: Watching, digest: str, state: Path) -> Watch:
    """Return the watch as the state holds it, after checking that the options go with it."""
    from gatework.files import load

    watch = load(state)
    if not isinstance(watch, Watch):
        raise FileFormatError(
            f"{state} holds a {type(watch).__name__}, expected the state of a watch",
            hint="choose another name for --state",
        )
    position = check_position(watch, str(state))
    if position["model"] != digest:
        raise OptionError(
            f"{state} is the state of another model than {options.network_called}",
            hint="choose another name for --state to begin anew with this model",
        )
    if (position["source"] is None) != (options.path is None):
        came = position["source"] or "the standard input"
        raise OptionError(
            f"{state} is the state of values that came from {came}",
            hint=f"gatework watch {options.model or ''} {position['source'] or '< VALUES'}",
        )
    rows = options.false_alarms
    if rows is not None and rows != watch.rows_per_false_alarm:
        raise OptionError(
            f"{state} was begun with --false-alarms {watch.rows_per_false_alarm:g}, got {rows:g}",
            hint="leave --false-alarms out to go on",
        )
    _same_as_begun(options, watch, state)
    if (position["out"] is None) != (options.out is None):
        said = "without --out" if position["out"] is None else "with --out"
        raise OptionError(f"{state} was begun {said}", hint="go on in the same way")
    return watch


def _same_as_begun(options: Watching, watch: Watch, state: Path) -> None:
    tail, level = series_of(watch.forecaster), watch.forecaster.level
    frequency = None if tail is None else tail.frequency
    zone = None if tail is None else tail.style.zone
    for word, given, known in (
        ("--level", options.level, level),
        ("--frequency", options.frequency, frequency),
        ("--timezone", options.timezone, zone),
        ("--allow-negative", options.allow_negative or None, watch.allow_negative),
    ):
        if given is not None and given != known:
            raise OptionError(
                f"{state} was begun with another {word}: {known}, got {given}",
                hint=f"leave {word} out to go on",
            )


def _same_columns(options: Watching, reader: RowReader) -> None:
    for name in ("column", "time_column"):
        given, known = getattr(options, name), getattr(reader, name)
        if given is None or known is None or reader.form is None:
            continue
        if given.casefold() != known.casefold():
            option = f"--{name.replace('_', '-')}"
            raise OptionError(
                f"the state was begun with {option} {known}, got {given}",
                hint=f"leave {option} out to go on",
            )


def _open(
    path: Path | None,
    position: dict[str, Any] | None,
    options: Watching,
    reader: RowReader,
    begin: bytes,
) -> tuple[Iterable[Line | Change | None], Tally | None]:
    """Return the lines to come, and the tally of those before them; None: of a new file.

    ``begin`` is what was read of the standard input already.
    """
    how: dict[str, Any] = {"follow": options.follow, "reader": reader}
    if path is None:
        if position is None or "replay" not in options.given:
            return pipe_lines(reader, begin), None
        return _replayed(position["read"], reader)
    if position is None or "new_file" in options.given:
        return FileLines(path, **how), None
    known = position["read"]
    if path.is_file():
        with open_to_read(path) as (file, _):
            tally = recount(file, known)
        if tally is not None:
            return FileLines(path, tally.bytes, **how), tally
    moved = find_moved(path, known)
    if moved is None:
        raise InputFileError(
            f"{path} is not the file that the state knows: its first {known['bytes']} bytes are "
            "others, and no file beside it has them",
            hint="--new-file reads it from its beginning",
        )
    click.echo(
        f"{path} was rotated meanwhile; {moved} is finished first, files between the two are not "
        "looked for",
        err=True,
    )
    with open_to_read(moved) as (file, _):
        return FileLines(path, known["bytes"], moved, **how), recount(file, known)


def _replayed(known: dict[str, Any], reader: RowReader) -> tuple[Iterator[Line], Tally]:
    """Leave out of the standard input what the state knows."""
    tally, rest = Tally(), b""
    while (left := known["bytes"] - tally.bytes) > 0 and (piece := read_pipe()):
        tally.add(piece[:left])
        rest = piece[left:]
    if tally.to_config() != known:
        raise DataError(
            f"the standard input does not begin with the {known['bytes']} bytes that the state "
            "knows",
            hint="leave --replay out if only new rows come",
        )
    return pipe_lines(reader, rest), tally


def _out(path: Path, known: dict[str, Any] | None, resumed: bool, session: Session) -> OutFile:
    """Open the output; a new one is known to the state before it is there."""
    if not resumed and session.state is not None and not path.exists():
        known = Tally().to_config()
        session.save(known)
    out = OutFile(path, known)
    if out.cut:
        click.echo(
            f"{path}: {counted(out.cut, 'byte', be=True)} written again, after the last state",
            err=True,
        )
    return out


def _digest(options: Watching) -> str:
    """Return what tells the model from others; one that ships is told from none that ships."""
    path = options.model or options.network
    if path is None:
        return "pretrained"
    with open_to_read(path) as (file, _):
        return hashlib.sha256(file.read()).hexdigest()


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _print(text: str) -> None:
    click.echo(text, nl=False)


def _summary(session: Session) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(session.alarms.items()))
    total = sum(session.alarms.values())
    alarms = "1 alarm" if total == 1 else f"{total or 'no'} alarms"
    rows = "1 row" if session.rows == 1 else f"{session.rows} rows"
    return f"{rows}, {alarms}{f': {kinds}' if kinds else ''}"
