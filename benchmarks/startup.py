"""How long the commands that answer at once take, as whole processes: the median of many.

python benchmarks/startup.py [--runs 5]

Beside the time on the clock stands the processor's, which other work on the machine changes less.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

GATEWORK = str(Path(sys.executable).with_name("gatework"))
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import gatework": [sys.executable, "-c", "import gatework"],
    "gatework --help": [GATEWORK, "--help"],
    "forecast one.csv": [GATEWORK, "forecast", "one.csv"],
    "forecast --demo --json": [GATEWORK, "forecast", "--demo", "--json"],
    "forecast many.csv": [
        *(GATEWORK, "forecast", "many.csv", "--id-column", "series"),
        *("--time-column", "month", "--column", "failures"),
    ],
}


def write_series(folder: Path) -> None:
    """Write one series of 150 months, and a panel of 1,000 series of 100."""
    draw = np.random.default_rng(0)
    months = [f"{2005 + n // 12}-{n % 12 + 1:02d}" for n in range(150)]
    season = np.sin(np.arange(150) * np.pi / 6)
    one = zip(months, draw.poisson(20 + 8 * season), strict=True)
    (folder / "one.csv").write_text("month,failures\n" + "".join(f"{m},{v}\n" for m, v in one))
    rows = [
        f"s{number},{month},{value}\n"
        for number in range(1000)
        for month, value in zip(months[:100], draw.poisson(9 + 3 * season[:100]), strict=True)
    ]
    (folder / "many.csv").write_text("series,month,failures\n" + "".join(rows))


def measure(command: list[str], folder: Path) -> tuple[float, float]:
    """Return the seconds on the clock and of the processor that a command takes."""
    before, began = os.times(), time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    after, ended = os.times(), time.perf_counter()
    used = after.children_user + after.children_system
    return ended - began, used - before.children_user - before.children_system


def main() -> None:
    """Measure each command in turn, alternating, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        write_series(Path(folder))
        for _ in range(runs):
            for name, command in COMMANDS.items():
                seconds[name].append(measure(command, Path(folder)))
    print(f"Python {platform.python_version()}, {platform.machine()}, median of {runs}")
    for name, measured in seconds.items():
        clock, used = (statistics.median(one) for one in zip(*measured, strict=True))
        print(f"{name:24} {clock:.3f} s on the clock, {used:.3f} s of the processor")


if __name__ == "__main__":
    main()
