"""Ledgers of searches whose rows somebody edited, or whose bytes chance did: read, or refused."""

import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from mutants import damaged, tried

from forging import HOSTILE, forge_config
from gatework.search import Axis, Outcome, layered_search, read_ledger
from gatework.search.ledger import read_description
from gatework.search.trial import Trial


def bowl(parameters: dict, seed: int) -> Outcome:
    """Return an error, which a search lowers."""
    return Outcome(float((parameters["x"] - 2) ** 2 + 0 * seed))


@pytest.fixture
def ledger(tmp_path) -> Path:
    path = tmp_path / "search.sqlite"
    layered_search(bowl, [Axis("x", (0.0, 1.0, 2.0))], trials=3, workers=1, ledger=path)
    return path


def take(path: Path) -> None:
    read_description(path)
    assert all(isinstance(trial, Trial) and repr(trial) for trial in read_ledger(path))


def edited(content: bytes, path: Path, count: int, seed: int) -> Iterator[bytes]:
    """Yield ledgers with a cell changed, as whoever may write to the folder can do."""
    draw = random.Random(seed)
    for _ in range(count):
        path.write_bytes(content)
        connection = sqlite3.connect(path)
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master") if row[0]]
        table = draw.choice([name for name in tables if not name.startswith("sqlite_")])
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        column = draw.choice(columns)
        (old,) = connection.execute(f"SELECT {column} FROM {table}").fetchone() or (None,)
        value = draw.choice(HOSTILE)
        if isinstance(old, str) and old.startswith(("{", "[")):
            value = forge_config(json.loads(old), draw)
        if isinstance(value, dict | list) or (isinstance(value, int) and abs(value) >= 2**63):
            value = json.dumps(value)
        try:
            connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
            connection.commit()
        except sqlite3.DatabaseError:  # the tables themselves refuse it
            connection.rollback()
        finally:
            connection.close()
        yield path.read_bytes()


@pytest.mark.parametrize("kind", ["edited", "damaged"])
def test_a_ledger(ledger, kind, tmp_path, times, seed) -> None:
    content, other = ledger.read_bytes(), tmp_path / "mutant.sqlite"
    if kind == "edited":
        mutants = edited(content, ledger, times(150), seed)
    else:
        mutants = damaged(content, times(150), seed)

    def read(mutant: bytes) -> None:
        other.write_bytes(mutant)
        take(other)

    taken, refused = tried(mutants, read)
    assert taken > 0
    assert refused > 0
