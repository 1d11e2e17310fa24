"""Weights carried over from torch.nn.LSTM and back."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import nn

from gatework.cell import Cell
from gatework.checks import refuse
from gatework.errors import OptionError

if TYPE_CHECKING:  # two of LSTM's methods are written here: a circle of types alone
    from gatework.network.lstm import LSTM

Network = TypeVar("Network", bound="LSTM")

_SHARED = (
    "input_size",
    "hidden_size",
    "num_layers",
    "bias",
    "batch_first",
    "dropout",
    "bidirectional",
    "proj_size",
)
"""The arguments of both constructors."""


def lstm_from_torch(cls: type[Network], module: nn.LSTM) -> Network:
    """Return a Gatework LSTM with the options and weights of ``module``; see LSTM.from_torch."""
    if not isinstance(module, nn.LSTM):
        raise OptionError(
            f"from_torch takes a torch.nn.LSTM, got {type(module).__module__}."
            f"{type(module).__name__}"
        )
    network = _built(cls, module, {name: getattr(module, name) for name in _SHARED})
    with torch.no_grad():
        for suffix, cell in _cells(network):
            for name in cell.options.shapes():
                biases = (f"bias_ih{suffix}", f"bias_hh{suffix}")
                parts = biases if name == "bias" else (name + suffix,)
                getattr(cell, name).copy_(sum(module.get_parameter(part) for part in parts))
    return network.train(module.training)


def lstm_to_torch(network: LSTM) -> nn.LSTM:
    """Return a torch.nn.LSTM with the weights of ``network``; see LSTM.to_torch."""
    obstacles = _obstacles(network)
    refuse(obstacles, "torch.nn.LSTM cannot carry: ")
    first = network.layer_options[0]
    options = {name: getattr(first if hasattr(first, name) else network, name) for name in _SHARED}
    module = _built(nn.LSTM, network, options | {"dropout": network.dropout[0]})
    with torch.no_grad():
        for suffix, cell in _cells(network):
            for name in cell.options.shapes():
                there = f"bias_ih{suffix}" if name == "bias" else name + suffix
                module.get_parameter(there).copy_(getattr(cell, name))
            if first.bias:
                module.get_parameter(f"bias_hh{suffix}").zero_()
    return module.train(network.training)


def _built(kind: Callable[..., Any], like: nn.Module, options: Mapping[str, Any]) -> Any:
    """Return a network with these options, where and in the dtype that ``like`` is."""
    weight = next(like.parameters())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said when the other one was built
        return kind(**options, device=weight.device, dtype=weight.dtype)


def _obstacles(network: LSTM) -> list[str]:
    layers = network.layer_options
    carried = {"proj_size", "bias", "forget_bias"}
    found = [
        f"{name} (layer {layer})"
        for layer, options in enumerate(layers)
        for name, default in options.defaults().items()
        if name not in carried and getattr(options, name) != default
    ]
    for name in ("hidden_size", "proj_size", "bias"):
        values = [getattr(options, name) for options in layers]
        if len(set(values)) > 1:
            found.append(f"layers of different {name} {values}")
    gaps = network.dropout[:-1]
    if len(set(gaps)) > 1:
        found.append(f"different dropout between layers {list(gaps)}")
    return found


def _cells(network: LSTM) -> Iterator[tuple[str, Cell]]:
    for layer, row in enumerate(network.grid()):
        for cell, direction in zip(row, ("", "_reverse"), strict=False):
            yield f"_l{layer}{direction}", cell
