"""A whole run: the machine, then every regime on every number of threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gatework.bench import machine
from gatework.bench.measure import measure
from gatework.bench.regimes import Regime
from gatework.bench.report import Report, threads_in_words
from gatework.bench.timing import FULL, QUICK

LEFT_OUT_OF_QUICK = {"torch.compile": "compiling takes longer than a quick run"}


def run(
    regimes: Sequence[Regime],
    threads: Sequence[int],
    *,
    quick: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> Report:
    """Measure ``regimes`` on each number of ``threads``.

    ``progress`` is called with what comes next and the share that is done.
    """
    described = machine.describe()
    gemm = {count: machine.gemm_rate(count) for count in threads}
    sizes = sorted({regime.weight_bytes for regime in regimes if regime.task == "step"})
    reading = {size: machine.read_rate(size) for size in sizes}
    effort = QUICK if quick else FULL
    cells = [(regime, count) for regime in regimes for count in threads]
    measurements = []
    for place, (regime, count) in enumerate(cells):
        if progress is not None:
            progress(f"{regime.name}, {threads_in_words(count)}", place / len(cells))
        left_out = LEFT_OUT_OF_QUICK if quick else None
        measurements.append(measure(regime, count, effort, leave_out=left_out))
    return Report(described, gemm, reading, measurements)
