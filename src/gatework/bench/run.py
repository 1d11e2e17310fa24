"""A whole run: the machine, then every regime on every number of threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gatework.bench import machine
from gatework.bench.measure import WITHOUT_TORCH, measure
from gatework.bench.regimes import Regime
from gatework.bench.report import Report, threads_in_words
from gatework.bench.timing import FULL, QUICK
from gatework.errors import MissingDependencyError
from gatework.extras import install, is_here

LEFT_OUT_OF_QUICK = {"torch.compile": "compiling takes longer than a quick run"}


def run(
    regimes: Sequence[Regime],
    threads: Sequence[int],
    *,
    quick: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> Report:
    """Measure ``regimes`` on each number of ``threads``.

    Those that need torch are left out where it is not installed. ``progress`` is called with what
    comes next and the share that is done.

    Raises:
        MissingDependencyError: all of them need torch, and it is not installed.
    """
    torch = is_here("torch")
    here = [regime for regime in regimes if torch or not regime.needs_torch]
    if not here:
        raise MissingDependencyError(
            f"{regimes[0].name!r} is measured in torch, which is not installed",
            hint=install("torch"),
        )
    left_out = {r.group: WITHOUT_TORCH for r in regimes if r not in here}
    described = machine.describe()
    gemm = {count: machine.gemm_rate(count) for count in threads}
    sizes = sorted({regime.weight_bytes for regime in here if regime.one_step})
    reading = {size: machine.read_rate(size) for size in sizes}
    effort = QUICK if quick else FULL
    cells = [(regime, count) for regime in here for count in threads]
    measurements = []
    for place, (regime, count) in enumerate(cells):
        if progress is not None:
            progress(f"{regime.name}, {threads_in_words(count)}", place / len(cells))
        rivals = LEFT_OUT_OF_QUICK if quick and torch else None
        measurements.append(measure(regime, count, effort, leave_out=rivals))
    return Report(described, gemm, reading, measurements, left_out)
