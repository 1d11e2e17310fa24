"""A run by the runtime, in numpy: what needs torch is done by the same run by torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gatework.cell.configuration import StackConfig
from gatework.errors import OptionError
from gatework.examine.run import Run
from gatework.examine.steps import check_features, steps_of
from gatework.runtime import Model

if TYPE_CHECKING:
    from gatework.examine.network_run import NetworkRun


@dataclass(frozen=True, eq=False, kw_only=True)
class RuntimeRun(Run):
    """A run of a model of the runtime, from a state of zeros.

    Attributes:
        model: of one stack, in float32 or float64.
        given: (T, I), what the first layer sees.
        torch_run: returns the run by torch.
    """

    model: Model
    given: np.ndarray
    torch_run: Callable[[], NetworkRun]

    def in_torch(self) -> NetworkRun:
        """Return the run as one by torch, which can be differentiated and edited."""
        return self._torch_run

    @cached_property
    def _torch_run(self) -> NetworkRun:
        return self.torch_run()

    @cached_property
    def stack(self) -> StackConfig:
        """The layers of the network, and their options."""
        return self.model.stack

    @cached_property
    def entered(self) -> np.ndarray:
        """What the first layer sees, (T, I), in float64."""
        return self.given.astype(np.float64)

    @cached_property
    def output(self) -> np.ndarray:
        """The results after each step, (T, K)."""
        if self.results:
            return self.in_torch().output
        return self.model(self.given)[0].astype(np.float64)

    def weights(self, layer: int, direction: str = "forward") -> Mapping[str, np.ndarray]:
        """Return the weights of a layer by name, those that it has."""
        found = self.model.weights(layer, direction)
        return {name: one.astype(np.float64) for name, one in found.items()}

    def start_of(self, layer: int, direction: str = "forward") -> Mapping[str, np.ndarray]:
        """Return each part of the state that the run starts from, (units,)."""
        sizes = self.options(layer, direction).state_sizes()
        state = self.model.initial_state()
        return {part: state[f"{layer}.{direction}.{part}"][0].astype(np.float64) for part in sizes}

    def _cell(self, layer: int, direction: str) -> dict[str, np.ndarray]:
        place = f"layer {layer} {direction} "
        found = {name: one for name, one in self._traced.items() if name.startswith(place)}
        return {name.removeprefix(place): one[:, 0].astype(float) for name, one in found.items()}

    @cached_property
    def _traced(self) -> dict[str, np.ndarray]:
        return self.model.trace(self.given)


def run_model(
    model: Model, data: Any, labels: Sequence[str] | None, names: Sequence[str] | None
) -> RuntimeRun:
    """Return a run of an LSTM of the runtime; see run_of."""
    if model.kind != "lstm":
        raise OptionError(
            f"a {model.kind} of the runtime cannot be looked into", hint="gatework.load(path)"
        )
    steps = steps_of(data, model.input_size, labels, names)
    check_features(steps.values, model.input_size)

    def by_torch() -> NetworkRun:
        from gatework.examine.network_run import in_torch, run_module

        return run_module(in_torch(model), steps.values, steps.labels, steps.names)

    return RuntimeRun(
        model=model,
        given=steps.values.astype(model.dtype),
        torch_run=by_torch,
        values=steps.values,
        names=steps.names,
        features=steps.names,
        labels=steps.labels,
        layers=tuple(model.layer_summary()),
        title="LSTM",
    )
