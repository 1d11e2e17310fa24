"""Evaluations for worker processes, and a script that searches until it is interrupted."""

import json
import math
import os
import signal
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from gatework.search import Axis, Outcome, Sizes, layered_search

AXES = (
    Axis("x", (0.0, 1.0, 2.0, 3.0)),
    Axis("rate", (0.001, 0.01, 0.1), scale="log"),
    Axis("window", (4, 8, 16), scale="log", integer=True, low=2, high=64),
    Sizes("sizes", ((8,), (32,), (32, 16)), low=4, high=64),
)


@dataclass(frozen=True)
class Bowl:
    """An error with a valley that is not along any axis; optionally slow, failing or deadly.

    With a folder ``held`` the seventh evaluation and later ones wait until ``go`` is in it.
    """

    seconds: float = 0.0
    held: str = ""
    fail_above: float = float("inf")
    die_above: float = float("inf")

    def __call__(self, parameters, seed):
        x, rate = parameters["x"], parameters["rate"]
        time.sleep(self.seconds)
        if self.held:
            self.wait(Path(self.held))
        if x > self.die_above:
            os.kill(os.getpid(), signal.SIGKILL)
        if x > self.fail_above:
            raise ArithmeticError(f"x is {x}")
        z = math.log10(rate) + 2
        units = sum(parameters["sizes"])
        error = (x - 1.6 + 0.5 * z) ** 2 + (z - 0.3) ** 2
        error += (math.log2(parameters["window"] / 11)) ** 2 / 4 + (math.log2(units / 40)) ** 2 / 9
        return Outcome(error, {"seed": seed})

    def wait(self, folder):
        (folder / uuid.uuid4().hex).touch()
        while len(list(folder.iterdir())) > 6 and not (folder / "go").exists():
            time.sleep(0.01)


def main() -> None:
    """Search slowly, to be interrupted; print the outcome."""
    ledger, resume, seconds = Path(sys.argv[1]), sys.argv[2] == "resume", float(sys.argv[3])
    work = Bowl(seconds, held=sys.argv[4] if len(sys.argv) > 4 else "")
    result = layered_search(work, AXES, trials=24, ledger=ledger, workers=2, seed=7, resume=resume)
    json.dump([result.best.parameters, result.best.error, len(result.trials)], sys.stdout)


if __name__ == "__main__":
    main()
