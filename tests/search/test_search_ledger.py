"""The ledger: strict about what it reads, whole after any kill, executing nothing."""

import dataclasses
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from searched import AXES, Bowl

from gatework.errors import FileFormatError, GateworkError, OutputError
from gatework.search import Outcome, Trial, layered_search, read_ledger, read_start, rescue_ledger
from gatework.search.ledger import Ledger
from tolerances import PATIENCE

# Begins to write more than SQLite keeps in memory, and dies before the end.
KILLED_WRITER = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
for number in range(100, 1100):
    row = (number, "x" * 500)
    connection.execute("INSERT INTO trials VALUES (?, 0, '{}', 0, 1, 1, 'done', '{}', ?)", row)
os.kill(os.getpid(), signal.SIGKILL)
"""

DEEP = "[" * 100_000


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "search.sqlite"
    search(path)
    return path


def search(path, resume=False):
    return layered_search(Bowl(), AXES, trials=4, workers=1, ledger=path, resume=resume)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE trials SET parameters = '[1]'",
        "UPDATE trials SET details = '3'",
        "UPDATE trials SET parameters = x'7b7d'",
        f"UPDATE trials SET details = '{DEEP}'",
        "UPDATE trials SET details = '{\"a\": NaN}'",
        'UPDATE trials SET details = \'{"a": 1, "a": 2}\'',
        f"UPDATE search SET value = '1{10**400}' WHERE key = 'trials'",
        "UPDATE trials SET error = 'small'",
        "UPDATE trials SET error = 9e999",
        "UPDATE trials SET error = NULL",
        "UPDATE trials SET layer = 'x'",
        "UPDATE trials SET number = -number - 1",
        "UPDATE trials SET status = 'maybe'",
        "UPDATE trials SET status = 'start'",
        "UPDATE trials SET seconds = 'long'",
        "CREATE TRIGGER t AFTER INSERT ON trials BEGIN DELETE FROM trials; END",
        "CREATE VIEW v AS SELECT * FROM trials",
        "DROP TABLE trials; CREATE VIEW trials AS SELECT 0 number, 0 layer, '{}' parameters, 0 "
        "seed, 1.0 error, 1.0 seconds, 'done' status, '{}' details, '' message",
        "DROP TABLE search",
    ],
)
def test_altered_ledgers_are_refused(ledger, change) -> None:
    with sqlite3.connect(ledger) as connection:
        connection.executescript(change)
    connection.close()
    for action in (lambda: read_ledger(ledger), lambda: search(ledger, resume=True)):
        with pytest.raises(FileFormatError, match="is no ledger or is damaged") as caught:
            action()
        assert "begin a new search" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("kind = 'exhaustive'", "one of its layers tries all points"),
        ("kind = 'finer'", "a layer of kind 'finer' has no list of tasks"),
        ("tasks = '[[[1.0, 0.1, 8, [8]], 0]]'", "a layer of kind 'coarse' has a list of tasks"),
        ("kind = 'finer', tasks = '[[[1.0, 0.1, 8], 0]]'", "is none of this search"),
        ("kind = 'finer', tasks = '[[[1.0, 0.1, 8, [8]], 5]]'", "is none of this search"),
        ("kind = 'finer', tasks = '[[[1e9, 0.1, 8, [8]], 0]]'", "has x = 1000000000.0, beyond its"),
        (
            "kind = 'finer', tasks = '[[[1.0, 0.1, 8, [99999]], 0]]'",
            r"= \(99999,\), beyond its axis",
        ),
        ("kind = 'finer', tasks = '[[[1.0, 0.1, 8, [8, 8, 8]], 0]]'", "beyond its axis"),
        ("kind = 'finer', tasks = '[[[1.0, 0.1, 8.5, [8]], 0]]'", r"window = 8\.5, beyond its"),
    ],
)
def test_a_ledger_adds_nothing_to_what_the_axes_offer(ledger, change, said) -> None:
    with sqlite3.connect(ledger) as connection:
        connection.executescript("DELETE FROM trials; DELETE FROM layers WHERE layer > 0")
        connection.execute(f"UPDATE layers SET count = NULL, {change}")
    connection.close()
    with pytest.raises(FileFormatError, match=f"is damaged: .*{said}"):
        search(ledger, resume=True)


@pytest.mark.parametrize("change", ["number = number + 5", "layer = 3 - number", "layer = 99"])
def test_numbers_that_no_search_leaves_are_refused(ledger, change) -> None:
    with sqlite3.connect(ledger) as connection:
        connection.execute(f"UPDATE trials SET {change}")
    connection.close()
    with pytest.raises(FileFormatError, match="not in an order that a search has"):
        search(ledger, resume=True)


def test_changed_bytes_are_refused_or_harmless(ledger) -> None:
    """Whatever bytes change, reading and resuming end, with a result or an error of our own."""
    whole, rng = ledger.read_bytes(), random.Random(0)
    refused = 0
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(rng.choice((1, 1, 8))):
            content[rng.randrange(len(content))] = rng.randrange(256)
        ledger.write_bytes(content[: rng.choice((len(content), rng.randrange(len(content))))])
        for action in (lambda: read_ledger(ledger), lambda: search(ledger, resume=True)):
            try:
                action()
            except GateworkError:
                refused += 1
    assert refused > 100


def test_a_half_written_trial_is_taken_back(ledger) -> None:
    before = read_ledger(ledger)
    killed = subprocess.run([sys.executable, "-c", KILLED_WRITER, str(ledger)], timeout=PATIENCE)
    assert killed.returncode == -signal.SIGKILL
    assert ledger.with_name(ledger.name + "-journal").exists()
    assert read_ledger(ledger) == before
    assert search(ledger, resume=True).trials == tuple(before)


def test_reading_changes_nothing(ledger) -> None:
    before = (ledger.read_bytes(), ledger.stat().st_mtime_ns)
    read_ledger(ledger)
    assert (ledger.read_bytes(), ledger.stat().st_mtime_ns) == before
    assert list(ledger.parent.iterdir()) == [ledger]


def test_every_trial_is_on_the_disk_when_added(tmp_path) -> None:
    ledger = Ledger.create(tmp_path / "l", {"seed": 1})
    trial = Trial(0, 0, {"sizes": (8, 4), "kind": "a"}, 0.5, 1.0, "done", {"epochs": 3})
    ledger.add(trial)
    assert read_ledger(tmp_path / "l") == [trial]
    late = dataclasses.replace(trial, error=9.0)
    assert ledger.add(late) == trial  # what was written first stays
    ledger.close()


def test_a_ledger_in_no_folder_is_an_error(tmp_path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        search(tmp_path / "nowhere" / "search.sqlite")


FULL_DISK = """
import resource, signal, sys
sys.path.insert(0, sys.argv[1])
from searched import AXES, Bowl
from gatework.errors import OutputError
from gatework.search import layered_search
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    layered_search(Bowl(), AXES, trials=80, workers=1, ledger=sys.argv[2])
except OutputError as error:
    print(error)
"""


@pytest.mark.parametrize("size", [16_000, 32_768])
def test_a_full_disk_leaves_no_ledger_or_a_whole_one(tmp_path, size) -> None:
    path = tmp_path / "search.sqlite"
    full = [sys.executable, "-c", FULL_DISK, str(Path(__file__).parent), str(path), str(size)]
    done = subprocess.run(full, capture_output=True, text=True, timeout=PATIENCE)
    assert "cannot be written" in done.stdout, done.stderr
    assert "free some space" in done.stdout
    assert list(tmp_path.iterdir()) == ([] if size == 16_000 else [path])
    kept = len(read_ledger(path)) if path.exists() else 0
    assert (kept > 10) == path.exists()
    resumed = layered_search(Bowl(), AXES, trials=80, workers=1, ledger=path, resume=path.exists())
    assert len(resumed.trials) == 80


def test_what_a_search_began_with_is_a_row_of_its_own(tmp_path) -> None:
    asked = []

    def start() -> Outcome:
        asked.append(1)
        return Outcome(2.5, {"network": "pretrained"})

    how = {"ledger": tmp_path / "l", "workers": 1, "start": start}
    found = layered_search(Bowl(), AXES, trials=3, **how)
    assert found.start is not None
    assert (found.start.error, found.start.status, found.start.parameters) == (2.5, "start", {})
    assert found.start == read_start(tmp_path / "l")
    assert read_ledger(tmp_path / "l") == list(found.trials)
    again = layered_search(Bowl(), AXES, trials=5, resume=True, **how)
    assert (again.start, len(again.trials), len(asked)) == (found.start, 5, 1)
    saved = rescue_ledger(tmp_path / "l", tmp_path / "rescued")
    assert (saved, read_start(tmp_path / "rescued")) == (list(again.trials), found.start)


def test_a_ledger_that_lacks_what_its_search_began_with_gets_it(tmp_path) -> None:
    how = {"ledger": tmp_path / "l", "workers": 1}
    layered_search(Bowl(), AXES, trials=3, **how)
    assert read_start(tmp_path / "l") is None
    how |= {"start": lambda: Outcome(2.5)}
    again = layered_search(Bowl(), AXES, trials=3, resume=True, **how)
    assert again.start is not None
    assert (again.start.error, len(again.trials)) == (2.5, 3)
