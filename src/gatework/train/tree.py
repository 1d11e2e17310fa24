"""Nested values with tensors in them, taken apart into JSON and tensors and put together again."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
        return value if math.isfinite(value) else {"number": repr(value)}
    if isinstance(value, State):
        return {"state": take_apart(value.to_tensors(), tensors), "batched": value.batched}
    if isinstance(value, Mapping):
        return {"items": [[k, take_apart(v, tensors)] for k, v in value.items()]}
    if isinstance(value, list):
        return [take_apart(part, tensors) for part in value]
    if isinstance(value, tuple):
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
        state = State.from_tensors(put_together(value["state"], tensors))
        state.batched = value["batched"]
        return state
    return {key: put_together(part, tensors) for key, part in value["items"]}


def copy_tensors(values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return copies that later steps do not touch."""
    return {name: torch.clone(tensor.detach()) for name, tensor in values.items()}
