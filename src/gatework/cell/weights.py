"""The parameters of a cell: their initial values, and where the forget gate's bias is."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from gatework.cell.options import CellOptions


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


def forget_bias(bias: Tensor, options: CellOptions) -> Tensor:
    """Return the bias b of the forget gate, which is sigmoid(b) with no input, (H).

    With coupled gates f = 1 - i = sigmoid(-a_i), so it is that of the input gate, negated.

    Shapes:
        bias: (K*H).
    """
    if options.coupled_gates:
        return -bias[options.gate_rows("input_gate")]
    return bias[options.gate_rows("forget_gate")]


@torch.no_grad()
def set_forget_bias(bias: Tensor, options: CellOptions, value: Tensor | float) -> None:
    """Set the bias so that, with no input, the forget gate is sigmoid(value); see forget_bias.

    Source: Jozefowicz, Zaremba, Sutskever 2015, An Empirical Exploration of Recurrent Network
        Architectures, ICML (a forget bias of 1 or 2).
    """
    if options.coupled_gates:
        bias[options.gate_rows("input_gate")] = -value
    else:
        bias[options.gate_rows("forget_gate")] = value
