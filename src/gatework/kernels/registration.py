"""What torch must know of the native operators, registered once after the library was loaded."""

from __future__ import annotations

import torch

from gatework.kernels import operators
from gatework.kernels.operators import BACKWARD, LSTM
from gatework.kernels.recompute import double_backward


def register() -> None:
    """Register fake kernels for tracing, gradients, gradients of gradients, and autocast."""
    library = torch.library
    library.register_fake(LSTM, operators.fake_lstm)
    library.register_fake(BACKWARD, operators.fake_backward)
    library.register_fake("gatework::activation", lambda x, name, target: torch.empty_like(x))
    library.register_autograd(LSTM, operators.backward, setup_context=operators.keep)
    library.register_autograd(BACKWARD, double_backward, setup_context=operators.keep_all)
    library.register_autocast(LSTM, "cpu", torch.float32)
