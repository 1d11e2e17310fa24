"""A run by torch's modules, which can be differentiated; and how one is made of any of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gatework.cell.configuration import StackConfig
from gatework.errors import OptionError
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
    model: Any, data: Any, labels: Sequence[str] | None, names: Sequence[str] | None
) -> NetworkRun:
    """Return a run of a network of Gatework, or of a module of torch that holds one; see run_of."""
    if isinstance(model, RecurrentStack):
        return _run_network(model, model, data, labels, names)
    if isinstance(model, nn.Module):
        stacks = [part for part in model.modules() if isinstance(part, RecurrentStack)]
        if len(stacks) == 1:
            return _run_network(model, stacks[0], data, labels, names)
        raise OptionError(
            f"a {type(model).__name__} holds {len(stacks)} networks of Gatework, and exactly one "
            "can be looked into at a time",
            hint="pass the LSTM itself; gatework.accelerate(model) replaces torch's by ours"
            if not stacks
            else "pass one of them",
        )
    raise OptionError(
        f"a {type(model).__name__} cannot be looked into",
        hint="pass an LSTM, an RNN or an estimator",
    )


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


def _run_network(
    model: nn.Module,
    network: RecurrentStack,
    data: Any,
    labels: Sequence[str] | None,
    names: Sequence[str] | None,
) -> NetworkRun:
    steps = steps_of(data, network.input_size, labels, names)
    dtype = next(network.parameters()).dtype
    entry = head = None
    results: tuple[str, ...] = ()
    model.eval()
    if model is not network:
        entry, head, results = _around(model, network, steps.values, dtype)
    else:
        check_features(steps.values, network.input_size)
    return NetworkRun(
        network=network,
        raw=torch.from_numpy(steps.values).to(dtype).unsqueeze(1),
        values=steps.values,
        names=steps.names,
        features=steps.names,
        labels=steps.labels,
        layers=tuple(network.layer_summary()),
        title=type(model).__name__,
        entry=entry,
        head=head,
        results=results,
    )


def _around(
    model: nn.Module, network: RecurrentStack, given: np.ndarray, dtype: torch.dtype
) -> tuple[Callable[[Tensor], Tensor], Head, tuple[str, ...]]:
    """Return what a module does before and after its one network, found by running it.

    The module is taken to call its network once, on a batch of sequences. Each thread that calls
    meets its own hooks alone: two may look into one module at a time.
    """

    class Stop(Exception):
        pass

    def enter(raw: Tensor) -> Tensor:
        caught: list[Tensor] = []
        caller = threading.get_ident()

        def catch(_module: nn.Module, args: tuple[Any, ...]) -> None:
            if threading.get_ident() != caller:
                return
            caught.append(args[0])
            raise Stop

        hook = network.register_forward_pre_hook(catch)
        try:
            model(over_time(network, raw))
        except Stop:
            pass
        finally:
            hook.remove()
        if not caught:
            raise OptionError(f"this {type(model).__name__} does not call its network")
        return over_time(network, caught[0])

    def head(output: Tensor, raw: Tensor) -> Tensor:
        caller = threading.get_ident()

        def replace(_module: nn.Module, _args: Any, found: Any) -> Any:
            if threading.get_ident() != caller:
                return None
            return (over_time(network, output), *found[1:])

        hook = network.register_forward_hook(replace)
        try:
            result = model(over_time(network, raw))
        finally:
            hook.remove()
        result = result[0] if isinstance(result, tuple) else result
        steps = over_time(network, result) if result.dim() == 3 else result
        return (
            steps.reshape(len(output), -1)
            if steps.shape[0] == len(output)
            else _last(steps, output)
        )

    raw = torch.from_numpy(given).to(dtype).unsqueeze(1)
    with torch.no_grad():
        inputs = enter(raw)
        output, _ = network(over_time(network, inputs))
        count = head(over_time(network, output), raw).shape[1]
    return enter, head, tuple(f"output {n}" for n in range(count))


def _last(result: Tensor, output: Tensor) -> Tensor:
    """Return results that come once, after the last step, with zeros at the steps before."""
    flat = result.reshape(1, -1)
    return torch.cat([flat.new_zeros(len(output) - 1, flat.shape[1]), flat])
