"""Tied weights: one parameter under several names, which a file keeps as such."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from gatework.errors import OptionError


def tied_names(network: nn.Module) -> list[list[str]]:
    """Return the names of each parameter that has several."""
    names: dict[int, list[str]] = {}
    for name, parameter in network.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(name)
    return [group for group in names.values() if len(group) > 1]


def tie(network: nn.Module, groups: Sequence[Sequence[str]]) -> None:
    """Make the weights of each group one parameter.

    Raises:
        OptionError: when they have different values.
    """
    for first, *others in groups:
        one = network.get_parameter(first)
        for name in others:
            if not torch.equal(network.get_parameter(name), one):
                raise OptionError(f"{first!r} and {name!r} are tied, but their values differ")
            cell, _, own = name.rpartition(".")
            setattr(network.get_submodule(cell), own, one)
