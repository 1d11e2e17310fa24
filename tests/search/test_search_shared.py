"""Several processes on one ledger: nothing twice, nothing lost, whoever is killed."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from searched import AXES, Bowl

from gatework.errors import FileFormatError
from gatework.search import layered_search, lease, read_ledger
from gatework.search.lease import gone, new_owner
from gatework.search.ledger import Ledger
from tolerances import PATIENCE

SCRIPT = Path(__file__).with_name("searched.py")


def start(ledger: Path, mode: str, seconds: float = 0.05) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(ledger), mode, str(seconds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def alone(tmp_path: Path) -> list:
    """Return what the script's search is without others and interruptions."""
    path = tmp_path / "alone"
    layered_search(Bowl(), AXES, trials=24, ledger=path, workers=1, seed=7)
    return shown(path)


def shown(path: Path) -> list:
    return [(t.index, t.layer, t.parameters, t.error, t.status, t.seed) for t in read_ledger(path)]


def wait_for(ledger: Path, count: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ledger.exists() or len(read_ledger(ledger)) < count:
        assert time.monotonic() < deadline, "the search made no progress"
        time.sleep(0.02)


def claims(ledger: Path) -> int:
    with sqlite3.connect(ledger) as connection:
        (count,) = connection.execute("SELECT count(*) FROM claims").fetchone()
    connection.close()
    return count


def test_three_processes_do_one_search_together(tmp_path) -> None:
    ledger = tmp_path / "shared"
    first = start(ledger, "new")
    wait_for(ledger, 1)
    others = [start(ledger, "resume"), start(ledger, "resume")]
    ends = [process.communicate(timeout=PATIENCE) for process in (first, *others)]
    assert all(process.returncode == 0 for process in (first, *others)), ends
    assert len({out for out, _ in ends}) == 1  # all come to the same result
    assert shown(ledger) == alone(tmp_path)
    assert claims(ledger) == 0


def test_what_a_killed_process_had_claimed_is_done_by_the_other(tmp_path) -> None:
    ledger = tmp_path / "shared"
    doomed = start(ledger, "new", 0.2)
    wait_for(ledger, 2)
    other = start(ledger, "resume", 0.2)
    wait_for(ledger, 4)
    doomed.kill()
    doomed.communicate()
    out, err = other.communicate(timeout=PATIENCE)
    assert other.returncode == 0, err
    assert json.loads(out)[2] == 24
    assert shown(ledger) == alone(tmp_path)
    assert claims(ledger) == 0


def test_more_trials_may_be_asked_for_when_a_search_goes_on(tmp_path) -> None:
    settings = {"workers": 1, "seed": 7, "ledger": tmp_path / "l"}
    few = layered_search(Bowl(), AXES, trials=10, **settings)
    more = layered_search(Bowl(), AXES, trials=40, resume=True, **settings)
    assert more.trials[:10] == few.trials
    assert len(more.trials) == 40
    assert more.best.error is not None
    assert few.best.error is not None
    assert more.best.error < few.best.error
    fewer = layered_search(Bowl(), AXES, trials=20, resume=True, **settings)
    assert fewer.trials == more.trials  # what is there stays


def test_a_claim_is_void_when_its_process_is_gone_or_silent() -> None:
    mine = new_owner()
    host, pid, _ = mine.rsplit(":", 2)
    assert pid == str(os.getpid())
    later = time.time() + 60
    assert not gone(mine, later)
    assert gone(mine, time.time() - 1)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert gone(f"{host}:{ended.pid}:abc", later)
    assert not gone(f"elsewhere:{ended.pid}:abc", later)


def test_a_claim_that_is_silent_is_void_when_the_clock_was_set_back_too(monkeypatch) -> None:
    now = 1000.0
    monkeypatch.setattr(lease.time, "monotonic", lambda: now)
    watched, later = lease.WatchedLeases(), time.time() + 3600  # as said before the clock was set
    assert not watched.gone(3, "elsewhere:1:abc", later)
    now += lease.LEASE - 1
    assert not watched.gone(3, "elsewhere:1:abc", later)
    assert not watched.gone(3, "elsewhere:1:abc", later + 5)  # it was renewed
    now += lease.LEASE - 1
    assert not watched.gone(3, "elsewhere:1:abc", later + 5)
    now += 2
    assert watched.gone(3, "elsewhere:1:abc", later + 5)
    assert not watched.gone(3, "elsewhere:1:def", later + 5)  # another has taken it


def test_claims_are_renewed_while_their_process_works(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(lease, "LEASE", 0.04)  # seconds between two beats: a fourth
    ledger = Ledger.create(tmp_path / "l", {})
    other = Ledger.resume(tmp_path / "l", {})
    ledger.open_layer(0, "coarse", 0, None)
    assert ledger.claim(0, 0)
    assert not other.claim(0, 0)
    with sqlite3.connect(tmp_path / "l") as connection:
        connection.execute("UPDATE claims SET until = 0")  # as if it had been silent for long
    connection.close()
    renewed = threading.Event()

    def renew() -> None:
        ledger.renew()
        renewed.set()

    beat = lease.Heartbeat(renew)
    assert renewed.wait(PATIENCE)
    beat.stop()
    assert not other.claim(0, 0)
    ledger.close()  # gives back what it had claimed
    assert other.claim(0, 0)
    other.close()


def test_a_layer_ends_behind_what_anybody_has_claimed(tmp_path) -> None:
    ledger = Ledger.create(tmp_path / "l", {})
    other = Ledger.resume(tmp_path / "l", {})
    ledger.open_layer(0, "coarse", 0, None)
    other.open_layer(0, "finer", 5, None)
    assert other.layers() == ledger.layers()
    for number in range(4):
        assert ledger.claim(number, 0)
    assert other.close_layer(0, 2) == 4
    assert ledger.close_layer(0, 9) == 4
    assert not ledger.claim(4, 0)
    ledger.close()
    other.close()


def test_a_damaged_ledger_says_what_can_still_be_read(tmp_path) -> None:
    layered_search(Bowl(), AXES, trials=6, ledger=tmp_path / "l", workers=1)
    with sqlite3.connect(tmp_path / "l") as connection:
        connection.execute("CREATE TABLE extra (a)")
    connection.close()
    with pytest.raises(FileFormatError, match="6 finished trials of it can still be read"):
        read_ledger(tmp_path / "l")


def test_an_interrupted_process_leaves_its_claims_to_others(tmp_path) -> None:
    ledger = tmp_path / "l"
    process = start(ledger, "new", 0.3)
    wait_for(ledger, 2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert claims(ledger) == 0
