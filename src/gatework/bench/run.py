"""A whole run: the machine, then every regime on every number of threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext

from gatework.bench import machine
from gatework.bench.measure import WITHOUT_TORCH, measure
from gatework.bench.neighbour import neighbour
from gatework.bench.regimes import Regime, beside_others
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
    busy: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> Report:
    """Measure ``regimes`` on each number of ``threads``.

    Those that need torch are left out where it is not installed. With ``busy`` another program
    takes a core meanwhile. ``progress`` is called with what comes next and the share that is done.
    Ctrl-C ends the run with what was measured until then, if anything was.

    Raises:
        MissingDependencyError: all of them need torch, and it is not installed.
    """
    torch = is_here("torch")
    here = [regime for regime in regimes if torch or not regime.needs_torch]
    here = [beside_others(regime) for regime in here] if busy else here
    if not here:
        raise MissingDependencyError(
            f"{regimes[0].name!r} is measured in torch, which is not installed",
            hint=install("torch"),
        )
    left_out = {r.group: WITHOUT_TORCH for r in regimes if r.needs_torch and not torch}
    described = machine.describe()
    gemm = {count: machine.gemm_rate(count) for count in threads}
    sizes = sorted({regime.weight_bytes for regime in here if regime.one_step})
    reading = {size: machine.read_rate(size) for size in sizes}
    effort = QUICK if quick else FULL
    cells = [(regime, count) for regime in here for count in threads]
    measurements = []
    rivals = LEFT_OUT_OF_QUICK if quick and torch else None
    try:
        for place, (regime, count) in enumerate(cells):
            if progress is not None:
                progress(f"{regime.name}, {threads_in_words(count)}", place / len(cells))
            with neighbour() if busy else nullcontext() as beside:
                process = beside.pid if beside else None
                measured = measure(regime, count, effort, leave_out=rivals, neighbour=process)
            measurements.append(measured)
    except KeyboardInterrupt:
        if not measurements:
            raise
    unmeasured = len(cells) - len(measurements)
    return Report(described, gemm, reading, measurements, left_out, busy, unmeasured)
