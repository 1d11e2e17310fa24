"""Recognising: accuracy on known tasks, long memory, and speed beside plain torch.

    GATEWORK_DATA=... python benchmarks/recognize.py --task NAME [--task NAME ...] [--seeds 3]

Writes benchmarks/results/recognize.md; the result of a task replaces its own rows and leaves all
others as they are. ``--smoke`` only tries that tasks run, with hardly any data, and writes nothing.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import sys
import time
from pathlib import Path

import torch
from recognition import HEADERS, KEYS, Row, Run

RESULTS = Path(__file__).with_name("results") / "recognize.md"
TASKS = (
    "digits",
    "mnist_rows",
    "mnist_pixels",
    "mnist_permuted",
    "spoken_digits",
    "unheard_speaker",
    "digit_strings",
    "text_lines",
    "ucr",
    "languages",
    "adding",
    "copying",
    "recall",
    "speed",
    "streaming",
)


def main() -> None:
    """Run the tasks that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", action="append", choices=TASKS, required=True)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="only try that it runs")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    run = Run(options.seeds, options.threads, options.smoke)
    for name in options.task:
        print(name, flush=True)
        began = time.perf_counter()
        rows = importlib.import_module(f"recognition.{name}").rows(run)
        for row in rows:
            print("  | " + " | ".join(row.cells) + " |")
        print(f"  {time.perf_counter() - began:.0f} s in all", flush=True)
        if not options.smoke:
            merge(rows, options.threads)


def merge(rows: list[Row], threads: int) -> None:
    """Put rows into the page of results, in the place of those with the same name."""
    known = read(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for row in rows:
        cells = dict(zip(HEADERS[row.table], row.cells, strict=True))
        if "training" in cells:
            cells["training"] += f", {threads} threads" if threads > 1 else ", 1 thread"
        table = known.setdefault(row.table, {})
        table[row.cells[: KEYS[row.table]]] = f"| {' | '.join(cells.values())} |"
    RESULTS.write_text(page(known), encoding="utf-8")


def read(text: str) -> dict[str, dict[tuple[str, ...], str]]:
    """Return the rows of each table by what names them."""
    found: dict[str, dict[tuple[str, ...], str]] = {}
    table = ""
    for line in text.splitlines():
        if line.startswith("## "):
            table = line[3:]
        elif line.startswith("| ") and table in HEADERS:
            cells = tuple(cell.strip() for cell in line.strip("| ").split(" | "))
            if cells != HEADERS[table]:
                found.setdefault(table, {})[cells[: KEYS[table]]] = line
    return found


def page(known: dict[str, dict[tuple[str, ...], str]]) -> str:
    """Return the page of results."""
    lines = [
        "# Recognising",
        "",
        f"`python benchmarks/recognize.py --task NAME`, {platform.machine()}, Python "
        f"{platform.python_version()}, torch {torch.__version__}. Each row is as its task was last "
        "run; the protocols are in benchmarks/recognition/. Settings that the column model names "
        "were chosen for their task; SequenceClassifier() is the command with its defaults.",
    ]
    for table, header in HEADERS.items():
        if known.get(table):
            rows = known[table].values()
            lines += ["", f"## {table}", "", f"| {' | '.join(header)} |"]
            lines += ["|" + "---|" * len(header), *rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
