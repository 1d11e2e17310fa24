"""How fast tables are read, beside pandas, and how much memory ten million rows take.

python benchmarks/tables.py [--rows 10000000] [--speed | --memory]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

RUNS = 5
SPEED_ROWS, SERIES = 200_000, 2000
MEBIBYTE = 1 << 20
COLUMNS: dict[str, Any] = {"id_column": "id", "time_column": "date", "column": "value"}
WAYS = {"with Arrow": (), "without": ("--without-arrow",)}


def main() -> None:
    """Write the tables, measure each way of reading them in a process of its own, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="of the table for memory")
    parser.add_argument("--speed", action="store_true", help="only the speed of 200,000 rows")
    parser.add_argument("--memory", action="store_true", help="only the memory of many rows")
    parser.add_argument("--measure", choices=MEASURES, help=argparse.SUPPRESS)
    parser.add_argument("--table", help=argparse.SUPPRESS)
    parser.add_argument("--without-arrow", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.measure:
        if said.without_arrow:  # only for gatework: pandas keeps it
            sys.modules["gatework.tabular.arrow"] = None  # type: ignore[assignment]
        MEASURES[said.measure](Path(said.table))
        return
    import pandas as pd

    print(f"Python {platform.python_version()}, pandas {pd.__version__}, {os.cpu_count()} cores")
    with TemporaryDirectory() as folder:
        if not said.memory:
            compare_speed(Path(folder))
        if not said.speed:
            compare_memory(Path(folder) / "panel.csv", said.rows)


def compare_speed(folder: Path) -> None:
    """Print how long a panel and a series take, seconds of wall and processor, medians."""
    write_panel(folder / "panel.csv", SPEED_ROWS, SERIES // 10)
    write_series(folder / "series.csv", SPEED_ROWS)
    print(f"\n{SPEED_ROWS:,} rows, warm, alternating, median of {RUNS}\n")
    print("| read | | pandas | gatework | ratio | ratio of processor time |")
    print("|---|---|---|---|---|---|")
    for kind in ("panel", "series"):
        for way, options in WAYS.items():
            wall, ours, busy, own = measured(kind, folder / f"{kind}.csv", *options)
            row = (kind, way, f"{wall:.3f} s", f"{ours:.3f} s")
            print(f"| {' | '.join(row)} | {ours / wall:.2f} | {own / busy:.2f} |", flush=True)


def compare_memory(table: Path, rows: int) -> None:
    """Print the peaks of processes that read one table, beside the frame of pandas."""
    write_panel(table, rows, SERIES)
    frame, before, peak, took = measured("frame", table)
    print(
        f"\n{rows:,} rows, {SERIES:,} series, {table.stat().st_size / MEBIBYTE:,.0f} MiB of text\n"
    )
    print("| read by | before | peak | peak : frame | less before : frame | time |")
    print("|---|---|---|---|---|---|")
    for name, options in {"pandas": None, "gatework": ()}.items():
        if options is not None:
            before, peak, took = measured("peak", table)
        row = (name, f"{before:.0f} MiB", f"{peak:.0f} MiB", f"{peak / frame:.2f}")
        print(f"| {' | '.join(row)} | {(peak - before) / frame:.2f} | {took:.1f} s |", flush=True)
    print(f"\nThe frame of pandas is {frame:.0f} MiB.")


def write_panel(path: Path, rows: int, series: int) -> None:
    """Write days of series, the rows of each one after the other."""
    days = np.datetime_as_string(np.datetime64("2005-01-01") + np.arange(rows // series)).tolist()
    draws = np.random.default_rng(0)
    with path.open("w") as file:
        file.write("id,date,value\n")
        for one in range(series):
            values = draws.gamma(5.0, 20.0, len(days)).tolist()
            file.write("".join(f"s{one},{d},{v:.2f}\n" for d, v in zip(days, values, strict=True)))


def write_series(path: Path, rows: int) -> None:
    """Write hours, of which each is there once."""
    hours = np.datetime64("2005-01-01T00", "s") + np.arange(rows) * np.timedelta64(1, "h")
    values = np.random.default_rng(0).gamma(5.0, 20.0, rows).tolist()
    texts = np.datetime_as_string(hours).tolist()
    lines = (f"{t.replace('T', ' ')},{v:.2f}\n" for t, v in zip(texts, values, strict=True))
    path.write_text("date,value\n" + "".join(lines))


def measured(kind: str, table: Path, *options: str) -> list[float]:
    """Return what a process of its own prints."""
    command = [sys.executable, __file__, "--measure", kind, "--table", str(table), *options]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [float(number) for number in out.split()]


def _speed(path: Path, read: Callable[[Path], Any]) -> None:
    import pandas as pd

    ways = (lambda: pd.read_csv(path, parse_dates=["date"]), lambda: read(path))
    wall: list[list[float]] = [[], []]
    busy: list[list[float]] = [[], []]
    for run in range(RUNS + 1):
        for way, call in enumerate(ways):
            began, worked = time.perf_counter(), time.process_time()
            call()
            if run:  # the first one warms up
                wall[way].append(time.perf_counter() - began)
                busy[way].append(time.process_time() - worked)
    print(*(statistics.median(one) for one in (*wall, *busy)))


def measure_panel(path: Path) -> None:
    """Print medians of a panel: wall of pandas and ours, processor time of both."""
    from gatework.forecast import read_panel

    _speed(path, lambda path: read_panel(path, **COLUMNS))


def measure_series(path: Path) -> None:
    """Print the same of a series."""
    from gatework.forecast import read_series

    _speed(path, read_series)


def measure_frame(path: Path) -> None:
    """Print the size of pandas' frame, the peaks of memory before and after, and the time."""
    import pandas as pd

    before, began = _peak(), time.perf_counter()
    frame = pd.read_csv(path, parse_dates=["date"])
    took, peak = time.perf_counter() - began, _peak()
    print(frame.memory_usage(deep=True).sum() / MEBIBYTE, before, peak, took)


def measure_peak(path: Path) -> None:
    """Print the peaks of memory before and after a panel is read, and the time."""
    import pyarrow.compute
    import pyarrow.csv  # noqa: F401  what is there before the table

    from gatework.forecast import read_panel

    before, began = _peak(), time.perf_counter()
    panel = read_panel(path, **COLUMNS)
    assert len(panel) == SERIES
    print(before, _peak(), time.perf_counter() - began)


def _peak() -> float:
    """Return the most memory that this process has held, MiB; not what its parent did."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


MEASURES = {
    "panel": measure_panel,
    "series": measure_series,
    "frame": measure_frame,
    "peak": measure_peak,
}

if __name__ == "__main__":
    main()
