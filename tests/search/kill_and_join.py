"""Searches by two processes that are killed at random moments, again and again, until they end.

    python tests/search/kill_and_join.py [--searches 20]

Each search goes on until its trials are done; every time one of the processes is killed with
SIGKILL, another one takes its place. In the end there must be the very trials of a search that
nobody disturbed: none lost, none twice. No test of the suite: it takes some seconds a search.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from searched import AXES, Bowl

from gatework.search import layered_search, read_ledger

SCRIPT = Path(__file__).with_name("searched.py")


def main() -> None:
    """Kill, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--searches", type=int, default=20)
    searches = parser.parse_args().searches
    kills = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole")
        layered_search(Bowl(), AXES, trials=24, ledger=whole, workers=1, seed=7)
        for number in range(searches):
            ledger = Path(folder, f"{number}")
            killed = search(ledger, random.Random(number))
            same = shown(ledger) == shown(whole)
            kills, wrong = kills + killed, wrong + (not same)
            print(f"search {number}: {killed} kills, {'as undisturbed' if same else 'WRONG'}")
    print(f"{searches} searches, {kills} kills, {wrong} ended otherwise than undisturbed")
    sys.exit(bool(wrong))


def search(ledger: Path, draw: random.Random) -> int:
    """Let two processes search, one after the other being killed; return how many were."""
    running, kills = [start(ledger, "new")], 0
    while not ledger.exists():
        time.sleep(0.01)
    while running:
        while len(running) < 2:
            running.append(start(ledger, "resume"))
        time.sleep(draw.uniform(0.3, 2.5))
        doomed = running.pop(draw.randrange(2))
        if doomed.poll() is None:
            doomed.kill()
            kills += 1
        doomed.wait()
        if any(process.poll() == 0 for process in (doomed, *running)):
            for process in running:
                process.wait()
            return kills
    raise AssertionError("unreachable")


def start(ledger: Path, mode: str) -> subprocess.Popen[bytes]:
    """Begin or join a search, with two workers and trials of 0.3 seconds."""
    command = [sys.executable, str(SCRIPT), str(ledger), mode, "0.3"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def shown(path: Path) -> list[tuple[object, ...]]:
    """Return what does not depend on time."""
    return [(t.index, t.layer, t.parameters, t.error, t.status, t.seed) for t in read_ledger(path)]


if __name__ == "__main__":
    main()
