"""The ledger: every result of a search in a file, as soon as it is known."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gatework.errors import FileFormatError, InputFileError, OptionError, OutputError
from gatework.search.trial import Trial
from gatework.storage import atomic_write

_TABLES = (
    "CREATE TABLE search (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE trials (
    number INTEGER PRIMARY KEY, layer INTEGER NOT NULL, parameters TEXT NOT NULL, error REAL,
    seconds REAL NOT NULL, status TEXT NOT NULL, details TEXT NOT NULL, message TEXT NOT NULL
)""",
)
_VERSION = 1


class Ledger:
    """An SQLite file with the description of a search and its trials.

    Each trial is committed, and flushed to the disk, by itself, so that a search killed at any
    moment loses at most the trials that were running.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self.path = connection, path

    @classmethod
    def create(cls, path: Path, description: Mapping[str, Any]) -> Ledger:
        """Begin a new ledger, whole with its description from its first moment.

        Raises:
            OutputError: when the file exists, or cannot be written.
        """
        if path.exists():
            raise OutputError(
                f"{path} exists already and was kept",
                hint="pass resume=True (--resume) to go on with it, or choose another path",
            )
        rows = {"version": _VERSION, **description}
        texts = [(key, json.dumps(value)) for key, value in rows.items()]
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            for table in _TABLES:
                connection.execute(table)
            connection.executemany("INSERT INTO search VALUES (?, ?)", texts)
            connection.commit()
            content = connection.serialize()
        atomic_write(path, content, overwrite=False)
        return cls(_connect(path, "rw"), path)

    @classmethod
    def resume(cls, path: Path, description: Mapping[str, Any]) -> Ledger:
        """Open the ledger of an interrupted search.

        Raises:
            InputFileError: when there is no such file.
            FileFormatError: when the file is damaged or no ledger.
            OptionError: when it belongs to another search, naming what differs.
        """
        with _reading(path):
            connection = _connect(path, "rw")
            _check_schema(connection)
            found = _description(connection, path)
        expected = json.loads(json.dumps(dict(description)))
        keys = sorted(found.keys() | expected.keys())
        differing = [key for key in keys if found.get(key) != expected.get(key)]
        if differing:
            said = ", ".join(f"{k} was {found.get(k)} and is {expected.get(k)}" for k in differing)
            connection.close()
            raise OptionError(
                f"{path} is the ledger of another search: {said}",
                hint="resume with the same settings, or begin a new search elsewhere",
            )
        return cls(connection, path)

    def trials(self) -> list[Trial]:
        """Return all trials by their number."""
        with _reading(self.path):
            return _trials(self._connection)

    def add(self, trial: Trial) -> None:
        """Write a trial; it is on the disk when this returns.

        Raises:
            OutputError: when it cannot be written, as on a full disk.
        """
        row = (
            trial.index,
            trial.layer,
            json.dumps(trial.parameters),
            trial.error,
            trial.seconds,
            trial.status,
            json.dumps(trial.details),
            trial.message,
        )
        try:
            with self._connection:
                self._connection.execute("INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError as error:
            raise OutputError(
                f"{self.path} has trial {trial.index} already: another search writes to it",
                hint="wait until that search has ended, then resume",
            ) from error
        except sqlite3.Error as error:
            raise OutputError(
                f"{self.path} cannot be written: {error}",
                hint="free some space, then resume; what is in it is intact",
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def read_ledger(path: str | os.PathLike[str]) -> list[Trial]:
    """Return the trials of a ledger by their number.

    The file is only read, except after a search that was killed while it wrote: what is half
    written is then taken back first.

    Raises:
        InputFileError: when there is no such file.
        FileFormatError: when the file is damaged or no ledger.
    """
    path = Path(path)
    unfinished = path.with_name(path.name + "-journal").exists()
    mode = "rw" if unfinished else "ro"
    with _reading(path), contextlib.closing(_connect(path, mode)) as connection:
        _check_schema(connection)
        _description(connection, path)
        return _trials(connection)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=30)
    connection.execute("PRAGMA trusted_schema = OFF")  # nothing in the file may call functions
    connection.execute("PRAGMA synchronous = EXTRA")  # the folder is flushed too
    return connection


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    if not path.is_file():
        raise InputFileError(f"{path} is not there, or is no file; expected a ledger")
    if not os.access(path, os.R_OK):
        raise InputFileError(f"{path} may not be read", hint="change who may read it")
    try:
        yield
    except (sqlite3.Error, ValueError, TypeError, RecursionError) as error:
        raise FileFormatError(
            f"{path} is no ledger or is damaged: {error}",
            hint="put it aside and begin a new search; sqlite3's .recover may save its rows",
        ) from error


def _description(connection: sqlite3.Connection, path: Path) -> dict[str, Any]:
    rows = connection.execute("SELECT key, value FROM search")
    found = {key: json.loads(value) for key, value in rows}
    version = found.pop("version", None)
    if version != _VERSION:
        raise FileFormatError(
            f"{path} has ledger version {version}, this Gatework reads version {_VERSION}"
        )
    return found


def _trials(connection: sqlite3.Connection) -> list[Trial]:
    rows = connection.execute(
        "SELECT number, layer, parameters, error, seconds, status, details, message "
        "FROM trials ORDER BY number"
    )
    return [_trial(row) for row in rows]


def _trial(row: tuple[Any, ...]) -> Trial:
    """Return a row as a trial, after checking every column: SQLite itself checks no types."""
    index, layer, parameters, error, seconds, status, details, message = row
    whole = isinstance(index, int) and isinstance(layer, int) and index >= 0 and layer >= 0
    timed = isinstance(seconds, float) and math.isfinite(seconds) and seconds >= 0
    ended = (status == "failed" and error is None) or (
        status == "done" and isinstance(error, float) and math.isfinite(error)
    )
    if not (whole and timed and ended and isinstance(message, str)):
        raise ValueError(f"the row of trial {index!r} is not one that a search writes")
    return Trial(
        index,
        layer,
        {name: _tuples(value) for name, value in _json_object(parameters).items()},
        error,
        seconds,
        status,
        _json_object(details),
        message,
    )


def _json_object(text: Any) -> dict[str, Any]:
    found = json.loads(text) if isinstance(text, str) else None
    if not isinstance(found, dict):
        raise ValueError("a column that holds a JSON object holds something else")
    return found


def _check_schema(connection: sqlite3.Connection) -> None:
    """Refuse a file with anything but the two tables: views and triggers would run."""
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    if [sql for (sql,) in rows] != list(_TABLES):
        raise ValueError("it has other tables than a ledger, or triggers or views")
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise ValueError("its pages contradict each other")


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
