"""What the page asks, read from addresses and bodies of requests and checked."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from starlette.requests import ClientDisconnect, Request

from gatework.checks import is_number, is_whole
from gatework.errors import GateworkError, OptionError
from gatework.examine import Edit, Run
from gatework.recognize.readers.files import SUFFIXES
from gatework.storage.header import read_json
from gatework.studio.catalogue import Opened
from gatework.tabular.table import read_table
from gatework.write.corpus.reading import TextReading

MOST_UPLOAD = 10 * 2**20
"""Bytes of a table or text that the page may send."""
MOST_EDITS = 200
TABLES = (".csv", ".tsv", ".txt", ".parquet")
ENDINGS = (*TABLES, ".ts", ".npy", ".npz", *sorted(SUFFIXES["image"] | SUFFIXES["sound"]))
"""Of what estimators read: tables, arrays, and a picture or a sound where they recognise those."""
_EDIT: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("step", "unit", "layer"), lambda value: is_whole(value, 0, 10**9)),
    **dict.fromkeys(("signal", "direction"), lambda value: isinstance(value, str)),
    "value": is_number,
}
"""What an edit says, and whether a value may stand there."""
COLUMNS = ("column", "time_column", "id_column")
MOST_NAME = 80
"""Letters of a file's name, from its end."""
_PYTHON = re.compile(r"^\w+=|\w\(")
_NO_NAME = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


@dataclass(frozen=True)
class Focus:
    """Where the page is looking: a step, a layer and a unit, all from 0, and a stretch of steps.

    ``signal`` is a layer, the name of what is looked at in it, and its direction.
    """

    step: int
    unit: int
    signal: tuple[int, str, str]
    first: int
    last: int


def focus_in(request: Request, run: Run) -> Focus:
    """Return the place that a request names.

    Raises:
        OptionError: a number that is none, or a place that the run does not have.
    """
    names = ("step", "layer", "unit", "first", "last")
    step, layer, unit, first, last = (whole(request, name) for name in names)
    direction = request.query_params.get("direction", run.directions[0])
    signal = request.query_params.get("signal", "hidden")
    if not 0 <= step < len(run):
        raise OptionError(f"there is no step {step}: the run has steps 0 to {len(run) - 1}")
    values = run.signal(layer, signal, direction)
    if not 0 <= unit < values.shape[1]:
        raise OptionError(f"there is no unit {unit}: 0 to {values.shape[1] - 1}")
    return Focus(step, unit, (layer, signal, direction), first, last)


def whole(request: Request, name: str) -> int:
    """Return a whole number from the address, 0 where it is not there.

    Raises:
        OptionError: it is no whole number from 0 to 10^9.
    """
    text = request.query_params.get(name, "0")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise OptionError(f"{name} must be a whole number from 0 on, got {text[:40]!r}")
    return int(text)


async def body_of(request: Request) -> bytes:
    """Return what was sent with a request.

    Raises:
        OptionError: it is more than MOST_UPLOAD, where reading ends, or never came whole.
    """
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MOST_UPLOAD:
                raise OptionError(
                    f"more than {MOST_UPLOAD / 2**20:.0f} MB cannot be sent",
                    hint="a shorter piece of the data",
                )
            parts.append(part)
    except ClientDisconnect:
        raise OptionError("the request did not come whole") from None
    return b"".join(parts)


class Asked(NamedTuple):
    """A run that a request asks for, and which of the sequences of its file are there.

    Attributes:
        run: None where a model is opened without data.
        sequences: their names; none where the file holds one.
        sequence: the name of that which was run, empty for one alone.
    """

    run: Run | None
    sequences: tuple[str, ...] = ()
    sequence: str = ""


def run_asked(opened: Opened, given: Path | None, request: Request, body: bytes) -> Asked:
    """Return the run over the data that a request brings: what is given, a table, a text, none.

    Args:
        opened: the model.
        given: the file with which the studio was started.
        request: its address says which data are meant, and how they are read.
        body: of the request: a table, a text, or what else the model reads.

    Raises:
        GateworkError: the model cannot read them.
    """
    data = request.query_params.get("data", "own")
    if data == "own":
        return Asked(opened.own) if given is None or opened.own else _read(opened, given, request)
    if data == "none":
        return Asked(None)
    if data == "text":
        if opened.text is None:
            raise OptionError("this model reads tables, no text")
        name = _named(request, "")
        run = opened.text(_text_of(body, name or "the text"))
        return Asked(replace(run, title=f"{run.title}, {name}") if name else run)
    if data != "table":
        raise OptionError(f"data must be own, table, text or none, got {data[:40]!r}")
    if opened.text is not None or opened.read is None:
        raise OptionError("this model reads text, no tables")
    with sent_file(request, body) as path:
        return _read(opened, path, request)


def _read(opened: Opened, path: Path, request: Request) -> Asked:
    """Return a run over a file, by the columns and of the sequence that a request names."""
    if opened.read is None:
        raise OptionError("this model reads no files")
    options = {name: request.query_params[name] for name in COLUMNS if name in request.query_params}
    series = request.query_params.get("series")
    try:
        names, run_over = opened.read(path, options)
        if series and not names:
            raise OptionError(f"{path.name} is one sequence to this model: leave series out")
        run = run_over(series or None)
    except GateworkError as error:
        told = error.message.replace(str(path), path.name)
        raise OptionError(told, hint=error.hint) from error
    return Asked(
        replace(run, title=f"{run.title}, {path.name}"), names, series or next(iter(names), "")
    )


def _named(request: Request, name: str) -> str:
    """Return what the file that was sent is called on the user's machine, without its folder."""
    return PurePosixPath(request.query_params.get("name", name).replace("\\", "/")).name


@contextmanager
def sent_file(request: Request, body: bytes) -> Iterator[Path]:
    """Have a file that was sent, under the name that it has on the user's machine.

    Raises:
        OptionError: no model reads files of its ending.
    """
    name = _named(request, "table.csv")
    if PurePosixPath(name).suffix.lower() not in ENDINGS:
        raise OptionError(f"{name!r} must end in {', '.join(ENDINGS)}")
    with tempfile.TemporaryDirectory() as folder:
        # What some system allows in no name is replaced; the ending stays.
        path = Path(folder) / _NO_NAME.sub("_", name)[-MOST_NAME:]
        path.write_bytes(body)
        yield path


def columns_of(path: Path) -> list[str]:
    """Return the columns of a file, none where it is no table."""
    if path.suffix.lower() not in TABLES:
        return []
    try:
        return list(read_table(path).columns)
    except GateworkError:
        return []


def _text_of(body: bytes, name: str) -> str:
    """Return a text as the command line reads its files: line ends, marks, composed letters."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text"
        path.write_bytes(body)
        try:
            return TextReading("utf-8", normalize=True)(path)
        except GateworkError as error:
            told = error.message.replace(str(path), name)
            raise OptionError(told, hint="send it as UTF-8") from error


def page_hint(hint: str | None) -> str | None:
    """Return a hint in the page's words: fields to fill in where a command line has options.

    Arguments of Python say nothing here: what they name is chosen from what is there.
    """
    if hint is None or _PYTHON.search(hint):
        return None
    named = [name for name in (*COLUMNS, "series") if f"--{name.replace('_', '-')}" in hint]
    if named:
        return "fill in under “columns”: " + ", ".join(name.replace("_", " ") for name in named)
    return f"gatework explain MODEL FILE takes it: {hint}" if "--" in hint else hint


def edits_in(body: bytes) -> list[Edit]:
    """Return the edits that a page sent.

    Raises:
        OptionError: they are none.
    """
    try:
        given = read_json(body.decode())
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise OptionError("these are no edits: what was sent is no JSON") from None
    except ValueError as error:
        raise OptionError(f"these are no edits: {error}") from None
    if not isinstance(given, list):
        raise OptionError("these are no edits: a list is expected")
    edits = [_edit(one, f"number {place}") for place, one in enumerate(given, 1)]
    if len(edits) > MOST_EDITS:
        raise OptionError(f"{MOST_EDITS} edits are made at most, got {len(edits)}")
    return edits


def _edit(given: object, which: str) -> Edit:
    """Return one edit from JSON.

    Raises:
        OptionError: it is none.
    """
    if not isinstance(given, dict):
        raise OptionError(f"these are no edits: {which} is no object")
    missing = [name for name in ("step", "signal", "unit", "value") if name not in given]
    unknown = [name[:40] for name in given if name not in _EDIT]
    wrong = [name for name, fits in _EDIT.items() if name in given and not fits(given[name])]
    for names, told in ((missing, "lacks"), (unknown, "has the unknown"), (wrong, "has a wrong")):
        if names:
            raise OptionError(f"these are no edits: {which} {told} {', '.join(map(repr, names))}")
    return Edit(**given)
