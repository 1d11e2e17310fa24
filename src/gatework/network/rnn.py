"""The plain recurrent network, to compare an LSTM with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch

from gatework.cell import RNNCell
from gatework.cell.weights import rnn_shapes
from gatework.network import arguments
from gatework.network.stack import DTYPES, RecurrentStack, dtype_name
from gatework.network.state import DIRECTIONS

NONLINEARITIES = ("tanh", "relu")


class RNN(RecurrentStack):
    """A stack of plain recurrent layers with the interface of LSTM: no gates, no memory cell.

    Args:
        input_size, hidden_sizes, num_layers, batch_first, dropout, bidirectional: as for LSTM.
        hidden_size, device, dtype: as for LSTM, too.
        nonlinearity: "tanh" or "relu".
        bias: whether the layers have a bias; one for all or a list with one for each.

    Shapes:
        as for LSTM.

    Raises:
        OptionError: when arguments are out of range; all of them at once.

    Example:
        >>> output, state = RNN(3, [8, 4])(torch.zeros(20, 2, 3))
        >>> output.shape
        torch.Size([20, 2, 4])

    Source: Elman 1990, doi 10.1207/s15516709cog1402_1.
    """

    file_kind: ClassVar[str] = "rnn"

    def __init__(
        self,
        input_size: int,
        hidden_sizes: int | Sequence[int] | None = None,
        num_layers: int | None = None,
        nonlinearity: str = "tanh",
        bias: bool | Sequence[bool] = True,
        batch_first: bool = False,
        dropout: float | Sequence[float] = 0.0,
        bidirectional: bool = False,
        *,
        hidden_size: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        problems: list[str] = []
        sizes = arguments.layer_sizes(hidden_sizes, num_layers, hidden_size, problems)
        biases = arguments.each_layer("bias", bias, len(sizes), problems)
        rates = arguments.between_layers(dropout, len(sizes), problems)
        _check(input_size, sizes, biases, nonlinearity, problems)
        arguments.check_switch("batch_first", batch_first, problems)
        arguments.check_switch("bidirectional", bidirectional, problems)
        arguments.refuse("RNN", problems)

        def cells() -> list[RNNCell]:
            return [
                RNNCell(width, H, bias=b, nonlinearity=nonlinearity, device=device, dtype=dtype)
                for width, H, b in zip(
                    _inputs(input_size, sizes, bidirectional), sizes, biases, strict=True
                )
            ]

        super().__init__(
            cells(), cells() if bidirectional else None, batch_first=batch_first, dropout=rates
        )
        self.nonlinearity = nonlinearity
        self.biases = tuple(biases)

    def to_config(self) -> dict[str, Any]:
        """Return the arguments that build this network again, as JSON values."""
        return {
            "input_size": self.input_size,
            "hidden_sizes": list(self.hidden_sizes),
            "nonlinearity": self.nonlinearity,
            "bias": arguments.shorten(self.biases),
            "batch_first": self.batch_first,
            "dropout": self.dropout[0] if self.num_layers == 1 else list(self.dropout[:-1]),
            "bidirectional": self.bidirectional,
            "dtype": dtype_name(self),
        }

    @classmethod
    def expected_tensors(
        cls, config: Mapping[str, Any]
    ) -> dict[str, tuple[torch.dtype, tuple[int, ...]]]:
        """Return dtype and shape of every weight that ``config`` asks for; builds nothing.

        Raises:
            OptionError: when ``config`` is not one that ``to_config`` returns.
        """
        arguments.check_config("RNN", config, CONFIG_KEYS)
        problems: list[str] = []
        sizes = arguments.layer_sizes(config["hidden_sizes"], None, None, problems)
        biases = arguments.each_layer("bias", config["bias"], len(sizes), problems)
        arguments.between_layers(config["dropout"], len(sizes), problems)
        _check(config["input_size"], sizes, biases, config["nonlinearity"], problems)
        arguments.check_switch("batch_first", config["batch_first"], problems)
        arguments.check_switch("bidirectional", config["bidirectional"], problems)
        arguments.check_dtype(config["dtype"], tuple(DTYPES), problems)
        arguments.refuse("RNN", problems)
        two = config["bidirectional"]
        widths = _inputs(config["input_size"], sizes, two)
        return {
            f"{direction}_cells.{layer}.{name}": (DTYPES[config["dtype"]], shape)
            for direction in DIRECTIONS[: 1 + two]
            for layer, (width, H, bias) in enumerate(zip(widths, sizes, biases, strict=True))
            for name, shape in rnn_shapes(width, H, bias).items()
        }


CONFIG_KEYS = frozenset(
    {
        "input_size",
        "hidden_sizes",
        "nonlinearity",
        "bias",
        "batch_first",
        "dropout",
        "bidirectional",
        "dtype",
    }
)


def _inputs(input_size: int, sizes: Sequence[int], bidirectional: bool) -> list[int]:
    directions = 2 if bidirectional else 1
    return [input_size, *(H * directions for H in sizes[:-1])]


def _check(
    input_size: object,
    sizes: Sequence[object],
    biases: Sequence[object],
    nonlinearity: object,
    problems: list[str],
) -> None:
    for name, value in (("input_size", input_size), *(("hidden_sizes", size) for size in sizes)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            problems.append(f"{name} must be a whole number of at least 1, got {value!r}")
    for value in biases:
        arguments.check_switch("bias", value, problems)
    if nonlinearity not in NONLINEARITIES:
        problems.append(
            f"nonlinearity must be one of {', '.join(NONLINEARITIES)}, got {nonlinearity!r}"
        )
