"""What the contenders of a regime share: the same weights, the same numbers to work on."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gatework.bench import variants
from gatework.bench.contender import Running
from gatework.bench.regimes import Regime
from gatework.network import LSTM

SEED = 7
CHECKED_STEPS = 12
"""Steps whose numbers are compared: enough to go wrong in, and few enough that rounding does not
grow into a difference (with layer norm a recurrent network may be chaotic)."""


@dataclass(frozen=True)
class Setting:
    """A regime with its weights and inputs, on a number of threads.

    ``folder`` is a place for files that go when the regime is done.
    """

    regime: Regime
    threads: int
    folder: Path

    @cached_property
    def torch_lstm(self) -> nn.LSTM:
        """The plain LSTM of torch with the regime's sizes."""
        torch.manual_seed(SEED)
        H = self.regime.hidden
        return nn.LSTM(H, H, self.regime.layers).train(self.regime.task == "training")

    @cached_property
    def plain(self) -> LSTM:
        """Our plain LSTM, with the weights of torch's."""
        return LSTM.from_torch(self.torch_lstm)

    @cached_property
    def network(self) -> LSTM:
        """Our LSTM with the regime's variant."""
        if self.regime.variant == "plain":
            return self.plain
        torch.manual_seed(SEED)
        H = self.regime.hidden
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network = LSTM(H, H, self.regime.layers, **variants.options(self.regime.variant, H))
        return network.train(self.regime.task == "training")

    @cached_property
    def x(self) -> Tensor:
        """The input, (T, B, I)."""
        r = self.regime
        steps = CHECKED_STEPS if r.task == "step" else r.steps
        generator = torch.Generator().manual_seed(SEED)
        return torch.randn(steps, r.batch, r.hidden, generator=generator)

    @cached_property
    def lengths(self) -> Tensor | None:
        """The length of each sequence, half of T on average, unsorted; None for all T."""
        r = self.regime
        if not r.lengths:
            return None
        even = torch.linspace(1, r.steps, r.batch).round().long()
        return even[torch.randperm(r.batch, generator=torch.Generator().manual_seed(SEED))]

    @cached_property
    def checked_x(self) -> Tensor:
        """The steps of the input whose numbers are compared."""
        return self.x[:CHECKED_STEPS]

    @cached_property
    def checked_lengths(self) -> Tensor | None:
        """The lengths within these steps."""
        return None if self.lengths is None else self.lengths.clamp(max=len(self.checked_x))

    def dy(self, size: int) -> Tensor:
        """Return the gradient that comes into the training step, (T, B, ``size``)."""
        generator = torch.Generator().manual_seed(SEED)
        return torch.randn(self.regime.steps, self.regime.batch, size, generator=generator)

    def inference(self, run: Callable[[Tensor, Tensor | None], Any]) -> Running:
        """Return how to run the sequences without gradients; the output comes first."""

        def call(x: Tensor = self.x, lengths: Tensor | None = self.lengths) -> Any:
            with torch.inference_mode():
                return run(x, lengths)

        return Running(call, lambda: [array(call(self.checked_x, self.checked_lengths)[0])])

    def training(
        self,
        run: Callable[[Tensor, Tensor | None], Tensor],
        weights: Sequence[Tensor],
        size: int,
        compared: int | None = None,
    ) -> Running:
        """Return how to run sequences with the gradients of inputs and weights.

        The output has ``size`` features; the first ``compared`` of the weights, all where it is
        None, are those whose gradients are compared.
        """
        x = self.x.clone().requires_grad_()
        checked = self.checked_x.clone().requires_grad_()
        dy = self.dy(size)

        def train(x: Tensor, lengths: Tensor | None, dy: Tensor) -> Any:
            output = run(x, lengths)
            return output, *torch.autograd.grad(output, [x, *weights], dy)

        def numbers() -> list[np.ndarray]:
            torch.manual_seed(SEED)
            output, dx, *dw = train(checked, self.checked_lengths, dy[: len(checked)])
            return [array(output), array(dx), *map(array, dw[:compared])]

        return Running(lambda: train(x, self.lengths, dy), numbers)


def array(tensor: Tensor) -> np.ndarray:
    """Return ``tensor`` for numpy."""
    return tensor.detach().numpy()
