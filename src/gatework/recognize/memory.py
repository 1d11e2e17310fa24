"""Initial weights for long memory: what an LSTM needs to carry something over hundreds of steps."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from gatework.cell import LSTMCell
from gatework.cell.weights import forget_bias, set_forget_bias
from gatework.checks import is_whole, refuse
from gatework.errors import OptionError
from gatework.network import LSTM
from gatework.train import seeded

MOST_MEMORY = 10**6


@torch.no_grad()
def long_memory(lstm: LSTM, steps: int, *, seed: int = 0) -> LSTM:
    """Give an LSTM, in place, initial weights that remember over so many steps; return it.

    An LSTM as it is usually initialised forgets within tens of steps: its forget gates begin at
    sigmoid(1) = 0.73, and 0.73 to the power of 100 is nothing; what does not arrive cannot be
    learned from. Here each cell begins with a time over which it forgets, drawn evenly from 1 to
    ``steps``, and takes in as slowly as it forgets. Recurrent weights begin as orthogonal matrices,
    one a gate, which neither shrink nor blow up what passes through them. Gradients still may:
    the estimators clip their norm (``clip_norm``).

    Args:
        lstm: any stack with biases.
        steps: how far apart what belongs together may lie.
        seed: of the draws.

    Equations:
        b_f = log(u),  u ~ U(1, steps - 1)         the forget gate begins at u / (1 + u)
        b_i = -b_f                                 the input gate at 1 / (1 + u)
        with coupled gates f = 1 - i, so b_i alone
        W_hh = an orthogonal (H, H) for each gate

    Raises:
        OptionError: when ``steps`` is no whole number from 3, or a layer has no bias.

    Example:
        >>> lstm = long_memory(LSTM(1, 64), 500)
        >>> bool(lstm.cell().bias[64:128].min() > 0)
        True

    Source: chrono initialisation, Tallec and Ollivier 2018, arXiv:1804.11188, eq. 16; orthogonal
        recurrent weights, Saxe, McClelland, Ganguli 2014, arXiv:1312.6120.
    """
    refuse(memory_problems(steps), hint="long_memory(lstm, 500)")
    if not all(options.bias for options in lstm.layer_options):
        raise OptionError("long memory is a matter of the biases, got a layer with bias=False")
    with seeded(seed):
        for row in lstm.grid():
            for cell in row:
                if isinstance(cell, LSTMCell):
                    _remember(cell, steps)
    return lstm


def memory_problems(steps: object) -> list[str]:
    """Return what is wrong with a number of steps to remember, in sentences."""
    if not is_whole(steps, 3, MOST_MEMORY):
        return [
            f"chrono_steps must be a whole number of steps from 3 to {MOST_MEMORY}, got {steps!r}"
        ]
    return []


def _remember(cell: LSTMCell, steps: int) -> None:
    H, bias = cell.hidden_size, cell.bias
    assert isinstance(bias, Tensor)
    forget = torch.empty_like(bias[:H]).uniform_(1.0, steps - 1.0).log()
    bias[cell.options.gate_rows("input_gate")] = -forget
    set_forget_bias(bias, cell.options, forget)
    for block in cell.weight_hh.view(len(cell.options.gates), H, -1):
        nn.init.orthogonal_(block)


def times(cell: LSTMCell) -> Tensor:
    """Return the time over which each cell forgets when nothing comes, in steps, (H).

    Equations:
        1 / (1 - f)
    """
    H, bias = cell.hidden_size, cell.bias
    if bias is None:
        return torch.full((H,), 1 / (1 - 0.5))
    return 1 + forget_bias(bias, cell.options).detach().exp()


def forget_bias_for(steps: float) -> float:
    """Return the bias of a forget gate that forgets over so many steps.

    Example:
        >>> round(forget_bias_for(100), 2)
        4.6
    """
    return math.log(max(steps - 1.0, 1e-3))
