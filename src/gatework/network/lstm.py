"""The LSTM: a stack of layers, each with its own size and its own variant of the cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, ClassVar, Self, cast

import torch
from torch import nn

from gatework.cell import CellOptions, LSTMCell
from gatework.cell.weights import lstm_shapes
from gatework.errors import OptionError
from gatework.network import arguments
from gatework.network.stack import DTYPES, RecurrentStack, dtype_name
from gatework.network.state import DIRECTIONS

VARIANTS = tuple(
    field.name for field in fields(CellOptions) if field.name not in ("input_size", "hidden_size")
)


class LSTM(RecurrentStack):
    """Long short-term memory: a stack of layers of any sizes, with every variant of the cell.

    Takes what torch.nn.LSTM takes, with the same meaning and the same numbers for the same
    weights, except that each layer has one bias and not two that add up.

    Args:
        input_size: I, features of an input.
        hidden_sizes: H of each layer, a list such as ``[128, 64, 32]``; or one number for
            ``num_layers`` layers. ``hidden_size`` is accepted for it, as torch spells it.
        num_layers: number of layers when ``hidden_sizes`` is one number; 1 if not given.
        bias: whether the gates have a bias.
        batch_first: inputs and outputs are (B, T, ...) instead of (T, B, ...).
        dropout: probability of dropping a value between two layers while training; one for all,
            or a list with one for each gap.
        bidirectional: each layer also reads the sequence from its end.
        proj_size: P, project the hidden state to this size; 0 for none.
        peephole, layer_norm, coupled_gates, exponential_gating: variants of the cell, see
            gatework.cell.CellOptions. Each is one value for all layers or a list with one for each
            layer. So are those below, ``bias`` and ``proj_size``.
        recurrent_dropout, candidate_dropout, zoneout_cell, zoneout_hidden, drop_connect: noise
            while training.
        learned_state, forget_bias: where states and forget gates begin.
        device, dtype: where and in which precision the weights are made.

    Attributes:
        low_memory: False; set it to True to keep only the cell states for the backward run and
            compute the gates again: a third of the memory or less, 1.3 to 1.6 times the time.
        variational: False; set it to True to drop the same features at all steps of a sequence
            between two layers (Gal and Ghahramani 2016, arXiv:1512.05287).

    Shapes:
        input: (T, B, I); (B, T, I) with batch_first; (T, I) for a single sequence.
        output: the same with output_size features, P of the last layer times its directions.

    Raises:
        OptionError: when options are out of range or contradict each other; all of them at once.

    Example:
        >>> lstm = LSTM(3, [128, 64, 32], dropout=0.1, layer_norm=[True, False, False])
        >>> output, state = lstm(torch.zeros(20, 8, 3))
        >>> output.shape
        torch.Size([20, 8, 32])
        >>> LSTM(3, 8, exponential_gating=True, coupled_gates=True)
        Traceback (most recent call last):
        ...
        gatework.errors.OptionError: LSTM cannot be built: exponential_gating and \
coupled_gates exclude each other: an exponential input gate may exceed 1, so 1 - input gate is \
no forget gate

    Source: Hochreiter and Schmidhuber 1997, doi 10.1162/neco.1997.9.8.1735; the equations and the
        sources of the variants are in gatework.cell.equations.
    """

    file_kind: ClassVar[str] = "lstm"

    def __init__(
        self,
        input_size: int,
        hidden_sizes: int | Sequence[int] | None = None,
        num_layers: int | None = None,
        bias: bool | Sequence[bool] = True,
        batch_first: bool = False,
        dropout: float | Sequence[float] = 0.0,
        bidirectional: bool = False,
        proj_size: int | Sequence[int] = 0,
        *,
        peephole: bool | Sequence[bool] = False,
        layer_norm: bool | Sequence[bool] = False,
        coupled_gates: bool | Sequence[bool] = False,
        exponential_gating: bool | Sequence[bool] = False,
        recurrent_dropout: float | Sequence[float] = 0.0,
        candidate_dropout: float | Sequence[float] = 0.0,
        zoneout_cell: float | Sequence[float] = 0.0,
        zoneout_hidden: float | Sequence[float] = 0.0,
        drop_connect: float | Sequence[float] = 0.0,
        learned_state: bool | Sequence[bool] = False,
        forget_bias: float | Sequence[float | None] | None = None,
        hidden_size: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        given = locals()
        problems: list[str] = []
        sizes = arguments.layer_sizes(hidden_sizes, num_layers, hidden_size, problems)
        arguments.check_switch("batch_first", batch_first, problems)
        arguments.check_switch("bidirectional", bidirectional, problems)
        rates = arguments.between_layers(dropout, len(sizes), problems)
        variants = {name: given[name] for name in VARIANTS}
        layers = layer_options(input_size, sizes, bool(bidirectional), variants, problems)
        arguments.refuse("LSTM", problems)
        super().__init__(
            [LSTMCell(options, device=device, dtype=dtype) for options in layers],
            [LSTMCell(options, device=device, dtype=dtype) for options in layers]
            if bidirectional
            else None,
            batch_first=batch_first,
            dropout=rates,
        )
        self.layer_options = tuple(layers)

    @classmethod
    def from_torch(cls, module: nn.LSTM) -> Self:
        """Return an LSTM with the weights and options of a ``torch.nn.LSTM``.

        Everything is carried; torch's two biases become their sum.

        Raises:
            OptionError: when ``module`` is no torch.nn.LSTM.
        """
        from gatework.network.torch_weights import lstm_from_torch

        return lstm_from_torch(cls, module)

    def to_torch(self) -> nn.LSTM:
        """Return a ``torch.nn.LSTM`` with these weights; torch's second bias is zero.

        Raises:
            OptionError: naming everything that torch's LSTM does not have.
        """
        from gatework.network.torch_weights import lstm_to_torch

        return lstm_to_torch(self)

    def cell(self, layer: int = 0, direction: str = "forward") -> LSTMCell:
        """Return the cell of a layer and direction, with its weights by name.

        Raises:
            OptionError: when there is no such layer or direction.
        """
        grid = self.grid()
        if not 0 <= layer < len(grid) or direction not in DIRECTIONS[: len(grid[0])]:
            raise OptionError(
                f"there is no layer {layer!r} with direction {direction!r}: this LSTM has "
                f"{len(grid)} layers with {', '.join(DIRECTIONS[: len(grid[0])])}"
            )
        return cast(LSTMCell, grid[layer][DIRECTIONS.index(direction)])

    def to_config(self) -> dict[str, Any]:
        """Return the arguments that build this network again, as JSON values."""
        layers = self.layer_options
        return {
            "input_size": layers[0].input_size,
            "hidden_sizes": [options.hidden_size for options in layers],
            "batch_first": self.batch_first,
            "dropout": self.dropout[0] if len(layers) == 1 else list(self.dropout[:-1]),
            "bidirectional": self.bidirectional,
            "dtype": dtype_name(self),
        } | {
            name: arguments.shorten([getattr(options, name) for options in layers])
            for name in VARIANTS
        }

    @classmethod
    def expected_tensors(
        cls, config: Mapping[str, Any]
    ) -> dict[str, tuple[torch.dtype, tuple[int, ...]]]:
        """Return dtype and shape of every weight that ``config`` asks for; builds nothing.

        Raises:
            OptionError: when ``config`` is not one that ``to_config`` returns.
        """
        arguments.check_config("LSTM", config, CONFIG_KEYS)
        problems: list[str] = []
        sizes = arguments.layer_sizes(config["hidden_sizes"], None, None, problems)
        arguments.check_switch("batch_first", config["batch_first"], problems)
        arguments.check_switch("bidirectional", config["bidirectional"], problems)
        arguments.between_layers(config["dropout"], len(sizes), problems)
        arguments.check_dtype(config["dtype"], tuple(DTYPES), problems)
        two = config["bidirectional"] is True
        variants = {name: config[name] for name in VARIANTS}
        layers = layer_options(config["input_size"], sizes, two, variants, problems)
        arguments.refuse("LSTM", problems)
        return {
            f"{direction}_cells.{layer}.{name}": (DTYPES[config["dtype"]], shape)
            for direction in DIRECTIONS[: 1 + two]
            for layer, options in enumerate(layers)
            for name, shape in lstm_shapes(options).items()
        }


CONFIG_KEYS = frozenset(
    {"input_size", "hidden_sizes", "batch_first", "dropout", "bidirectional", "dtype", *VARIANTS}
)


def layer_options(
    input_size: int,
    sizes: Sequence[int],
    bidirectional: bool,
    variants: Mapping[str, Any],
    problems: list[str],
) -> list[CellOptions]:
    """Return the options of each layer; add what is wrong with them to ``problems``."""
    count = len(sizes)
    values = {
        name: arguments.each_layer(name, value, count, problems) for name, value in variants.items()
    }
    layers: list[CellOptions] = []
    where: dict[str, list[int]] = {}
    for layer, size in enumerate(sizes):
        options = CellOptions(
            input_size=input_size,
            hidden_size=size,
            **{name: per_layer[layer] for name, per_layer in values.items()},
        )
        found = options.problems()
        for problem in found:
            where.setdefault(problem, []).append(layer)
        layers.append(options)
        # The next layer's input is this one's output; after a problem any valid size will do.
        input_size = 1 if found else options.output_size * (2 if bidirectional else 1)
    for problem, found_in in where.items():
        everywhere = len(found_in) == count
        place = "" if everywhere else f"layer {', '.join(map(str, found_in))}: "
        problems.append(place + problem)
    return layers
