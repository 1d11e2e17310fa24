"""``gatework bench``: the speed of the kernels in every regime, against its limits."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import click

from gatework.cli.options import Options, command_of, json_flag, option
from gatework.errors import Interrupted
from gatework.storage import atomic_write
from gatework.system.terminal import console

if TYPE_CHECKING:
    from gatework.bench.growth import GrowthPoint

THREADS = {"1": (1,), "2": (2,), "both": (1, 2)}

WIDTH = 160
"""Columns of a table that is not shown on a terminal, so that no row breaks."""

Progress = Callable[[str, float], None]


class Bench(Options):
    """Measure the kernels against the other ways to run an LSTM.

    All take turns in one process, and medians count. The rivals are torch.nn.LSTM, a loop of
    LSTMCell, torch.compile and onnxruntime, as far as they are installed. Before anything is timed
    its numbers are compared. Without torch the runtime is measured: steps, streams, sequences.

    Exit code 0: every regime reaches at least what is promised. 1: one does not, has no
    rival, or other programs took the cores meanwhile. 130: stopped with Ctrl-C; what of the
    table was measured by then is printed and written.
    """

    as_json: bool = json_flag()
    threads: Literal["1", "2", "both"] = option("Threads to measure with.", default="both")


class Regimes(Bench):
    """The table of regimes."""

    quick: bool = option("Fewer regimes and shorter samples: a minute or two.")
    busy: bool = option("Measure beside a program that takes a core.")
    only: str | None = option(
        "Measure one row of the table, such as step or training, or one regime of it.",
        metavar="REGIME",
    )
    out: str | None = option(
        "Also write the report there, as Markdown, or as JSON where the name ends in .json.",
        metavar="FILE",
    )

    def _run(self) -> bool:
        from gatework.bench import report as reports
        from gatework.bench.regimes import select
        from gatework.bench.run import run

        with _bar() as progress:
            regimes = select(self.only, quick=self.quick)
            threads = THREADS[self.threads]
            report = run(regimes, threads, quick=self.quick, busy=self.busy, progress=progress)
        text = json.dumps(report.to_json(), allow_nan=False)
        if self.out is not None:
            written = text + "\n" if self.out.endswith(".json") else reports.markdown(report)
            atomic_write(self.out, written.encode())
        if self.as_json:
            click.echo(text)
        else:
            _print(reports.terminal(report))
        if report.unmeasured:
            raise Interrupted(
                f"interrupted with {report.unmeasured} measurements to come; those before are kept",
                hint=f"--only {report.measurements[-1].regime.group!r} measures that row alone",
            )
        return report.met


class Growth(Bench):
    """How the work grows."""

    marks = ("growth",)

    growth: bool = option(
        "Instead, time how the work grows with steps, batch and cells, and look for cliffs."
    )

    def _run(self) -> bool:
        from gatework.bench.growth import cliffs, measure_growth

        with _bar() as progress:
            counts = THREADS[self.threads]
            found = {count: measure_growth(count, progress=progress) for count in counts}
        steep = {count: cliffs(points) for count, points in found.items()}
        if self.as_json:
            said = {
                str(count): {
                    "points": [point.to_json() for point in points],
                    "cliffs": [[low.to_json(), high.to_json()] for low, high in steep[count]],
                }
                for count, points in found.items()
            }
            click.echo(json.dumps({"threads": said}, allow_nan=False))
        else:
            for count, points in found.items():
                _show_growth(count, points)
                for low, high in steep[count]:
                    times = high.cost / low.cost
                    click.echo(f"cliff: {_size(low)} to {_size(high)}, {times:.1f} times")
        return not any(steep.values())


def _show_growth(threads: int, points: list[GrowthPoint]) -> None:
    from rich.table import Table

    from gatework.bench.report import duration, threads_in_words

    table = Table("T", "B", "H", "time", "GFLOP/s", title=threads_in_words(threads), box=None)
    for point in points:
        rate = point.flops / point.seconds / 1e9
        sizes = map(str, (point.steps, point.batch, point.hidden))
        table.add_row(*sizes, duration(point.seconds), f"{rate:.3g}")
    _print(table)


def _size(point: GrowthPoint) -> str:
    return f"T {point.steps}, B {point.batch}, H {point.hidden}"


def _print(content: Any) -> None:
    console(width=None if sys.stdout.isatty() else WIDTH).print(content)


@contextmanager
def _bar() -> Iterator[Progress | None]:
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), TextColumn("{task.description}"))
    # Drawn between measurements only: a thread that draws would be measured too.
    with Bar(*columns, console=console(stderr=True), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def progress(words: str, share: float) -> None:
            bar.update(task, description=words, completed=share, refresh=True)

        yield progress


command = command_of(Regimes, Growth, told=Bench)
