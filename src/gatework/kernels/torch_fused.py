"""The fused path of torch: its own LSTM and RNN operators, for plain cells."""

from __future__ import annotations

import contextlib
import warnings

import torch
from torch import Tensor

from gatework.cell import Cell, CellState, LSTMCell, RNNCell, Weights
from gatework.kernels.reference import LayerRun


def run(cell: Cell, x: Tensor, state: CellState, *, reverse: bool = False) -> LayerRun:
    """Run a plain ``cell`` over ``x`` from ``state`` with one operator of torch.

    Shapes:
        x: (T, B, I) with T and B at least 1.
    """
    weights = cell.run_weights()
    if reverse:
        x = x.flip(0)
    training = torch.is_grad_enabled()
    flat = _flat(weights)
    has_biases = weights.bias is not None
    hidden = state.hidden.unsqueeze(0).contiguous()
    if isinstance(cell, LSTMCell):
        if state.cell is None:
            raise TypeError("an LSTM cell needs a state with a cell")
        memory = state.cell.unsqueeze(0).contiguous()
        # oneDNN has no projections; torch says so with a warning and takes its own kernel.
        quiet = warnings.catch_warnings(action="ignore", category=UserWarning)
        with quiet if weights.weight_hr is not None else contextlib.nullcontext():
            output, hidden, memory = torch.lstm(
                x, (hidden, memory), flat, has_biases, 1, 0.0, training, False, False
            )
        new = CellState(hidden.squeeze(0), memory.squeeze(0))
    elif isinstance(cell, RNNCell):
        operator = torch.rnn_tanh if cell.options.nonlinearity == "tanh" else torch.rnn_relu
        output, hidden = operator(x, hidden, flat, has_biases, 1, 0.0, training, False, False)
        new = CellState(hidden.squeeze(0))
    else:
        raise TypeError(f"torch has no operator for {type(cell).__name__}")
    return LayerRun(output.flip(0) if reverse else output, new)


def _flat(weights: Weights) -> list[Tensor]:
    # torch adds two biases; ours is the first, and the second is zero.
    flat = [weights.weight_ih, weights.weight_hh]
    if weights.bias is not None:
        flat += [weights.bias, torch.zeros_like(weights.bias)]
    if weights.weight_hr is not None:
        flat.append(weights.weight_hr)
    return flat
