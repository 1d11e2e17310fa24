"""What a model file holds: stacks of cells with or without a head, and the scaling around them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.cell.configuration import (
    MAX_LAYERS,
    TIED,
    StackConfig,
    build_config,
    check_tied,
    config_keys,
    default_config,
)
from gatework.cell.description import DTYPES
from gatework.cell.options import CellOptions, OptionProblem
from gatework.checks import is_number, is_whole
from gatework.storage import Tensor

MOST_MEMBERS = 64


@dataclass(frozen=True)
class EnsembleMember:
    """A stack of layers; ``prefix`` begins the names of its tensors and of its state.

    Attributes:
        lstm_prefix: begins the names of its cells' tensors.
        head: outputs of the linear head behind the layers, 0 for none.
    """

    stack: StackConfig
    prefix: str = ""
    lstm_prefix: str = ""
    head: int = 0


@dataclass(frozen=True)
class Architecture:
    """What a model file holds, all but the weights.

    Attributes:
        kind: of the file.
        members: stacks whose outputs are averaged; most models have one.
        scaling: mean, deviation, whether the logarithm is scaled, and the lowest output; None
            where inputs and outputs are taken as they are.
    """

    kind: str
    members: tuple[EnsembleMember, ...]
    scaling: tuple[float, float, bool, float] | None = None

    @property
    def stack(self) -> StackConfig:
        """The layers, which all members have alike."""
        return self.members[0].stack

    def expected(self) -> dict[str, tuple[int, ...]]:
        """Return name and shape of every tensor in the file."""
        shapes: dict[str, tuple[int, ...]] = {}
        for member in self.members:
            own = member.stack.shapes()
            shapes |= {member.lstm_prefix + name: shape for name, shape in own.items()}
            if member.head:
                width = member.stack.output_size
                shapes[member.prefix + "head.weight"] = (member.head, width)
                shapes[member.prefix + "head.bias"] = (member.head,)
        return shapes


def architecture_of(kind: str, config: Mapping[str, Any]) -> Architecture:
    """Return the architecture that the configuration of a model file asks for.

    Raises:
        ValueError: telling what is not sound in it.
    """
    if kind == "forecaster":
        return _forecaster(config)
    return Architecture(kind, (EnsembleMember(stack_of(config)),))


def stack_of(config: Mapping[str, Any]) -> StackConfig:
    """Return the layers that the configuration of an LSTM asks for.

    Raises:
        ValueError: telling what is not sound in it.
    """
    if different := sorted((set(config) - {TIED}) ^ config_keys(CellOptions)):
        raise ValueError(f"the settings {', '.join(map(repr, different))} are missing or unknown")
    sizes = config["hidden_sizes"]
    if not isinstance(sizes, list) or not 1 <= len(sizes) <= MAX_LAYERS:
        raise ValueError(f"hidden_sizes must be a list of 1 to {MAX_LAYERS} sizes")
    problems: list[OptionProblem] = []
    stack = build_config(CellOptions, config, problems)
    for told, name, value in problems:
        raise ValueError(f"{name} cannot be {value!r}" if name else told)
    check_tied(config.get(TIED, []), stack.shapes())
    return stack


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
    if not is_whole(count, 1, MOST_MEMBERS):
        raise ValueError(f"networks must be from 1 to {MOST_MEMBERS}, got {count!r}")
    mean, deviation = fitted["mean"], fitted["deviation"]
    for name, value in (("mean", mean), ("deviation", deviation)):
        if not is_number(value):
            raise ValueError(f"{name} must be a number, got {value!r}")
    if not deviation > 0:
        raise ValueError(f"deviation must be positive, got {deviation!r}")
    for name in ("log", "counts"):
        if not isinstance(fitted[name], bool):
            raise ValueError(f"{name} must be True or False, got {fitted[name]!r}")
    sizes = fitted["hidden_sizes"]
    plain = default_config(CellOptions, input_size=1, hidden_sizes=sizes, batch_first=True)
    stack = stack_of(plain)
    members = tuple(
        EnsembleMember(stack, f"networks.{number}.", f"networks.{number}.lstm.", head=1)
        for number in range(count)
    )
    lowest = 0.0 if fitted["counts"] else -math.inf
    scaling = (float(mean), float(deviation), fitted["log"], lowest)
    return Architecture("forecaster", members, scaling)
