"""Kill processes at every step of a write and at random moments; print what was found as JSON.

A process is killed before and after each call to the system that a write makes, and, while it
writes two contents in turn over and over, after random waits. Each time the file must be one of
the contents, whole.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gatework.storage import Tensor, atomic_write, pack, read_sealed

CALLS = ("open", "fchmod", "write", "fsync", "close", "link", "replace", "unlink")
CONTENTS = [
    pack("a", {"n": n}, {"x": Tensor("U8", (size,), bytes([n]) * size)})
    for n, size in ((1, 300_000), (2, 1_200_000))
]


def killed(run: Callable[[], None], wait: float | None = None) -> bool:
    """Run in a process of its own, kill it after ``wait`` seconds; tell whether it was killed."""
    child = os.fork()
    if child == 0:
        run()
        os._exit(0)
    if wait is not None:
        time.sleep(wait)
        os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def write_until(step: int, path: Path, overwrite: bool) -> None:
    """Write, and be killed at the step: two steps a call, before and after it."""
    seen = [0]

    def count() -> None:
        seen[0] += 1
        if seen[0] == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(call: Callable) -> Callable:
        def run(*args, **named):
            count()
            result = call(*args, **named)
            count()
            return result

        return run

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    atomic_write(path, CONTENTS[1], overwrite=overwrite)


def write_for_ever(path: Path, turn: int) -> None:
    while True:
        atomic_write(path, CONTENTS[turn % 2])
        turn += 1


def seconds_of_a_write(path: Path) -> float:
    """Return how long a process of its own takes here to write one time."""
    began = time.perf_counter()
    for _ in range(10):
        killed(lambda: atomic_write(path, CONTENTS[0]))
    return (time.perf_counter() - began) / 10


def clear(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def state(path: Path) -> str:
    if not path.exists():
        return "nothing"
    content = path.read_bytes()
    if content not in CONTENTS:
        return "broken"
    read_sealed(path)
    return ("old", "new")[CONTENTS.index(content)]


def main(folder: Path, moments: int) -> None:
    """Kill and look."""
    path = folder / "model"
    report: dict[str, list[str]] = {"replace": [], "create": [], "random": []}
    for case, overwrite in (("replace", True), ("create", False)):
        step = 0
        while True:
            clear(folder)
            if overwrite:
                path.write_bytes(CONTENTS[0])
            step += 1
            if not killed(lambda: write_until(step, path, overwrite)):  # noqa: B023
                break
            report[case].append(state(path))
    draw = random.Random(0)
    clear(folder)
    path.write_bytes(CONTENTS[0])
    longest = 3 * seconds_of_a_write(path)
    for moment in range(moments):
        killed(lambda: write_for_ever(path, moment), draw.uniform(0.0, longest))  # noqa: B023
        report["random"].append(state(path))
    print(json.dumps(report))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
