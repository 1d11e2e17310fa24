"""The setting of a regime as torch takes it: networks, tensors, and how torch runs over them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gatework.bench import variants
from gatework.bench.contender import Running
from gatework.bench.setting import SEED, Setting
from gatework.network import LSTM


class TorchSetting:
    """Networks with the weights of a setting, and its inputs as tensors."""

    def __init__(self, setting: Setting) -> None:
        self.regime = setting.regime
        self.x, self.checked_x = map(torch.from_numpy, (setting.x, setting.checked_x))
        self._weights = setting.weights

    @cached_property
    def torch_lstm(self) -> nn.LSTM:
        """The plain LSTM of torch with the regime's sizes."""
        H = self.regime.hidden
        module = nn.LSTM(H, H, self.regime.layers).train(self.regime.task == "training")
        module.load_state_dict({n: torch.from_numpy(w) for n, w in self._weights.items()})
        return module

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
    def lengths(self) -> Tensor | None:
        """The length of each sequence, half of T on average, unsorted; None for all T."""
        r = self.regime
        if not r.lengths:
            return None
        even = torch.linspace(1, r.steps, r.batch).round().long()
        return even[torch.randperm(r.batch, generator=torch.Generator().manual_seed(SEED))]

    @cached_property
    def checked_lengths(self) -> Tensor | None:
        """The lengths within the steps whose numbers are compared."""
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
