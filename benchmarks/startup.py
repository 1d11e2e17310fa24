"""How long `import gatework` and `gatework --help` take, as whole processes: the median of many.

python benchmarks/startup.py
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15
GATEWORK = str(Path(sys.executable).with_name("gatework"))
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import gatework": [sys.executable, "-c", "import gatework"],
    "gatework --help": [GATEWORK, "--help"],
}


def main() -> None:
    """Measure each command in turn, alternating, and print the medians."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):
        for name, command in COMMANDS.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[name].append(time.perf_counter() - began)
    print(f"Python {platform.python_version()}, {platform.machine()}, median of {RUNS}")
    for name, measured in seconds.items():
        print(f"{name:20} {statistics.median(measured):.3f} s")


if __name__ == "__main__":
    main()
