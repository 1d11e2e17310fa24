"""What a model file holds: stacks of cells with or without a head, and the scaling around them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.runtime.cells import DTYPES, RATES, SWITCHES, Cell, cells_of
from gatework.storage import Tensor

MOST_MEMBERS = 64


@dataclass(frozen=True)
class Member:
    """A stack of layers; ``prefix`` begins the names of its tensors and of its state.

    Attributes:
        lstm_prefix: begins the names of its cells' tensors.
        head: outputs of the linear head behind the layers, 0 for none.
    """

    grid: list[list[Cell]]
    prefix: str = ""
    lstm_prefix: str = ""
    head: int = 0


@dataclass(frozen=True)
class Architecture:
    """What a model file holds, all but the weights.

    Attributes:
        kind: of the file.
        dtype: of the weights in the file.
        batch_first: sequences are (B, T, ...) instead of (T, B, ...).
        members: stacks whose outputs are averaged; most models have one.
        scaling: mean, deviation, whether the logarithm is scaled, and the lowest output; None
            where inputs and outputs are taken as they are.
    """

    kind: str
    dtype: str
    batch_first: bool
    members: tuple[Member, ...]
    scaling: tuple[float, float, bool, float] | None = None

    @property
    def bidirectional(self) -> bool:
        """Whether the layers also read the sequence from its end."""
        return len(self.members[0].grid[0]) == 2

    def expected(self) -> dict[str, tuple[int, ...]]:
        """Return name and shape of every tensor in the file."""
        shapes: dict[str, tuple[int, ...]] = {}
        for member in self.members:
            for cell in (cell for row in member.grid for cell in row):
                prefix = cell_prefix(member, cell)
                shapes |= {prefix + name: shape for name, shape in cell.shapes().items()}
            if member.head:
                width = sum(cell.output_size for cell in member.grid[-1])
                shapes[member.prefix + "head.weight"] = (member.head, width)
                shapes[member.prefix + "head.bias"] = (member.head,)
        return shapes


def cell_prefix(member: Member, cell: Cell) -> str:
    """Return what the names of a cell's tensors in the file begin with."""
    return f"{member.lstm_prefix}{cell.direction}_cells.{cell.layer}."


def architecture_of(kind: str, config: Mapping[str, Any]) -> Architecture:
    """Return the architecture that the configuration of a model file asks for.

    Raises:
        ValueError: telling what is not sound in it.
    """
    if kind == "forecaster":
        return _forecaster(config)
    grid = cells_of(config)
    return Architecture(kind, config["dtype"], config["batch_first"], (Member(grid),))


def fault(expected: Mapping[str, tuple[int, ...]], dtype: str, found: Mapping[str, Tensor]) -> str:
    """Return how the tensors of a file differ from what is expected; empty where they do not."""
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            return f"lacks the tensor {name!r}"
        if name not in expected:
            return f"has the unknown tensor {name!r}"
        if found[name].shape != expected[name]:
            return f"has {name!r} with the shape {found[name].shape}, expected {expected[name]}"
        if found[name].dtype != DTYPES[dtype]:
            return f"has {name!r} as {found[name].dtype}, expected {DTYPES[dtype]}"
    return ""


def numbers(tensor: Tensor) -> np.ndarray:
    """Return a tensor of floating-point numbers; bfloat16 comes as float32, without loss."""
    array = tensor.to_numpy()
    if tensor.dtype != "BF16":
        return array
    return (array.astype(np.uint32) << np.uint32(16)).view(np.float32)


def _forecaster(config: Mapping[str, Any]) -> Architecture:
    """Return a forecaster's: networks of one input and one output, averaged in its units."""
    fitted = config.get("fitted")
    if not isinstance(fitted, dict):
        raise ValueError("a forecaster's configuration has the part 'fitted'")
    needed = {"networks", "hidden_sizes", "mean", "deviation", "log", "counts"}
    if not needed <= fitted.keys():
        raise ValueError(f"the settings {', '.join(sorted(needed - fitted.keys()))} are missing")
    count = fitted["networks"]
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_MEMBERS:
        raise ValueError(f"networks must be from 1 to {MOST_MEMBERS}, got {count!r}")
    mean, deviation = fitted["mean"], fitted["deviation"]
    for name, value in (("mean", mean), ("deviation", deviation)):
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError(f"{name} must be a number, got {value!r}")
    if not deviation > 0:
        raise ValueError(f"deviation must be positive, got {deviation!r}")
    for name in ("log", "counts"):
        if not isinstance(fitted[name], bool):
            raise ValueError(f"{name} must be True or False, got {fitted[name]!r}")
    plain: dict[str, Any] = {**dict.fromkeys(SWITCHES, False), **dict.fromkeys(RATES, 0.0)}
    plain |= {"bias": True, "batch_first": True, "bidirectional": False, "dtype": "float32"}
    plain |= {"input_size": 1, "proj_size": 0, "forget_bias": None, "dropout": 0.0}
    grid = cells_of(plain | {"hidden_sizes": fitted["hidden_sizes"]})
    members = tuple(
        Member(grid, f"networks.{number}.", f"networks.{number}.lstm.", head=1)
        for number in range(count)
    )
    lowest = 0.0 if fitted["counts"] else -math.inf
    scaling = (float(mean), float(deviation), fitted["log"], lowest)
    return Architecture("forecaster", "float32", True, members, scaling)
