"""What the contenders of a regime share: the same weights, the same numbers to work on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gatework.bench.regimes import Regime

if TYPE_CHECKING:
    from gatework.bench.torch_setting import TorchSetting

SEED = 7
CHECKED_STEPS = 12
"""Steps whose numbers are compared: enough to go wrong in, and few enough that rounding does not
grow into a difference (with layer norm a recurrent network may be chaotic)."""


@dataclass(frozen=True)
class Setting:
    """A regime with its weights and inputs, on a number of threads."""

    regime: Regime
    threads: int

    @cached_property
    def weights(self) -> dict[str, np.ndarray]:
        """The weights of a plain LSTM, by torch's names, drawn as torch draws them."""
        H, draw = self.regime.hidden, np.random.default_rng(SEED).uniform
        shapes = {"weight_ih": (4 * H, H), "weight_hh": (4 * H, H)}
        shapes |= {"bias_ih": (4 * H,), "bias_hh": (4 * H,)}
        return {
            f"{name}_l{layer}": draw(-(H**-0.5), H**-0.5, shape).astype(np.float32)
            for layer in range(self.regime.layers)
            for name, shape in shapes.items()
        }

    @cached_property
    def x(self) -> np.ndarray:
        """The input, (T, B, I)."""
        r = self.regime
        steps = CHECKED_STEPS if r.task == "step" else r.steps
        draw = np.random.default_rng(SEED).standard_normal
        return draw((steps, r.batch, r.hidden), dtype=np.float32)

    @property
    def checked_x(self) -> np.ndarray:
        """The steps of the input whose numbers are compared."""
        return self.x[:CHECKED_STEPS]

    @cached_property
    def torch(self) -> TorchSetting:
        """The same for what runs in torch."""
        from gatework.bench.torch_setting import TorchSetting

        return TorchSetting(self)
