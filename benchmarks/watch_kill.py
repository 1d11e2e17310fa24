"""Kill ``gatework watch`` at random moments, start it again, and count rows missed or repeated.

    python benchmarks/watch_kill.py [--kills 40] [--rows 3000] [--out FILE.md]

A table of sensor values grows, half rows among them, while it is watched; it is rotated twice. The
watch is killed with SIGKILL after a random time and started again until nothing is left to read.
Every row that the runs wrote together is compared with what one run writes that nobody kills. The
same with the output on a pipe, where a row may come twice but never be missing; a line that a kill
cut short there is not counted. Rows a second are measured at the end. Takes about six minutes on
two cores.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from gatework import save
from gatework.cli import main as main_of_gatework
from gatework.forecast import Forecaster

GATEWORK = Path(sys.executable).with_name("gatework")


def command(*arguments: object) -> list[str]:
    return [str(each) for each in (GATEWORK, "watch", *arguments)]


def environment() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1"}


def values(rows: int) -> list[str]:
    rng = np.random.default_rng(0)
    level = 5 + np.sin(np.arange(rows) / 2) + rng.normal(0, 0.1, rows)
    return [f"{value:.3f}" for value in level]


class Writer(threading.Thread):
    """Adds rows to the table bit by bit, half rows among them, and rotates it twice.

    It does not rotate before the watch has begun with the file: of two rotations while nobody
    watches, the file between is lost.
    """

    def __init__(self, path: Path, out: Path, rows: list[str], seconds: float) -> None:
        super().__init__(daemon=True)
        self.out = out
        self.path, self.rows, self.pause = path, rows, seconds / len(rows)
        path.write_text("value\n")

    def run(self) -> None:
        first = 0
        rotations = {len(self.rows) // 3: ".2", 2 * len(self.rows) // 3: ".1"}
        for number, row in enumerate(self.rows):
            if number in rotations:
                while len(complete(self.out)) <= (0 if rotations[number] == ".2" else first):
                    time.sleep(0.1)
                first = number
                self.path.rename(self.path.with_name(self.path.name + rotations[number]))
                self.path.write_text("value\n")
            with self.path.open("a") as file:
                file.write(row[:2])
                file.flush()
                file.write(row[2:] + "\n")
            time.sleep(self.pause)


def run_and_kill(
    arguments: list[str], rng: random.Random, seen: Path | None, output: Path | None
) -> None:
    """Run until it has written something, then kill it at a random moment within two seconds."""
    with (output or Path(os.devnull)).open("ab") as stdout:
        process = subprocess.Popen(
            arguments, stdout=stdout, stderr=subprocess.DEVNULL, env=environment()
        )
        watched = seen or output
        assert watched is not None
        before, began = _size(watched), time.monotonic()
        while _size(watched) == before and time.monotonic() - began < 20:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 2))
        process.send_signal(signal.SIGKILL)
        process.wait()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def finish(arguments: list[str], output: Path | None) -> None:
    """Run to the end of the table without a kill."""
    with (output or Path(os.devnull)).open("ab") as stdout:
        subprocess.run([*arguments, "--no-follow"], stdout=stdout, check=True, env=environment())


def kills(folder: Path, model: Path, rows: list[str], count: int, *, piped: bool) -> str:
    rng = random.Random(1)
    table, out, state = folder / "table.csv", folder / "out.jsonl", folder / "state"
    arguments = command(model, table, "--json", "--state", state)
    arguments += [] if piped else ["--out", str(out)]
    writer = Writer(table, out, rows, seconds=3 * count)
    writer.start()
    for _ in range(count):
        run_and_kill(arguments, rng, None if piped else out, out if piped else None)
    writer.join()
    finish(arguments, out if piped else None)
    found = [json.loads(line) for line in complete(out)]
    whole = uninterrupted(folder, model, rows)
    numbers = [row["row"] for row in found]
    missing = len(rows) - len(set(numbers))
    repeated = len(numbers) - len(set(numbers))
    unlike = sum(_plain(row) != _plain(whole[row["row"] - 1]) for row in found)
    where = "a pipe" if piped else "--out"
    return f"| {where} | {count} | {len(rows)} | {missing} | {repeated} | {unlike} |"


def complete(path: Path) -> list[bytes]:
    """Return the lines; a kill may have cut one short in a pipe, never in a finished file."""
    if not path.exists():
        return []
    return [line for line in path.read_bytes().split(b"\n") if line.endswith(b"}")]


def _plain(row: dict) -> dict:
    """Leave out the alarm that tells of a rotation: the one run reads one file."""
    return row | {"alarms": [alarm for alarm in row["alarms"] if alarm["kind"] != "source"]}


def uninterrupted(folder: Path, model: Path, rows: list[str]) -> list[dict]:
    table = folder / "whole.csv"
    table.write_text("\n".join(["value", *rows]) + "\n")
    done = subprocess.run(
        command(model, table, "--json", "--no-follow"),
        capture_output=True,
        check=True,
        env=environment(),
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def speeds(folder: Path, model: Path, rows: list[str]) -> list[str]:
    """Return rows a second, in this process and after a first run, so that starting is left out."""
    table, lines = folder / "speed.csv", []
    table.write_text("\n".join(["value", *rows]) + "\n")
    for number, (name, more) in enumerate(
        (
            ("no state", []),
            ("no state", []),
            ("--state", ["--state"]),
            ("--state --out", ["--state", "--out"]),
            ("--state --out --save-every 100", ["--state", "--out", "--save-every"]),
        )
    ):
        files = {"--state": f"state{number}", "--out": f"out{number}"}
        options = [w for o in more for w in (o, str(folder / files[o]) if o in files else "100")]
        began = time.perf_counter()
        with (
            contextlib.suppress(SystemExit),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            main_of_gatework(["watch", str(model), str(table), "--no-follow", "--json", *options])
        lines.append(f"| {name} | {len(rows) / (time.perf_counter() - began):.0f} |")
    return lines[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--out", type=Path, help="write the tables there as well")
    arguments = parser.parse_args()
    text = [
        "| output to | kills | rows | missing | repeated | other than in one run |",
        "|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as name:
        fitted = Forecaster(1, trials=1, workers=1).fit([float(v) for v in values(120)])
        model = save(fitted, Path(name) / "model.safetensors")
        rows = values(arguments.rows)
        for piped in (False, True):
            folder = Path(name) / f"piped-{piped}"
            folder.mkdir()
            text.append(kills(folder, model, rows, arguments.kills, piped=piped))
            print(text[-1], flush=True)
        text += ["", "| | rows a second |", "|---|---|"]
        text += speeds(Path(name), model, rows[:400])
    print("\n".join(text))
    if arguments.out is not None:
        arguments.out.write_text("\n".join(["# Watching through kills", "", *text]) + "\n")


if __name__ == "__main__":
    main()
