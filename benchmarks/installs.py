"""The runtime of several installs of Gatework side by side, such as a checkout's and a wheel's.

python benchmarks/installs.py PYTHON PYTHON ... [--target avx2] [--rounds 6]

Each Python is that of an environment. Each round starts a process of each, since where one has
its memory changes the shortest times, and lets them take turns; what counts is the least processor
time of a call, on one thread.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

SAMPLE, SAMPLES = 0.02, 8
"""Seconds of a sample, and how many a turn has."""


def contenders(target: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what the runtime does without torch, by its names in ``gatework bench``."""
    import numpy as np

    from gatework.bench.drawn import drawn_model
    from gatework.bench.regimes import REGIMES

    draw = np.random.default_rng(0).standard_normal
    for regime in REGIMES:
        if regime.needs_torch:
            continue
        sizes, B = [regime.hidden] * regime.layers, regime.batch
        model = drawn_model(target, regime.hidden, sizes, storage=regime.storage)
        if regime.task == "step":
            call, x = model.stepper(batch=B).step, draw((B, regime.hidden), np.float32)
        else:
            call, x = model, draw((regime.steps, B, regime.hidden), np.float32)
        yield regime.name, lambda call=call, x=x: call(x)


def serve(target: str) -> None:
    """Answer each name that is asked for with seconds a call."""
    calls = dict(contenders(target))
    print(*calls, sep="\t", flush=True)
    for line in sys.stdin:
        call, runs = calls[line.strip()], 1
        while (seconds := _seconds(call, runs)) < SAMPLE:
            runs = max(2 * runs, int(1.1 * runs * SAMPLE / max(seconds, 1e-4)))
        print(min(_seconds(call, runs) / runs for _ in range(SAMPLES)), flush=True)


def _seconds(call: Callable[[], object], runs: int) -> float:
    began = time.process_time()
    for _ in range(runs):
        call()
    return time.process_time() - began


def compare(pythons: list[str], target: str, rounds: int) -> None:
    """Print the least time of each regime by install, and the ratios to the first one's."""
    best: dict[str, list[float]] = {}
    for number in range(rounds):
        servers = [_server(python, target) for python in pythons]
        names = [server.stdout.readline().rstrip("\n").split("\t") for server in servers]
        for name in names[0]:
            times = best.setdefault(name, [float("inf")] * len(servers))
            for place, server in list(enumerate(servers))[:: -1 if number % 2 else 1]:
                print(name, file=server.stdin, flush=True)
                times[place] = min(times[place], float(server.stdout.readline()))
        for server in servers:
            server.communicate()
    for name, times in best.items():
        ratios = " ".join(f"{seconds / times[0]:.3f}" for seconds in times[1:])
        print(f"{name:24}", *(f"{1e6 * seconds:12,.3f} us" for seconds in times), " ", ratios)


def _server(python: str, target: str) -> subprocess.Popen[str]:
    command = [python, "-P", __file__, "--serve", "--target", target]
    return subprocess.Popen(
        command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1
    )


def main() -> None:
    """Compare, or be one of those that are compared."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pythons", nargs="*", metavar="PYTHON")
    parser.add_argument("--target", default="avx2")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    serve(given.target) if given.serve else compare(given.pythons, given.target, given.rounds)


if __name__ == "__main__":
    main()
