"""``gatework bench``: the speed of the kernels in every regime, against its limits."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gatework.bench.growth import Point

THREADS = {"1": (1,), "2": (2,), "both": (1, 2)}

WIDTH = 160
"""Columns of a table that is not shown on a terminal, so that no row breaks."""

Progress = Callable[[str, float], None]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Fewer regimes and shorter samples: a minute or two.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--only",
    metavar="REGIME",
    help="Measure one row of the table, such as step or training, or one regime of it.",
)
@click.option(
    "--threads",
    type=click.Choice(list(THREADS)),
    default="both",
    show_default=True,
    help="Threads to measure with.",
)
@click.option(
    "--out",
    metavar="FILE",
    help="Also write the report there, as Markdown, or as JSON where the name ends in .json.",
)
@click.option(
    "--growth",
    is_flag=True,
    help="Instead, time how the work grows with steps, batch and cells, and look for cliffs.",
)
def command(
    quick: bool, as_json: bool, only: str | None, threads: str, out: str | None, growth: bool
) -> None:
    """Measure the kernels against the other ways to run an LSTM.

    All take turns in one process, and medians count. The rivals are torch.nn.LSTM, a loop of
    LSTMCell, torch.compile and onnxruntime, as far as they are installed. Before anything is timed
    its numbers are compared.

    Exit code 0: every regime reaches at least what is promised. 1: one does not.
    """
    if growth:
        if quick or only or out:
            raise click.UsageError("--growth goes with --threads and --json alone")
        met = _growth(THREADS[threads], as_json)
    else:
        met = _bench(quick, as_json, only, THREADS[threads], out)
    if not met:
        sys.exit(1)


def _bench(
    quick: bool, as_json: bool, only: str | None, threads: tuple[int, ...], out: str | None
) -> bool:
    from gatework.bench import report as reports
    from gatework.bench.regimes import select
    from gatework.bench.run import run
    from gatework.storage import atomic_write

    with _bar() as progress:
        report = run(select(only, quick=quick), threads, quick=quick, progress=progress)
    text = json.dumps(report.to_json(), allow_nan=False)
    if out is not None:
        written = text + "\n" if out.endswith(".json") else reports.markdown(report)
        atomic_write(out, written.encode())
    if as_json:
        click.echo(text)
    else:
        _print(reports.terminal(report))
    return report.met


def _growth(threads: tuple[int, ...], as_json: bool) -> bool:
    from gatework.bench.growth import cliffs, measure_growth

    found: dict[int, list[Point]] = {}
    with _bar() as progress:
        for count in threads:
            found[count] = measure_growth(count, progress=progress)
    steep = {count: cliffs(points) for count, points in found.items()}
    if as_json:
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
                click.echo(
                    f"cliff: {_size(low)} to {_size(high)}, {high.cost / low.cost:.1f} times"
                )
    return not any(steep.values())


def _show_growth(threads: int, points: list[Point]) -> None:
    from rich.table import Table

    from gatework.bench.report import duration, threads_in_words

    table = Table("T", "B", "H", "time", "GFLOP/s", title=threads_in_words(threads), box=None)
    for point in points:
        rate = point.flops / point.seconds / 1e9
        sizes = (str(size) for size in (point.steps, point.batch, point.hidden))
        table.add_row(*sizes, duration(point.seconds), f"{rate:.3g}")
    _print(table)


def _size(point: Point) -> str:
    return f"T {point.steps}, B {point.batch}, H {point.hidden}"


def _print(content: Any) -> None:
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else WIDTH).print(content)


@contextmanager
def _bar() -> Iterator[Progress | None]:
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), TextColumn("{task.description}"))
    # Drawn between measurements only: a thread that draws would be measured too.
    with Bar(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def progress(words: str, share: float) -> None:
            bar.update(task, description=words, completed=share, refresh=True)

        yield progress
