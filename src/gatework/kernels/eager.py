"""The native operator with its gradient, for eager mode."""

from __future__ import annotations

from typing import Any

import torch

from gatework.kernels.operators import backward, call, keep


class EagerFunction(torch.autograd.Function):
    """The operator and its gradient as they are registered, at a tenth of the cost of a call.

    The compiler needs what is registered, torch.func's transforms need gatework.kernels.transforms.
    """

    @staticmethod
    def forward(ctx: Any, *values: Any) -> Any:
        """Run the operator and keep what backward needs."""
        outputs = call(torch.ops.gatework.lstm.default, values)
        keep(ctx, values, outputs)
        return outputs

    backward = staticmethod(backward)  # differentiable where a graph of gradients is asked for
