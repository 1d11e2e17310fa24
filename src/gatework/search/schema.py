"""The tables of a ledger, and their rows as they are read: checked, for SQLite checks no types."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from gatework.checks import is_number, is_whole
from gatework.search.trial import START, Rung, Trial
from gatework.storage.header import read_json

VERSION = 2
TABLES = (
    """CREATE TABLE claims (
    number INTEGER PRIMARY KEY, layer INTEGER NOT NULL, owner TEXT NOT NULL, until REAL NOT NULL
)""",
    """CREATE TABLE layers (
    layer INTEGER PRIMARY KEY, kind TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER,
    tasks TEXT
)""",
    """CREATE TABLE rungs (
    number INTEGER, rung INTEGER, error REAL NOT NULL, beside INTEGER NOT NULL, threshold REAL,
    stopped INTEGER NOT NULL, PRIMARY KEY (number, rung)
) WITHOUT ROWID""",
    "CREATE TABLE search (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE trials (
    number INTEGER PRIMARY KEY, layer INTEGER NOT NULL, parameters TEXT NOT NULL,
    seed INTEGER NOT NULL, error REAL, seconds REAL NOT NULL, status TEXT NOT NULL,
    details TEXT NOT NULL, message TEXT NOT NULL
)""",
)
KINDS = ("coarse", "finer", "exhaustive", "repeats")
STATUSES = ("done", "stopped", "failed", "start")


class TrialTask(NamedTuple):
    """What a trial evaluates: the values of all axes, and a seed."""

    point: tuple[Any, ...]
    seed: int


class Layer(NamedTuple):
    """A layer of a search.

    Attributes:
        kind: one of KINDS.
        first: the number of its first trial.
        size: how many trials it has; None while that is open.
        tasks: what it tries, by whoever began it; None where it follows from axes and seed.
    """

    kind: str
    first: int
    size: int | None
    tasks: tuple[TrialTask, ...] | None

    def holds(self, number: int) -> bool:
        """Tell whether a trial is one of this layer by its number."""
        return self.first <= number and (self.size is None or number < self.first + self.size)


def check_schema(connection: sqlite3.Connection) -> None:
    """Refuse a file with anything but the tables: views and triggers would run."""
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    if [sql for (sql,) in rows] != list(TABLES):
        raise ValueError("it has other tables than a ledger, or triggers or views")
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise ValueError("its pages contradict each other")


def trials_of(connection: sqlite3.Connection) -> list[Trial]:
    """Return all trials by their number."""
    return [row for row in _rows(connection) if row.status != "start"]


def start_of(connection: sqlite3.Connection) -> Trial | None:
    """Return what the search began with; None where there is nothing."""
    return next((row for row in _rows(connection) if row.status == "start"), None)


def _rows(connection: sqlite3.Connection) -> list[Trial]:
    rungs = rungs_of(connection)
    rows = connection.execute(
        "SELECT number, layer, parameters, seed, error, seconds, status, details, message "
        "FROM trials ORDER BY number"
    )
    return [trial_of(row, rungs) for row in rows]


def rungs_of(connection: sqlite3.Connection) -> dict[int, list[Rung]]:
    """Return the decisions about each trial, by its number."""
    found: dict[int, list[Rung]] = {}
    for row in connection.execute("SELECT * FROM rungs ORDER BY number, rung"):
        number, rung, error, beside, threshold, stopped = row
        before = found.setdefault(number, [])
        counted = is_whole(number, 0) and is_whole(beside, 0) and rung == len(before)
        sound = counted and is_number(error) and (threshold is None or is_number(threshold))
        if not sound or stopped not in (0, 1):
            raise ValueError(f"the rung {rung!r} of trial {number!r} is not one that a search has")
        before.append(Rung(error, beside, threshold, bool(stopped)))
    return found


def layers_of(connection: sqlite3.Connection) -> list[Layer]:
    """Return all layers in their order."""
    found: list[Layer] = []
    following: int | None = 0
    rows = connection.execute("SELECT layer, kind, first, count, tasks FROM layers ORDER BY layer")
    for number, kind, first, size, tasks in rows:
        layer = Layer(kind, first, size, _tasks(tasks))
        whole = layer.size is None or is_whole(layer.size, 0)
        if number != len(found) or layer.kind not in KINDS or layer.first != following or not whole:
            raise ValueError(f"layer {number!r} is not one that a search has")
        following = None if layer.size is None else layer.first + layer.size
        found.append(layer)
    return found


def trial_of(row: tuple[Any, ...], rungs: dict[int, list[Rung]]) -> Trial:
    """Return a row of the table of trials, with the decisions about it; ValueError if unsound."""
    index, layer, parameters, seed, error, seconds, status, details, message = row
    began = status == "start"
    numbered = index == layer == START if began else is_whole(index, 0) and is_whole(layer, 0)
    timed = is_number(seconds) and seconds >= 0
    told = is_number(error) if began or status == "done" else error is None
    ended = status in STATUSES and told and isinstance(seed, int)
    if not (numbered and timed and ended and isinstance(message, str)):
        raise ValueError(f"the row of trial {index!r} is not one that a search writes")
    values = {name: _tuples(value) for name, value in _json_object(parameters).items()}
    noted = tuple(rungs.get(index, ()))
    return Trial(
        index, layer, values, error, seconds, status, _json_object(details), message, seed, noted
    )


def _tasks(text: Any) -> tuple[TrialTask, ...] | None:
    """Return the tasks of a layer from JSON, [[values, seed], ...]."""
    if text is None:
        return None
    found = tuple(TrialTask(_tuples(values), seed) for values, seed in read_json(text))
    if not all(isinstance(task.point, tuple) and isinstance(task.seed, int) for task in found):
        raise ValueError("the tasks of a layer are not as a search writes them")
    return found


def _json_object(text: Any) -> dict[str, Any]:
    found = read_json(text) if isinstance(text, str) else None
    if not isinstance(found, dict):
        raise ValueError("a column that holds a JSON object holds something else")
    return found


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
