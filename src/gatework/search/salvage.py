"""What of a damaged ledger can still be read, and how it becomes a whole one again."""

from __future__ import annotations

import contextlib
import sqlite3

from gatework.search.schema import TABLES, layers_of, rungs_of, trial_of, trials_of

_COPIED = ("search", "layers", "rungs", "trials")  # claims are of those who worked on it
_ENDS = ("ASC", "DESC")
_UNSOUND = (ValueError, TypeError, RecursionError)


def salvage(source: sqlite3.Connection) -> sqlite3.Connection:
    """Return a ledger in memory with every row of a damaged one that can be read and is sound.

    Trials that are missing are then as if they had not been tried. Where a decision at a rung is
    unsound all of them are left out.

    Raises:
        ValueError: when a table is not as in a ledger; a view in its place would be run.
        sqlite3.Error: when not even the list of tables can be read.
    """
    created = {sql.split("(")[0].split()[2]: sql for sql in TABLES}
    for name in _COPIED:
        found = source.execute("SELECT type, sql FROM sqlite_master WHERE name = ?", (name,))
        if found.fetchone() != ("table", created[name]):
            raise ValueError(f"its table {name} is not that of a ledger")
    target = sqlite3.connect(":memory:")
    for table in TABLES:
        target.execute(table)
    for name in _COPIED:
        _copy(source, target, name)
    _drop_unsound(target)
    target.commit()
    return target


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, name: str) -> None:
    """Copy the rows of a table from both ends, each up to what is damaged."""
    for end in _ENDS:
        with contextlib.suppress(sqlite3.Error):
            for row in source.execute(f"SELECT * FROM {name} ORDER BY 1 {end}"):
                marks = ", ".join("?" * len(row))
                with contextlib.suppress(sqlite3.Error):
                    target.execute(f"INSERT OR IGNORE INTO {name} VALUES ({marks})", row)


def _drop_unsound(target: sqlite3.Connection) -> None:
    try:
        rungs_of(target)
    except _UNSOUND:
        target.execute("DELETE FROM rungs")
    while True:
        try:
            layers = layers_of(target)
            break
        except _UNSOUND:
            target.execute("DELETE FROM layers WHERE layer = (SELECT max(layer) FROM layers)")
    for row in target.execute("SELECT * FROM trials").fetchall():
        try:
            trial = trial_of(row, {})
            sound = trial.status == "start" or layers[trial.layer].holds(trial.index)
        except (*_UNSOUND, IndexError):
            sound = False
        if not sound:
            target.execute("DELETE FROM trials WHERE number = ?", (row[0],))
    trials_of(target)  # by now every row is sound
