"""The parameters of a cell: their names, their shapes and their initial values."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from gatework.cell.options import CellOptions


def lstm_shapes(options: CellOptions) -> dict[str, tuple[int, ...]]:
    """Return name and shape of every parameter of an LSTM cell with these options.

    Shapes:
        K gates, H hidden, I input, P = output_size; see gatework.cell.equations.Weights, and
        initial_hidden: (P), initial_cell: (H) for a learned initial state.

    Example:
        >>> lstm_shapes(CellOptions(input_size=3, hidden_size=5))["weight_ih"]
        (20, 3)
    """
    H, P, K = options.hidden_size, options.output_size, len(options.gates)
    shapes: dict[str, tuple[int, ...]] = {
        "weight_ih": (K * H, options.input_size),
        "weight_hh": (K * H, P),
    }
    if options.bias:
        shapes["bias"] = (K * H,)
    if options.proj_size:
        shapes["weight_hr"] = (P, H)
    if options.peephole:
        shapes["peephole"] = (K - 1, H)
    if options.layer_norm:
        shapes |= {"input_gain": (K * H,), "recurrent_gain": (K * H,), "cell_gain": (H,)}
        if options.bias:
            shapes["cell_shift"] = (H,)
    if options.learned_state:
        shapes |= {"initial_hidden": (P,), "initial_cell": (H,)}
    return shapes


def rnn_shapes(input_size: int, hidden_size: int, bias: bool) -> dict[str, tuple[int, ...]]:
    """Return name and shape of every parameter of a plain recurrent cell."""
    shapes: dict[str, tuple[int, ...]] = {
        "weight_ih": (hidden_size, input_size),
        "weight_hh": (hidden_size, hidden_size),
    }
    return shapes | ({"bias": (hidden_size,)} if bias else {})


def register(
    module: nn.Module,
    shapes: Mapping[str, tuple[int, ...]],
    device: torch.device | str | None,
    dtype: torch.dtype | None,
) -> None:
    """Give ``module`` an uninitialised parameter for each name and shape."""
    for name, shape in shapes.items():
        module.register_parameter(
            name, nn.Parameter(torch.empty(shape, device=device, dtype=dtype))
        )


@torch.no_grad()
def initialise(parameters: Mapping[str, Tensor], hidden_size: int) -> None:
    """Draw weights and biases from U(-1/sqrt(H), 1/sqrt(H)); gains are 1, shifts and states 0.

    Source: the uniform range is that of torch.nn.LSTM.
    """
    bound = 1.0 / math.sqrt(hidden_size)
    for name, parameter in parameters.items():
        if name.endswith("_gain"):
            parameter.fill_(1.0)
        elif name == "cell_shift" or name.startswith("initial_"):
            parameter.zero_()
        else:
            parameter.uniform_(-bound, bound)


@torch.no_grad()
def set_forget_bias(bias: Tensor, options: CellOptions, value: float) -> None:
    """Set the bias so that, with no input, the forget gate is sigmoid(value).

    With coupled gates f = 1 - i = sigmoid(-a_i), so the input gate's bias becomes ``-value``.

    Source: Jozefowicz, Zaremba, Sutskever 2015, An Empirical Exploration of Recurrent Network
        Architectures, ICML (a forget bias of 1 or 2).
    """
    H = options.hidden_size
    if options.coupled_gates:
        bias[:H] = -value
    else:
        bias[H : 2 * H] = value
