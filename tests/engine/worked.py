"""Work for the tests of engines, importable from every process."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path


def square(number):
    return number * number


def rungs(last):
    """Stand at rungs 0, 1, ... with their squares, and end with the process that did it."""
    for number in range(last):
        yield number * number
    return os.getpid()


def waits(path):
    """Work until there is a file."""
    while not Path(path).exists():
        time.sleep(0.01)
    return path


def fails(number):
    raise ArithmeticError(f"{number} is too much")


@dataclass(frozen=True)
class Deadly:
    """Kills its own process the first times that it is done; ``folder`` counts them."""

    folder: str
    deaths: int

    def __call__(self, job):
        before = len(list(Path(self.folder).glob(f"{job}-*")))
        Path(self.folder, f"{job}-{before}").touch()
        if job == 1 and before < self.deaths:
            os.kill(os.getpid(), signal.SIGKILL)
        return job * 10


@dataclass(frozen=True)
class DeadlyAtRung:
    """Stands at a rung first, and dies after it the first time."""

    folder: str

    def __call__(self, job):
        yield job
        mark = Path(self.folder, f"{job}")
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return job * 10
