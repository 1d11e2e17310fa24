"""The configuration of a stack of layers: checked when it is built, saved, and read again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gatework import checks
from gatework.cell.description import DIRECTIONS, DTYPES
from gatework.cell.options import LayerOptions, OptionProblem, wrong
from gatework.cell.summary import LayerSummary
from gatework.checks import is_number, is_whole
from gatework.errors import OptionError, counted

MAX_LAYERS = 1024
MOST_WEIGHTS = 2**40
TIED = "tied"
"""The setting of a file that names weights of which several are one parameter; seldom there."""


class PlacedCell(NamedTuple):
    """The options of a cell, and where in a stack it stands."""

    layer: int
    direction: str
    options: LayerOptions

    @property
    def prefix(self) -> str:
        """What the names of its parameters begin with."""
        return f"{self.direction}_cells.{self.layer}."

    @property
    def state_prefix(self) -> str:
        """What the names of the parts of its state begin with."""
        return f"{self.layer}.{self.direction}."


@dataclass(frozen=True)
class StackConfig:
    """Layers of cells of one kind, each with its own options.

    Attributes:
        layers: the options of each.
        batch_first: sequences are (B, T, ...) instead of (T, B, ...).
        bidirectional: each layer also reads the sequence from its end.
        dropout: probability behind each layer; behind the last it does nothing.
        dtype: name of that of the weights.
    """

    layers: tuple[LayerOptions, ...]
    batch_first: bool
    bidirectional: bool
    dropout: tuple[float, ...]
    dtype: str

    @property
    def directions(self) -> tuple[str, ...]:
        """The directions of each layer."""
        return DIRECTIONS[: 1 + self.bidirectional]

    @property
    def output_size(self) -> int:
        """Features of an output, all directions together."""
        return self.layers[-1].output_size * len(self.directions)

    def options(self, layer: int = 0, direction: str = "forward") -> LayerOptions:
        """Return the options of a layer.

        Raises:
            OptionError: when there is no such layer or direction.
        """
        check_place(layer, direction, len(self.layers), self.directions)
        return self.layers[layer]

    def cells(self) -> Iterator[PlacedCell]:
        """Yield every cell, layer by layer."""
        for layer, options in enumerate(self.layers):
            for direction in self.directions:
                yield PlacedCell(layer, direction, options)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return name and shape of every parameter of the stack."""
        return {
            cell.prefix + name: shape
            for cell in self.cells()
            for name, shape in cell.options.shapes().items()
        }

    def state_sizes(self) -> dict[str, int]:
        """Return name and size of every part of the stack's state."""
        return {
            cell.state_prefix + name: size
            for cell in self.cells()
            for name, size in cell.options.state_sizes().items()
        }

    def layer_summary(self) -> list[LayerSummary]:
        """Return a description of each layer, for tables and pictures."""
        count = len(self.directions)
        return [
            LayerSummary(
                name=f"{one.kind.name.upper()} {layer + 1}",
                kind=one.kind.name,
                input_size=one.input_size,
                hidden_size=one.hidden_size,
                output_size=one.output_size * count,
                directions=count,
                parameters=sum(map(math.prod, one.shapes().values())) * count,
                options=one.words(),
                dropout_after=self.dropout[layer] if layer + 1 < len(self.layers) else 0.0,
            )
            for layer, one in enumerate(self.layers)
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the arguments that build this stack again, as JSON values."""
        layers = self.layers
        own: dict[str, Any] = {}
        for name in layers[0].defaults():
            values = [getattr(options, name) for options in layers]
            own[name] = values[0] if len(set(values)) == 1 else values
        return {
            "input_size": layers[0].input_size,
            "hidden_sizes": [options.hidden_size for options in layers],
            "batch_first": self.batch_first,
            "dropout": self.dropout[0] if len(layers) == 1 else list(self.dropout[:-1]),
            "bidirectional": self.bidirectional,
            "dtype": self.dtype,
            **own,
        }


def check_place(layer: object, direction: str, count: int, directions: Sequence[str]) -> None:
    """Check that a network of ``count`` layers has a cell there.

    Raises:
        OptionError: when it has not.
    """
    if not is_whole(layer, 0, count - 1) or direction not in directions:
        raise OptionError(
            f"there is no layer {layer!r} with direction {direction!r}: this network has "
            f"layers 0 to {count - 1}, {' and '.join(directions)}",
            hint="layer=0",
        )


def default_config(options: type[LayerOptions], **changes: Any) -> dict[str, Any]:
    """Return the configuration of a stack of plain cells, but for what ``changes`` says."""
    plain = {"batch_first": False, "dropout": 0.0, "bidirectional": False, "dtype": "float32"}
    return plain | options.defaults() | changes


def config_keys(options: type[LayerOptions]) -> set[str]:
    """Return the names of all that the configuration of a stack has."""
    return {"input_size", "hidden_sizes", *default_config(options)}


def build_config(
    options: type[LayerOptions], given: Mapping[str, Any], problems: list[OptionProblem]
) -> StackConfig:
    """Return the stack that is asked for; add what is wrong to ``problems``.

    Args:
        options: their class.
        given: "input_size", "hidden_sizes", "batch_first", "dropout", "bidirectional", "dtype" and
            the options of a layer, each one value or a list with one for each layer; "num_layers"
            and "hidden_size" where arguments say them.
        problems: while it is not empty, what is returned makes no sense.
    """
    sizes = _layer_sizes(given, problems)
    for name in ("batch_first", "bidirectional"):
        if not isinstance(given[name], bool):
            problems.append(wrong(name, given[name], "True or False"))
    dropout = _between_layers(given["dropout"], len(sizes), problems)
    if given["dtype"] not in tuple(DTYPES):
        problems.append(wrong("dtype", given["dtype"], f"one of {', '.join(DTYPES)}"))
    values = {
        name: [given[name]] * len(sizes)
        if name in options.common
        else _each_layer(name, given[name], len(sizes), problems)
        for name in options.defaults()
    }
    two = given["bidirectional"] is True
    layers = _layers(options, given["input_size"], sizes, values, two, problems)
    stack = StackConfig(tuple(layers), given["batch_first"], two, tuple(dropout), given["dtype"])
    if not problems:
        count = sum(math.prod(shape) for shape in stack.shapes().values())
        if count > MOST_WEIGHTS:
            told = (
                f"input_size {given['input_size']} and hidden_sizes {sizes} ask for {count:.3g} "
                f"weights, more than the {MOST_WEIGHTS:.3g} that any memory holds"
            )
            problems.append(OptionProblem(told))
    return stack


def read_config(options: type[LayerOptions], config: Mapping[str, Any]) -> StackConfig:
    """Return the stack of a configuration that came from a file.

    Raises:
        OptionError: naming all that is wrong.
    """
    known = config_keys(options)
    tied = config.get(TIED, [])
    config = {name: value for name, value in config.items() if name != TIED}
    network = options.kind.name.upper()
    missing = [f"the setting {key!r} is missing" for key in sorted(known - config.keys())]
    unknown = [f"the setting {key!r} is unknown" for key in sorted(config.keys() - known)]
    refuse(network, [OptionProblem(told) for told in (*missing, *unknown)])
    problems: list[OptionProblem] = []
    stack = build_config(options, config, problems)
    refuse(network, problems)
    check_tied(tied, stack.shapes())
    return stack


def check_tied(groups: Any, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Check what a configuration says of tied weights.

    Raises:
        OptionError: when they are no groups of weights of one shape, each named once.
    """
    sound = isinstance(groups, list) and all(
        isinstance(group, list) and len(group) > 1 and {*map(type, group)} == {str}
        for group in groups
    )
    named = [name for group in groups for name in group] if sound else [""]
    if len({*named}) < len(named) or not shapes.keys() >= {*named}:
        sound = False
    if not sound or any(len({shapes[name] for name in group}) > 1 for group in groups):
        raise OptionError(f"tied must be groups of weights of one shape, got {groups!r:.200}")


def refuse(network: str, problems: Sequence[OptionProblem]) -> None:
    """Raise one error that names every problem, if there are any.

    Raises:
        OptionError: naming all problems, each once.
    """
    distinct = list(dict.fromkeys(problem.told for problem in problems))
    checks.refuse(distinct, f"{network} cannot be built: ")


def _layer_sizes(given: Mapping[str, Any], problems: list[OptionProblem]) -> list[int]:
    """Return the size of each layer."""
    sizes, count = given["hidden_sizes"], given.get("num_layers")
    if (one := given.get("hidden_size")) is not None:
        if sizes is not None:
            told = "hidden_size and hidden_sizes say the same thing; give one of them"
            problems.append(OptionProblem(told))
        sizes = one
    if sizes is None:
        told = "hidden_sizes is missing: one number, or a list with one for each layer"
        problems.append(OptionProblem(told))
        return []
    if count is not None and not is_whole(count, 1, MAX_LAYERS):
        problems.append(wrong("num_layers", count, f"a whole number from 1 to {MAX_LAYERS}"))
        count = None
    if isinstance(sizes, int):
        return [sizes] * (count or 1)
    if isinstance(sizes, str) or not isinstance(sizes, Sequence):
        problems.append(wrong("hidden_sizes", sizes, "a whole number or a list of them"))
        return []
    if not 1 <= len(sizes) <= MAX_LAYERS:
        told = f"hidden_sizes must name 1 to {MAX_LAYERS} layers, got {len(sizes)}"
        problems.append(OptionProblem(told, "hidden_sizes", sizes))
        return []
    if count is not None and count != len(sizes):
        told = f"num_layers is {count} but hidden_sizes names {len(sizes)} layers"
        problems.append(OptionProblem(told))
    return list(sizes)


def _each_layer(name: str, value: Any, count: int, problems: list[OptionProblem]) -> list[Any]:
    """Return a value for each layer, whether it came as one or as a list."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [value] * count
    if len(value) != count:
        told = (
            f"{name} must be one value or a list of {count}, one for each layer, "
            f"got {counted(len(value), 'value')}"
        )
        problems.append(OptionProblem(told, name, value))
        return [value[0] if len(value) else None] * count
    return list(value)


def _between_layers(dropout: Any, count: int, problems: list[OptionProblem]) -> list[float]:
    """Return the dropout behind each layer; a list names one for each of the count - 1 gaps."""
    rates = [dropout] * count
    if isinstance(dropout, Sequence) and not isinstance(dropout, str):
        if len(dropout) != count - 1:
            told = (
                f"dropout must be one value or a list of {count - 1}, one for each gap between "
                f"layers, got {counted(len(dropout), 'value')}"
            )
            problems.append(OptionProblem(told, "dropout", dropout))
            return [0.0] * count
        rates = [*dropout, 0.0]
    for rate in rates:
        if not is_number(rate, 0, 1):
            problems.append(wrong("dropout", rate, "a probability from 0 to 1"))
            return [0.0] * count
    return [float(rate) for rate in rates]


def _layers(
    options: type[LayerOptions],
    input_size: int,
    sizes: Sequence[int],
    values: Mapping[str, Sequence[Any]],
    bidirectional: bool,
    problems: list[OptionProblem],
) -> list[LayerOptions]:
    """Return the options of each layer; what is wrong in some is told with their numbers."""
    layers: list[LayerOptions] = []
    where: dict[str, tuple[OptionProblem, list[int]]] = {}
    for layer, size in enumerate(sizes):
        own = {name: each[layer] for name, each in values.items()}
        one = options(input_size, size, **own)
        found = one.problems()
        for problem in found:
            where.setdefault(problem.told, (problem, []))[1].append(layer)
        layers.append(one)
        # The next layer's input is this one's output; after a problem any valid size will do.
        input_size = 1 if found else one.output_size * (1 + bidirectional)
    for problem, numbers in where.values():
        place = "" if len(numbers) == len(sizes) else f"layer {', '.join(map(str, numbers))}: "
        problems.append(problem._replace(told=place + problem.told))
    return layers
