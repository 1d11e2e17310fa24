"""Laying grids: a coarse one in a balanced order, and finer ones around the best points."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from gatework.search.axes import AnyAxis

Point = tuple[Any, ...]
"""A value for each axis, in their order."""

MOST_OFFERED = 400
"""Points of each kind that a finer layer chooses from."""

_CANDIDATES = 48
_LARGEST_LISTED = 20_000


def coarse_points(axes: Sequence[AnyAxis], seed: int) -> Iterator[Point]:
    """Yield points of the coarse grid, each once, the middle one first.

    All of them come, except of a grid of more than 20,000 points, of which half do.

    The order is balanced: after any number of points each value of each axis has been used
    about equally often, and so has each pair of values, so that a search which stops early has
    seen all of every axis.

    Example:
        >>> from gatework.search.axes import Choice
        >>> points = list(coarse_points([Choice("a", (1, 2, 3)), Choice("b", ("x", "y"))], 0))
        >>> len(points), sorted(point[0] for point in points[:3])
        (6, [1, 2, 3])
    """
    rng = random.Random(seed)
    middle = tuple(axis.values[len(axis.values) // 2] for axis in axes)
    used: Counter[Any] = Counter()
    yielded = 0
    remaining = _Remaining(axes, rng)
    point: Point | None = middle
    while point is not None:
        remaining.take(point)
        used.update(part for part, _ in _weighted(point))
        yielded += 1
        yield point
        point = min(
            remaining.some(_CANDIDATES),
            key=lambda p: sum(used[part] * weight for part, weight in _weighted(p)),
            default=None,
        )


def every_point(axes: Sequence[AnyAxis]) -> Iterator[Point]:
    """Yield all points of the coarse grid, the values of the last axis changing first."""
    return itertools.product(*(axis.values for axis in axes))


def grid_size(axes: Sequence[AnyAxis]) -> int:
    """Return how many points the coarse grid has."""
    return math.prod(len(axis.values) for axis in axes)


def nearby_points(
    axes: Sequence[AnyAxis], centres: Sequence[Point], depth: int, seed: str
) -> list[Point]:
    """Return points around some centres, and others of the coarse grid, each once.

    Around a centre lies a grid of half the coarse step, ``depth`` times halved, and one twice as
    wide: points a step below and above it, first those that differ from it on one axis, then on
    two, and so on; on an axis without anything between its values, its other values. Of a larger
    grid some points are drawn.
    """
    rng = random.Random(seed)
    found: dict[Point, None] = {}
    each = MOST_OFFERED // max(1, len(centres))
    for centre in centres:
        for step in {depth, max(1, depth - 1)}:
            found |= dict.fromkeys(itertools.islice(_around(axes, centre, step, rng), each))
    remaining = _Remaining(axes, rng)
    found |= dict.fromkeys(remaining.some(MOST_OFFERED))
    return list(found)


def _around(
    axes: Sequence[AnyAxis], centre: Point, depth: int, rng: random.Random
) -> Iterator[Point]:
    steps = [
        axis.finer(value, depth) or [other for other in axis.values if other != value]
        for axis, value in zip(axes, centre, strict=True)
    ]
    movable = [i for i, found in enumerate(steps) if found]
    for moved in range(1, len(movable) + 1):
        points = []
        for chosen in itertools.combinations(movable, moved):
            for values in itertools.product(*(steps[i] for i in chosen)):
                point = list(centre)
                for i, value in zip(chosen, values, strict=True):
                    point[i] = value
                points.append(tuple(point))
            if len(points) > MOST_OFFERED:
                break
        rng.shuffle(points)
        yield from points


def _weighted(point: Point) -> list[tuple[Any, int]]:
    """Return the values of a point and all pairs of them, each with its weight in the balance."""
    numbered = list(enumerate(point))
    pairs = [(pair, 1) for pair in itertools.combinations(numbered, 2)]
    return [*((part, len(point)) for part in numbered), *pairs]


class _Remaining:
    """The points of a grid that have not been used; a large grid is drawn from, not listed."""

    def __init__(self, axes: Sequence[AnyAxis], rng: random.Random) -> None:
        self.axes, self.rng = axes, rng
        self.size = grid_size(axes)
        self.taken: set[Point] = set()
        self.listed: list[Point] | None = None
        if self.size <= _LARGEST_LISTED:
            self.listed = list(itertools.product(*(axis.values for axis in axes)))
            rng.shuffle(self.listed)

    def take(self, point: Point) -> None:
        self.taken.add(point)
        if self.listed is not None:
            self.listed.remove(point)

    def some(self, count: int) -> list[Point]:
        if self.listed is not None:
            return self.rng.sample(self.listed, min(count, len(self.listed)))
        found = []
        while len(found) < count and len(self.taken) < self.size // 2:
            point = tuple(self.rng.choice(axis.values) for axis in self.axes)
            if point not in self.taken:
                found.append(point)
        return found
