"""A run by torch's modules, which can be differentiated; and how one is made of any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gatework.cell.configuration import StackConfig
from gatework.errors import OptionError
from gatework.examine.module_parts import Surroundings, as_ours, part_of, unwrapped
from gatework.examine.run import Run
from gatework.examine.steps import check_features, steps_of
from gatework.network import LSTM, State, Trace
from gatework.network.stack import RecurrentStack
from gatework.runtime import Model

Head = Callable[[Tensor, Tensor], Tensor]
"""What follows the network: its output (T, 1, P) and inputs (T, 1, S) to results (T, K)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class NetworkRun(Run):
    """A run of a network of torch.

    Attributes:
        network: the stack of recurrent layers, in evaluation mode.
        raw: (T, 1, S), the numbers that were given to the model at each step.
        entry: from ``raw`` to what the first layer sees, (T, 1, I); None where they are the same.
        head: from the network's output and ``raw`` to the model's results; None for the output.
        start: the state that it starts from; None for the network's own.
    """

    network: RecurrentStack
    raw: Tensor
    entry: Callable[[Tensor], Tensor] | None = None
    head: Head | None = None
    start: State | None = field(default=None)

    def in_torch(self) -> NetworkRun:
        """Return itself."""
        return self

    @cached_property
    def inputs(self) -> Tensor:
        """What the first layer sees, (T, 1, I)."""
        with torch.no_grad():
            return self.enter(self.raw)

    @cached_property
    def trace(self) -> Trace:
        """Every gate and state of the run."""
        return self._ran[2]

    @cached_property
    def stack(self) -> StackConfig:
        """The layers of the network, and their options."""
        return self.network.stack_config()

    @cached_property
    def entered(self) -> np.ndarray:
        """What the first layer sees, (T, I), in float64."""
        return self.inputs[:, 0].detach().double().numpy()

    @cached_property
    def output(self) -> np.ndarray:
        """The results after each step, (T, K)."""
        with torch.no_grad():
            return self.finish(self._ran[0], self.raw).double().numpy()

    @property
    def begin(self) -> State:
        """The state that the run starts from."""
        return self.network.initial_state(1) if self.start is None else self.start

    def weights(self, layer: int, direction: str = "forward") -> Mapping[str, np.ndarray]:
        """Return the weights of a layer by name, those that it has."""
        found = self.network.cell(layer, direction).run_weights()._asdict()
        there = {name: one for name, one in found.items() if one is not None}
        return {name: one.detach().double().numpy() for name, one in there.items()}

    def start_of(self, layer: int, direction: str = "forward") -> Mapping[str, np.ndarray]:
        """Return each part of the state that the run starts from, (units,)."""
        found = self.begin.layers[layer][self.directions.index(direction)]._asdict()
        there = {name: one for name, one in found.items() if one is not None}
        return {name: one[0].detach().double().numpy() for name, one in there.items()}

    def enter(self, raw: Tensor) -> Tensor:
        """Return what the first layer sees of raw numbers (T, 1, S), (T, 1, I); differentiable."""
        return raw if self.entry is None else self.entry(raw)

    def finish(self, output: Tensor, raw: Tensor) -> Tensor:
        """Return the results (T, K) of an output (T, 1, P) of the network; differentiable."""
        return output[:, 0] if self.head is None else self.head(output, raw)

    def again(self, raw: Tensor) -> Tensor:
        """Return the results (T, K) of other raw numbers (T, 1, S); differentiable."""
        output = self.network(over_time(self.network, self.enter(raw)), self.start)[0]
        return self.finish(over_time(self.network, output), raw)

    def _cell(self, layer: int, direction: str) -> dict[str, np.ndarray]:
        found = self.trace[layer, direction].signals()
        return {name: one[:, 0].detach().double().numpy() for name, one in found.items()}

    @cached_property
    def _ran(self) -> tuple[Tensor, State, Trace]:
        inputs = over_time(self.network, self.inputs)
        with torch.no_grad():
            output, state, trace = self.network(inputs, self.start, trace=True)
        return over_time(self.network, output), state, trace


def run_module(
    model: Any,
    data: Any,
    labels: Sequence[str] | None,
    names: Sequence[str] | None,
    part: str | None = None,
) -> NetworkRun:
    """Return a run of a network, or of a module of torch that holds one; see run_of."""
    if not isinstance(model, nn.Module):
        raise OptionError(
            f"a {type(model).__name__} cannot be looked into",
            hint="pass an LSTM, an RNN or an estimator",
        )
    model = unwrapped(model).eval()
    inner = part_of(model, part)
    network = as_ours(inner).eval()
    if any(weight.is_meta for weight in model.parameters()):
        raise OptionError(
            f"a {type(model).__name__} on the device 'meta' has no weights to look into",
            hint="model.to_empty(device='cpu'), then load its weights",
        )
    steps = steps_of(data, network.input_size, labels, names)
    raw = torch.from_numpy(steps.values).to(next(network.parameters()).dtype).unsqueeze(1)
    around: dict[str, Any] = {}
    if model is inner:
        check_features(steps.values, network.input_size)
    else:
        found = Surroundings(model, inner, network, raw)
        results = tuple(f"output {n}" for n in range(found.count))
        around = {"entry": found.enter, "head": found.head, "start": found.start}
        around["results"] = results
    return NetworkRun(
        network=network,
        raw=raw,
        values=steps.values,
        names=steps.names,
        features=steps.names,
        labels=steps.labels,
        layers=tuple(network.layer_summary()),
        title=type(model).__name__,
        **around,
    )


def network_of(model: nn.Module) -> RecurrentStack:
    """Return the one network inside a module, as one of Gatework."""
    return as_ours(part_of(unwrapped(model)))


def in_torch(model: Model) -> LSTM:
    """Return an LSTM of the runtime as one of torch."""
    weights = {
        cell.prefix + name: torch.from_numpy(weight.astype(model.dtype))
        for cell in model.stack.cells()
        for name, weight in model.weights(cell.layer, cell.direction).items()
    }
    return LSTM.from_config(model.stack.to_json() | {"dtype": str(model.dtype)}, weights)


def over_time(network: RecurrentStack, x: Tensor) -> Tensor:
    """Return (T, B, F) as the network takes it, or back: swapped where it is batch first."""
    return x.transpose(0, 1) if network.batch_first else x
