"""The ledger: every result of a search in a file, as soon as it is known."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gatework.errors import (
    FileFormatError,
    GateworkError,
    InputFileError,
    OptionError,
    OutputError,
)
from gatework.search.lease import LEASE, WatchedLeases, new_owner
from gatework.search.salvage import salvage
from gatework.search.schema import (
    TABLES,
    VERSION,
    Layer,
    TrialTask,
    check_schema,
    layers_of,
    rungs_of,
    start_of,
    trials_of,
)
from gatework.search.trial import Rung, Trial
from gatework.storage import atomic_write
from gatework.storage.header import read_json
from gatework.storage.reading import refuse_special

LIMITS = ("trials", "budget", "origin")
"""What may differ when a search is resumed: how long it goes on, and what resumes it."""


class Ledger:
    """An SQLite file with the description of a search, its layers, trials and claims.

    Each change is committed, and flushed to the disk, by itself, so that a search killed at any
    moment loses at most the trials that were running. Several processes may work on one ledger:
    a trial is claimed before it is begun, and the claims of a process that is no more are void.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self.path = connection, path
        self.owner = new_owner()
        self._others = WatchedLeases()

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
        rows = {"version": VERSION, **description}
        texts = [(key, json.dumps(value)) for key, value in rows.items()]
        with contextlib.closing(sqlite3.connect(":memory:")) as connection:
            for table in TABLES:
                connection.execute(table)
            connection.executemany("INSERT INTO search VALUES (?, ?)", texts)
            connection.commit()
            content = connection.serialize()
        atomic_write(path, content, overwrite=False)
        return cls(_connect(path, "rw"), path)

    @classmethod
    def resume(cls, path: Path, description: Mapping[str, Any]) -> Ledger:
        """Open the ledger of a search that was interrupted, ended or still runs, to go on with it.

        Raises:
            InputFileError: when there is no such file.
            FileFormatError: when the file is damaged or no ledger.
            OptionError: when it belongs to another search, naming what differs.
        """
        with _reading(path):
            connection = _connect(path, "rw")
            check_schema(connection)
            found = _description(connection, path)
        expected = read_json(json.dumps(dict(description)))
        keys = sorted((found.keys() | expected.keys()) - set(LIMITS))
        differing = [key for key in keys if found.get(key) != expected.get(key)]
        if differing:
            said = ", ".join(f"{k} was {found.get(k)} and is {expected.get(k)}" for k in differing)
            connection.close()
            raise OptionError(
                f"{path} is the ledger of another search: {said}",
                hint="resume with the same settings, or begin a new search elsewhere",
            )
        ledger = cls(connection, path)
        with ledger._writing():
            limits = [(json.dumps(expected.get(name)), name) for name in LIMITS]
            connection.executemany("UPDATE search SET value = ? WHERE key = ?", limits)
        return ledger

    def trials(self) -> list[Trial]:
        """Return all trials by their number."""
        with _reading(self.path):
            return trials_of(self._connection)

    def start(self) -> Trial | None:
        """Return what the search began with; None where there is nothing."""
        with _reading(self.path):
            return start_of(self._connection)

    def rungs(self) -> dict[int, list[Rung]]:
        """Return the decisions about each trial, also of those that run, by its number."""
        with _reading(self.path):
            return rungs_of(self._connection)

    def layers(self) -> list[Layer]:
        """Return all layers in their order."""
        with _reading(self.path):
            return layers_of(self._connection)

    def changed(self) -> int:
        """Return a number that is another one after another process has written."""
        return self._connection.execute("PRAGMA data_version").fetchone()[0]

    def open_layer(
        self, number: int, kind: str, first: int, tasks: Sequence[TrialTask] | None
    ) -> None:
        """Begin a layer, unless another process has begun it."""
        row = (number, kind, first, None if tasks is None else json.dumps(tasks))
        with self._writing():
            self._connection.execute("INSERT OR IGNORE INTO layers VALUES (?, ?, ?, NULL, ?)", row)

    def close_layer(self, number: int, count: int) -> int:
        """Let a layer have ``count`` trials, or more where more are claimed; return how many."""
        with self._writing():
            first, closed = self._connection.execute(
                "SELECT first, count FROM layers WHERE layer = ?", (number,)
            ).fetchone()
            if closed is not None:
                return closed
            (last,) = self._connection.execute(
                "SELECT max(number) FROM (SELECT number, layer FROM trials "
                "UNION ALL SELECT number, layer FROM claims) WHERE layer = ?",
                (number,),
            ).fetchone()
            count = count if last is None else max(count, last + 1 - first)
            row = (count, number)
            self._connection.execute("UPDATE layers SET count = ? WHERE layer = ?", row)
            return count

    def claim(self, number: int, layer: int) -> bool:
        """Claim a trial for this process; False when it is another's, ended, or not to be."""
        with self._writing():
            (first, count) = self._connection.execute(
                "SELECT first, count FROM layers WHERE layer = ?", (layer,)
            ).fetchone()
            closed = count is not None and number >= first + count
            if closed or self._ended(number) or self._claimed_by_another(number):
                return False
            row = (number, layer, self.owner, time.time() + LEASE)
            self._connection.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?)", row)
        return True

    def abandoned(self, number: int) -> bool:
        """Tell whether nobody works on a trial that has not ended."""
        return not self._ended(number) and not self._claimed_by_another(number)

    def renew(self) -> None:
        """Renew all claims of this process, from any of its threads."""
        with contextlib.closing(_connect(self.path, "rw")) as connection:
            connection.execute(
                "UPDATE claims SET until = ? WHERE owner = ?", (time.time() + LEASE, self.owner)
            )

    def add(self, trial: Trial) -> Trial:
        """Write a trial; it is on the disk when this returns.

        A trial that another process has written meanwhile, after this one had been thought dead,
        stays as it is. Returns what is in the ledger.

        Raises:
            OutputError: when it cannot be written, as on a full disk.
        """
        row = (
            trial.index,
            trial.layer,
            json.dumps(trial.parameters),
            trial.seed,
            trial.error,
            trial.seconds,
            trial.status,
            json.dumps(trial.details),
            trial.message,
        )
        with self._writing():
            done = self._connection.execute(
                "INSERT OR IGNORE INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row
            )
            self._connection.execute("DELETE FROM claims WHERE number = ?", (trial.index,))
        if done.rowcount == 1:
            return trial
        rows = (self.start(), *self.trials())
        return next(kept for kept in rows if kept is not None and kept.index == trial.index)

    def add_rung(self, number: int, place: int, rung: Rung) -> None:
        """Write what was decided about a trial at a rung.

        Raises:
            OutputError: when it cannot be written.
        """
        row = (number, place, rung.error, rung.beside, rung.threshold, int(rung.stopped))
        with self._writing():
            self._connection.execute("INSERT OR IGNORE INTO rungs VALUES (?, ?, ?, ?, ?, ?)", row)

    def close(self) -> None:
        """Give back what is claimed, and close the file."""
        with contextlib.suppress(GateworkError), self._writing():
            self._connection.execute("DELETE FROM claims WHERE owner = ?", (self.owner,))
        self._connection.close()

    def _ended(self, number: int) -> bool:
        rows = self._connection.execute("SELECT 1 FROM trials WHERE number = ?", (number,))
        return rows.fetchone() is not None

    def _claimed_by_another(self, number: int) -> bool:
        found = self._connection.execute(
            "SELECT owner, until FROM claims WHERE number = ?", (number,)
        ).fetchone()
        if found is None or found[0] == self.owner:
            return False
        return not self._others.gone(number, *found)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Write in one transaction, alone."""
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
        except sqlite3.OperationalError as error:
            raise OutputError(
                f"{self.path} cannot be written: {error}",
                hint="free some space, then resume; what is in it is intact",
            ) from error
        except sqlite3.DatabaseError as error:
            raise _damage(self.path, error) from error


def read_ledger(path: str | os.PathLike[str]) -> list[Trial]:
    """Return the trials of a ledger by their number.

    The file is only read, except after a search that was killed while it wrote: what is half
    written is then taken back first.

    Raises:
        InputFileError: when there is no such file.
        FileFormatError: when the file is damaged or no ledger.
    """
    with _opened(Path(path)) as connection:
        return trials_of(connection)


def read_start(path: str | os.PathLike[str]) -> Trial | None:
    """Return what the search of a ledger began with; None where there is nothing.

    Raises:
        InputFileError, FileFormatError: as read_ledger.
    """
    with _opened(Path(path)) as connection:
        return start_of(connection)


def read_description(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a ledger says of its search: axes, seed, limits, fingerprint, origin.

    Raises:
        InputFileError, FileFormatError: as read_ledger.
    """
    path = Path(path)
    with _opened(path) as connection:
        return _description(connection, path)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    unfinished = path.with_name(path.name + "-journal").exists()
    mode = "rw" if unfinished else "ro"
    with _reading(path), contextlib.closing(_connect(path, mode)) as connection:
        check_schema(connection)
        _description(connection, path)
        yield connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)
    connection.execute("PRAGMA trusted_schema = OFF")  # nothing in the file may call functions
    connection.execute("PRAGMA synchronous = EXTRA")  # the folder is flushed too
    return connection


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    refuse_special(path)
    if not path.is_file():
        raise InputFileError(f"{path} is not there, or is no file; expected a ledger")
    if not os.access(path, os.R_OK):
        raise InputFileError(f"{path} may not be read", hint="change who may read it")
    try:
        yield
    except GateworkError:
        raise
    except (sqlite3.Error, ValueError, TypeError, RecursionError) as error:
        raise _damage(path, error) from error


def _damage(path: Path, error: Exception) -> FileFormatError:
    """Return the error of a damaged ledger, which says what of it can still be read."""
    saved = 0
    with (
        contextlib.suppress(sqlite3.Error, ValueError, TypeError, RecursionError),
        contextlib.closing(_connect(path, "ro")) as connection,
        contextlib.closing(salvage(connection)) as whole,
    ):
        saved = len(trials_of(whole))
    if not saved:
        return FileFormatError(
            f"{path} is no ledger or is damaged: {error}; nothing of it can be read",
            hint="put it aside and begin a new search",
        )
    return FileFormatError(
        f"{path} is no ledger or is damaged: {error}; {saved} finished trials of it can still be "
        "read",
        hint=f"gatework search rescue {path} --out rescued.sqlite makes a ledger of them to go on "
        "with; or begin a new search",
    )


def rescue_ledger(path: str | os.PathLike[str], out: str | os.PathLike[str]) -> list[Trial]:
    """Write whatever can be read of a damaged ledger into a new one, and return its trials.

    The search can be resumed with it; trials that were lost are done again. ``path`` is only read.

    Raises:
        InputFileError: when there is no such file.
        FileFormatError: when not enough of it can be read to go on with.
        OutputError: when ``out`` exists or cannot be written.
    """
    path = Path(path)
    with (
        _reading(path),
        contextlib.closing(_connect(path, "ro")) as connection,
        contextlib.closing(salvage(connection)) as whole,
    ):
        _description(whole, path)
        found, content = trials_of(whole), whole.serialize()
    atomic_write(out, content, overwrite=False)
    return found


def _description(connection: sqlite3.Connection, path: Path) -> dict[str, Any]:
    rows = connection.execute("SELECT key, value FROM search")
    found = {key: read_json(value) for key, value in rows}
    version = found.pop("version", None)
    if version != VERSION:
        raise FileFormatError(
            f"{path} has ledger version {version}, this Gatework reads version {VERSION}",
            hint="read it with the Gatework that wrote it, or begin a new search",
        )
    return found
