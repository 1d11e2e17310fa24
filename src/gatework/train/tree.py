"""Nested values with tensors in them, taken apart into JSON and tensors and put together again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from gatework.network import State


def take_apart(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Return ``value`` as JSON; its tensors are put into ``tensors`` under running names.

    Raises:
        TypeError: when a part is of a kind that a checkpoint does not hold.
    """
    if isinstance(value, Tensor):
        name = f"t{len(tensors)}"
        tensors[name] = value
        return {"tensor": name}
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"number": repr(float(value))}
    if isinstance(value, State):
        return {"state": take_apart(value.to_tensors(), tensors), "batched": value.batched}
    if isinstance(value, Mapping):
        return {"items": [[k, take_apart(v, tensors)] for k, v in value.items()]}
    if isinstance(value, list):
        return [take_apart(part, tensors) for part in value]
    if type(value) is tuple:  # one with named fields would come back without them
        return {"tuple": [take_apart(part, tensors) for part in value]}
    raise TypeError(f"a checkpoint cannot hold a {type(value).__name__}")


def put_together(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """Return what ``take_apart`` was given."""
    if isinstance(value, list):
        return [put_together(part, tensors) for part in value]
    if not isinstance(value, dict):
        return value
    if "tensor" in value:
        return tensors[value["tensor"]]
    if "number" in value:
        return float(value["number"])
    if "tuple" in value:
        return tuple(put_together(part, tensors) for part in value["tuple"])
    if "state" in value:
        parts = put_together(value["state"], tensors)
        return State.from_tensors(parts, batched=value["batched"])
    return {key: put_together(part, tensors) for key, part in value["items"]}


def copy_tensors(values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return copies that later steps do not touch."""
    return {name: torch.clone(tensor.detach()) for name, tensor in values.items()}


def detach(state: Any) -> Any:
    """Return a recurrent state cut off from the graph: a State, a tensor, or any nest of them."""
    return map_state(lambda part: part.detach(), state)


def map_state(function: Callable[[Any], Any], state: Any) -> Any:
    """Return a recurrent state with ``function`` applied to every State or tensor in it."""
    if state is None:
        return None
    if isinstance(state, tuple):
        parts = [map_state(function, part) for part in state]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    if isinstance(state, list):
        return [map_state(function, part) for part in state]
    if isinstance(state, dict):
        return {name: map_state(function, part) for name, part in state.items()}
    return function(state)
