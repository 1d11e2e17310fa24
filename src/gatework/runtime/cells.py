"""What the configuration of a saved network asks for: its cells, and their tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SWITCHES = (
    "bias",
    "peephole",
    "layer_norm",
    "coupled_gates",
    "exponential_gating",
    "learned_state",
)
RATES = (
    "recurrent_dropout",
    "candidate_dropout",
    "zoneout_cell",
    "zoneout_hidden",
    "drop_connect",
)
KEYS = {
    *SWITCHES,
    *RATES,
    "input_size",
    "hidden_sizes",
    "proj_size",
    "forget_bias",
    "batch_first",
    "dropout",
    "bidirectional",
    "dtype",
}
DTYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16"}
"""The dtypes of saved weights, with their names in the file."""

DIRECTIONS = ("forward", "reverse")
MOST_LAYERS = 1024


@dataclass(frozen=True)
class Cell:
    """A cell of a saved network.

    Attributes:
        layer, direction: its place.
        options: of its layer, by their names in the configuration, and ``input_size``,
            ``hidden_size``.
    """

    layer: int
    direction: str
    options: Mapping[str, Any]

    @property
    def hidden_size(self) -> int:
        """H: memory cells."""
        return self.options["hidden_size"]

    @property
    def output_size(self) -> int:
        """P: features of the hidden state."""
        return self.options["proj_size"] or self.options["hidden_size"]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return name and shape of each of its tensors.

        Shapes:
            as gatework.cell.equations.Weights names them, K gates.
        """
        o, H, P = self.options, self.hidden_size, self.output_size
        K = 3 if o["coupled_gates"] else 4
        table = [
            ("weight_ih", True, (K * H, o["input_size"])),
            ("weight_hh", True, (K * H, P)),
            ("bias", o["bias"], (K * H,)),
            ("weight_hr", o["proj_size"], (P, H)),
            ("peephole", o["peephole"], (K - 1, H)),
            ("input_gain", o["layer_norm"], (K * H,)),
            ("recurrent_gain", o["layer_norm"], (K * H,)),
            ("cell_gain", o["layer_norm"], (H,)),
            ("cell_shift", o["layer_norm"] and o["bias"], (H,)),
            ("initial_hidden", o["learned_state"], (P,)),
            ("initial_cell", o["learned_state"], (H,)),
        ]
        return {name: shape for name, there, shape in table if there}

    def state_sizes(self) -> dict[str, int]:
        """Return name and size of each part of its state."""
        sizes = {"hidden": self.output_size, "cell": self.hidden_size}
        if self.options["exponential_gating"]:
            sizes |= {"normaliser": self.hidden_size, "stabiliser": self.hidden_size}
        return sizes


def cells_of(config: Mapping[str, Any]) -> list[list[Cell]]:
    """Return the cells by layer and direction that the configuration of an LSTM asks for.

    Raises:
        ValueError: telling what is not sound in it.
    """
    if set(config) != KEYS:
        different = sorted(set(config) ^ KEYS)
        raise ValueError(f"the settings {', '.join(map(repr, different))} are missing or unknown")
    sizes = config["hidden_sizes"]
    if not isinstance(sizes, list) or not 1 <= len(sizes) <= MOST_LAYERS:
        raise ValueError(f"hidden_sizes must be a list of 1 to {MOST_LAYERS} sizes")
    _check(config["dtype"] in DTYPES, "dtype", config["dtype"])
    for name in ("batch_first", "bidirectional"):
        _check(isinstance(config[name], bool), name, config[name])
    directions = DIRECTIONS[: 1 + config["bidirectional"]]
    varying = (*SWITCHES, *RATES, "proj_size", "forget_bias")
    values = {name: _each_layer(name, config[name], len(sizes)) for name in varying}
    inputs = config["input_size"]
    grid = []
    for layer, size in enumerate(sizes):
        options = {name: each[layer] for name, each in values.items()}
        options |= {"input_size": inputs, "hidden_size": size}
        _check_options(options)
        row = [Cell(layer, direction, options) for direction in directions]
        grid.append(row)
        inputs = sum(cell.output_size for cell in row)
    return grid


def _each_layer(name: str, value: Any, count: int) -> Sequence[Any]:
    if not isinstance(value, list):
        return [value] * count
    _check(len(value) == count, name, value)
    return value


def _check_options(o: Mapping[str, Any]) -> None:
    for name in ("input_size", "hidden_size"):
        _check(_whole(o[name]) and o[name] >= 1, name, o[name])
    P, H = o["proj_size"], o["hidden_size"]
    _check(_whole(P) and 0 <= P < H, "proj_size", P)
    for name in SWITCHES:
        _check(isinstance(o[name], bool), name, o[name])
    for name in RATES:
        _check(_number(o[name]) and 0.0 <= o[name] < 1.0, name, o[name])
    exponential = o["exponential_gating"]
    for name in ("coupled_gates", "peephole", "zoneout_cell"):
        if exponential and o[name]:
            raise ValueError(f"exponential_gating and {name} exclude each other")


def _check(sound: bool, name: str, value: object) -> None:
    if not sound:
        raise ValueError(f"{name} cannot be {value!r}")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
