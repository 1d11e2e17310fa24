"""How time grows with steps, batch and cells: a table in which a cliff would show."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gatework.bench.drawn import drawn_model
from gatework.bench.timing import Effort, take_turns
from gatework.runtime.native import target

STEPS = (10, 100, 1_000, 10_000)
BATCHES = (1, 8, 64, 512)
HIDDEN = (16, 64, 256, 1_024)

LARGEST = 2e11
"""Operations beyond which a point is left out: it would take longer than all the others."""

CLIFF = 3.0
"""A point is a cliff when its operations cost this many times what its smaller neighbours' cost.
One row whose weights no longer fit a cache costs two to three times as much, with any kernel."""

EFFORT = Effort(3, 0.01)


@dataclass(frozen=True)
class GrowthPoint:
    """One measured size: T, B, H, and seconds of an inference with I = H."""

    steps: int
    batch: int
    hidden: int
    seconds: float

    @property
    def flops(self) -> float:
        """Floating-point operations of its matrix products."""
        return operations(self.steps, self.batch, self.hidden)

    @property
    def cost(self) -> float:
        """Seconds an operation."""
        return self.seconds / self.flops

    def to_json(self) -> dict[str, Any]:
        """Return sizes, seconds and operations a second."""
        return asdict(self) | {"flops": self.flops / self.seconds}


def operations(steps: int, batch: int, hidden: int) -> float:
    """Return the floating-point operations of the matrix products, 2 a multiply-add."""
    return 16.0 * steps * batch * hidden * hidden


def measure_growth(
    threads: int,
    *,
    steps: Sequence[int] = STEPS,
    batches: Sequence[int] = BATCHES,
    hidden: Sequence[int] = HIDDEN,
    progress: Callable[[str, float], None] | None = None,
) -> list[GrowthPoint]:
    """Time a plain layer of every size that ends within reason, by the runtime."""
    sizes = [s for s in itertools.product(steps, batches, hidden) if operations(*s) <= LARGEST]
    found = []
    for place, (T, B, H) in enumerate(sizes):
        if progress is not None:
            progress(f"T {T}, B {B}, H {H}", place / len(sizes))
        found.append(GrowthPoint(T, B, H, _time(T, B, H, threads)))
    return found


def cliffs(points: Sequence[GrowthPoint]) -> list[tuple[GrowthPoint, GrowthPoint]]:
    """Return each point where an operation costs far more than at the next smaller size.

    Smaller in one of T, B and H and equal in the others: more of the same work should never cost
    more for each operation.

    Example:
        >>> cliffs([GrowthPoint(10, 1, 16, 1.0), GrowthPoint(100, 1, 16, 50.0)])[0][1].steps
        100
    """
    by_size = {(p.steps, p.batch, p.hidden): p for p in points}
    axes = [sorted({size[axis] for size in by_size}) for axis in range(3)]
    found = []
    for size, point in by_size.items():
        for axis in range(3):
            place = axes[axis].index(size[axis])
            smaller = list(size)
            smaller[axis] = axes[axis][place - 1]
            neighbour = by_size.get((smaller[0], smaller[1], smaller[2])) if place else None
            if neighbour is not None and point.cost > CLIFF * neighbour.cost:
                found.append((neighbour, point))
    return found


def _time(T: int, B: int, H: int, threads: int) -> float:
    model = drawn_model(target(), H, [H], threads=threads)
    x = np.random.default_rng(H).standard_normal((T, B, H), dtype=np.float32)
    return take_turns({"ours": lambda: model(x)}, EFFORT)["ours"].median
