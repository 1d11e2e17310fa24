"""The axes of a search: the values a parameter may take, coarse ones first, finer ones between."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gatework.checks import is_number, is_whole


class _Described:
    """An axis that tells what it is."""

    def describe(self) -> dict[str, Any]:
        """Return the axis as JSON has it, tuples for lists."""
        return {"kind": type(self).__name__.lower()} | vars(self)


@dataclass(frozen=True)
class Axis(_Described):
    """A number, on a linear or a logarithmic scale.

    Attributes:
        name: of the parameter.
        values: the coarse grid, rising.
        scale: "linear" or "log"; where halfway between two values is.
        integer: only whole numbers.
        low, high: bounds for finer grids; the first and last value where not given.

    Example:
        >>> rate = Axis("learning_rate", (0.001, 0.01, 0.1), scale="log")
        >>> [round(value, 5) for value in rate.finer(0.01, 1)]
        [0.00316, 0.03162]
    """

    name: str
    values: tuple[float, ...]
    scale: str = "linear"
    integer: bool = False
    low: float | None = None
    high: float | None = None

    def problems(self) -> list[str]:
        """Return what is wrong with this axis, a sentence each."""
        if not self.values:
            return [f"axis {self.name!r} has no values"]
        numbers = [*self.values, *(v for v in (self.low, self.high) if v is not None)]
        if not all(is_number(value) for value in numbers):
            return [f"axis {self.name!r} must have finite numbers, got {numbers}"]
        found = []
        if any(b <= a for a, b in pairwise(self.values)):
            found.append(f"the values of axis {self.name!r} must rise, got {list(self.values)}")
        if self.scale not in ("linear", "log"):
            found.append(
                f"the scale of axis {self.name!r} must be linear or log, got {self.scale!r}"
            )
        if self.integer and any(value != int(value) for value in numbers):
            found.append(f"the values of axis {self.name!r} must be whole numbers")
        low, high = self._bounds()
        if self.scale == "log" and min(low, *self.values) <= 0:
            found.append(f"axis {self.name!r} is logarithmic, so its values must be above 0")
        if low > self.values[0] or high < self.values[-1]:
            found.append(f"low and high of axis {self.name!r} must enclose its values")
        return found

    def finer(self, value: float, depth: int) -> list[float]:
        """Return the neighbours of ``value`` at a coarse step halved ``depth`` times."""
        places = [self._place(v) for v in self.values]
        here = self._place(value)
        gaps = list(pairwise(places))
        if not gaps:
            return []
        low, high = self._bounds()
        below = next((b - a for a, b in reversed(gaps) if a < here), gaps[0][1] - gaps[0][0])
        above = next((b - a for a, b in gaps if b > here), gaps[-1][1] - gaps[-1][0])
        found = []
        for place in (here - below / 2**depth, here + above / 2**depth):
            neighbour = min(max(self._value(place), low), high)
            if self.integer:
                neighbour = round(neighbour)
            if neighbour != value and neighbour not in found:
                found.append(neighbour)
        return found

    def holds(self, value: Any) -> bool:
        """Tell whether a search may try a value."""
        return is_number(value, *self._bounds()) and not (self.integer and value % 1)

    def coordinates(self, value: float) -> tuple[float, ...]:
        """Return where a value lies: 0 at the first one of the coarse grid, 1 at the last."""
        first, last = self._place(self.values[0]), self._place(self.values[-1])
        return ((self._place(value) - first) / (last - first),) if last > first else ()

    def _bounds(self) -> tuple[float, float]:
        return (
            self.values[0] if self.low is None else self.low,
            self.values[-1] if self.high is None else self.high,
        )

    def _place(self, value: float) -> float:
        return math.log(value) if self.scale == "log" else value

    def _value(self, place: float) -> float:
        value = math.exp(place) if self.scale == "log" else place
        return float(f"{value:.12g}")  # 0.15, not 0.15000000000000002


@dataclass(frozen=True)
class Choice(_Described):
    """One of several values without an order; finer grids keep it."""

    name: str
    values: tuple[Any, ...]

    def problems(self) -> list[str]:
        """Return what is wrong with this axis, a sentence each."""
        return _plain_problems(self.name, self.values)

    def finer(self, value: Any, depth: int) -> list[Any]:
        """Return no neighbours: there is nothing between two choices."""
        return []

    def holds(self, value: Any) -> bool:
        """Tell whether a search may try a value."""
        return value in self.values

    def coordinates(self, value: Any) -> tuple[float, ...]:
        """Return 1 at the place of the value, 0 at those of all others."""
        return tuple(float(value == other) for other in self.values)


@dataclass(frozen=True)
class Sizes(_Described):
    """The sizes of the layers of a network, one to many of them.

    Finer grids scale one layer's size up or down by 2 ** (1 / 2 ** depth), which is half the step
    of a grid that doubles its sizes.

    Example:
        >>> Sizes("hidden_sizes", ((16,), (32, 16)), low=4, high=64).finer((32, 16), 1)
        [(23, 16), (45, 16), (32, 11), (32, 23)]
    """

    name: str
    values: tuple[tuple[int, ...], ...]
    low: int = 1
    high: int = 1024

    def problems(self) -> list[str]:
        """Return what is wrong with this axis, a sentence each."""
        if not all(isinstance(sizes, tuple) and all(map(is_whole, sizes)) for sizes in self.values):
            return [f"each value of axis {self.name!r} must be a tuple of whole numbers"]
        found = _plain_problems(self.name, self.values)
        if not 1 <= self.low <= self.high:
            found.append(f"axis {self.name!r} must have 1 <= low <= high")
        if any(
            not sizes or any(s < self.low or s > self.high for s in sizes) for sizes in self.values
        ):
            found.append(f"each size of axis {self.name!r} must be from {self.low} to {self.high}")
        return found

    def finer(self, value: tuple[int, ...], depth: int) -> list[tuple[int, ...]]:
        """Return the neighbours of ``value``: each layer a step smaller and a step larger."""
        factor = 2.0 ** (1.0 / 2**depth)
        found: list[tuple[int, ...]] = []
        for layer, size in enumerate(value):
            for scaled in (size / factor, size * factor):
                new = min(max(round(scaled), self.low), self.high)
                neighbour = (*value[:layer], new, *value[layer + 1 :])
                if neighbour != value and neighbour not in found:
                    found.append(neighbour)
        return found

    def holds(self, value: Any) -> bool:
        """Tell whether a search may try sizes."""
        layers = isinstance(value, tuple) and 1 <= len(value) <= max(map(len, self.values))
        return layers and all(is_whole(size, self.low, self.high) for size in value)

    def coordinates(self, value: tuple[int, ...]) -> tuple[float, ...]:
        """Return the number of layers, and the logarithm of each layer's size, the last's again."""
        deepest = max(map(len, self.values))
        span = math.log(max(map(max, self.values)) / min(map(min, self.values))) or 1.0
        sizes = (*value, *[value[-1]] * (deepest - len(value)))
        least = math.log(min(map(min, self.values)))
        return (len(value) / deepest, *((math.log(size) - least) / span for size in sizes))


AnyAxis = Axis | Choice | Sizes


def _is_plain(value: Any) -> bool:
    """Tell whether a ledger gives the value back as it was."""
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, str | bool) or is_number(value)


def _plain_problems(name: str, values: tuple[Any, ...]) -> list[str]:
    if not values:
        return [f"axis {name!r} has no values"]
    if not all(_is_plain(value) for value in values):
        kinds = "numbers, strings, True, False, None, or tuples of them"
        return [f"the values of axis {name!r} must be {kinds}, got {list(values)}"]
    if len(set(values)) != len(values):
        return [f"the values of axis {name!r} must not repeat, got {list(values)}"]
    return []
