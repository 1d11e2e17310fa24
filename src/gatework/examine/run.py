"""A network and what it does over one sequence: what every picture and finding starts from.

Nothing here needs torch: see NetworkRun for a run by torch's modules, and RuntimeRun for one by the
runtime.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from gatework.cell.configuration import StackConfig
from gatework.cell.description import LSTM_CELL
from gatework.cell.options import LayerOptions
from gatework.cell.summary import LayerSummary
from gatework.errors import OptionError, nearest
from gatework.runtime import Model

if TYPE_CHECKING:
    from gatework.examine.network_run import NetworkRun


OF_TORCH = ("network", "raw", "inputs", "entry", "head", "start", "begin", "trace")
OF_TORCH += ("enter", "finish", "again")
"""What a run by torch has besides; of another it is that of ``in_torch``."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Run:
    """A network over one sequence, with all that is needed to show it to a person.

    Attributes:
        values: (T, V), what a person would recognise: the series in its own numbers; V may be 0.
        names: V names of these.
        features: S names of the raw numbers that were given to the model at each step.
        labels: T names of the steps: dates, numbers or characters.
        layers: a description of each layer of the whole model.
        title: what the model is called.
        results: K names of the results.
        text: the characters, one a step, where the sequence is a text.
        season: steps of a season of the data, 1 for none.
    """

    values: np.ndarray
    names: tuple[str, ...]
    features: tuple[str, ...]
    labels: tuple[str, ...]
    layers: tuple[LayerSummary, ...]
    title: str
    results: tuple[str, ...] = ()
    text: str | None = None
    season: int = 1

    def __len__(self) -> int:
        """Return T, the steps of the sequence."""
        return len(self.labels)

    def __getattr__(self, name: str) -> Any:
        # Only what is not found otherwise comes here.
        if name not in OF_TORCH or (other := self.in_torch()) is self:
            raise AttributeError(f"a {type(self).__name__} has no attribute {name!r}")
        return getattr(other, name)

    def in_torch(self) -> NetworkRun:
        """Return the run as one by torch, which can be differentiated and edited."""
        raise NotImplementedError

    @cached_property
    def stack(self) -> StackConfig:
        """The layers of the network, and their options."""
        raise NotImplementedError

    @cached_property
    def entered(self) -> np.ndarray:
        """What the first layer sees, (T, I), in float64."""
        raise NotImplementedError

    @cached_property
    def output(self) -> np.ndarray:
        """The results after each step, (T, K); NaN where a module answers after the last alone."""
        raise NotImplementedError

    def weights(self, layer: int, direction: str = "forward") -> Mapping[str, np.ndarray]:
        """Return the weights of a layer by name, those that it has."""
        raise NotImplementedError

    def start_of(self, layer: int, direction: str = "forward") -> Mapping[str, np.ndarray]:
        """Return each part of the state that the run starts from, (units,)."""
        raise NotImplementedError

    def _cell(self, layer: int, direction: str) -> dict[str, np.ndarray]:
        """Return every signal of a layer that is there."""
        raise NotImplementedError

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return the units of each layer."""
        return tuple(options.hidden_size for options in self.stack.layers)

    @property
    def kind(self) -> str:
        """Return the kind of the cells, "lstm" or "rnn"."""
        return self.stack.layers[0].kind.name

    @property
    def directions(self) -> tuple[str, ...]:
        """Return the directions of each layer."""
        return self.stack.directions

    @property
    def bidirectional(self) -> bool:
        """Return whether each layer also reads the sequence from its end."""
        return self.stack.bidirectional

    def options(self, layer: int, direction: str = "forward") -> LayerOptions:
        """Return the options of a layer.

        Raises:
            OptionError: there is no such layer or direction.
        """
        return self.stack.options(layer, direction)

    def signal(self, layer: int, name: str, direction: str = "forward") -> np.ndarray:
        """Return a gate, candidate or state of a layer, (T, units), in float64.

        Raises:
            OptionError: there is no such layer, direction or signal.
        """
        found = self.cell(layer, direction).get(name)
        if found is None:
            known = ", ".join(self.cell(layer, direction))
            close = nearest(name, LSTM_CELL.signals)
            raise OptionError(
                f"layer {layer} of this network has no signal {name!r}; it has {known}",
                hint=f"signal={close or 'cell'!r}",
            )
        return found

    def cell(self, layer: int, direction: str = "forward") -> dict[str, np.ndarray]:
        """Return every signal of a layer by name, each (T, units).

        Raises:
            OptionError: there is no such layer or direction.
        """
        self.options(layer, direction)  # refuses what is not there
        key = (layer, direction)
        if key not in self._signals:
            self._signals[key] = self._cell(layer, direction)
        return self._signals[key]

    @cached_property
    def _signals(self) -> dict[tuple[int, str], dict[str, np.ndarray]]:
        return {}


@runtime_checkable
class Examinable(Protocol):
    """A model that knows how to be looked into."""

    def examine(self, data: Any = None) -> Run:
        """Return a run of its network over ``data``."""
        ...


def run_of(
    model: Any,
    data: Any = None,
    *,
    labels: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    part: str | None = None,
) -> Run:
    """Return a run of a model over data; a Run is returned as it is.

    A network or module is put into evaluation mode and stays in it.

    Args:
        model: an LSTM or RNN, a torch.nn.LSTM, a module that holds one of them and calls it once,
            an LSTM of the runtime, a forecaster or any other estimator of Gatework, or a Run.
        data: for a network or module (T, I), or (T,) for one feature: an array, a tensor, a list
            or a data frame; for an estimator what it is fitted to.
        labels: T names of the steps; their numbers from 0 when not given.
        names: I names of the features.
        part: the name of the network that is looked into, as in ``named_modules``, where a module
            holds several.

    Raises:
        OptionError: when the model is none that can be looked into, or labels or names do not fit.
        ShapeError: when the data do not fit the network.
        DataError: when a value is not finite; the message names its place.

    Example:
        >>> from gatework import LSTM
        >>> run = run_of(LSTM(1, [8, 4, 2]), [0.0, 0.5, 1.0])
        >>> run.signal(1, "forget_gate").shape
        (3, 4)
    """
    if isinstance(model, Run):
        return model
    model = _given(model)
    if isinstance(model, Examinable):
        return model.examine(data)
    if isinstance(model, Model):
        from gatework.examine.runtime_run import run_model

        return run_model(model, data, labels, names)
    from gatework.examine.network_run import run_module

    return run_module(model, data, labels, names, part)


def bare_stack(model: Any) -> StackConfig | None:
    """Return the layers of a model that is shown without data; None of what has a run to show."""
    if isinstance(model, Run):
        return None
    if isinstance(model, Model):
        return model.stack
    model = _given(model)
    inner: Any = model
    if isinstance(model, Examinable):  # of several networks side by side the first
        inner = getattr(model, "network_", None)
        inner = getattr(inner, "lstm", inner)
    torch = sys.modules.get("torch")  # a module of torch cannot be there without it
    if torch is None or not isinstance(inner, torch.nn.Module):
        return None
    from gatework.examine.network_run import network_of

    return network_of(inner).stack_config()


def module_layers(model: Any) -> list[LayerSummary]:
    """Return the layers of the one network inside a module of torch; none of what is no module.

    Raises:
        OptionError: the module holds no network, or several.
    """
    torch, model = sys.modules.get("torch"), _given(model)  # without torch there is no module of it
    if torch is None or not isinstance(model, torch.nn.Module):
        return []
    from gatework.examine.network_run import network_of

    return network_of(model).layer_summary()


def _given(model: Any) -> Any:
    """Return the model that ``accelerate`` was given, of what it returned; others as they are."""
    ours = sys.modules.get("gatework.network.accelerate")
    return model.model if ours is not None and isinstance(model, ours.Accelerated) else model
