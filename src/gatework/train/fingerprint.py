"""What identifies a run: its settings, model, loss and data, so that only the same one resumes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from torch import nn
from torch.optim import Optimizer

from gatework.network import LSTM, RNN
from gatework.train.batches import Batches


def describe_model(model: nn.Module) -> dict[str, Any]:
    """Return shape and dtype of every weight, and the options that weights do not show."""
    weights = {name: f"{t.dtype}{list(t.shape)}" for name, t in model.state_dict().items()}
    parts = dict(_options("", model))
    return {"kind": parts.pop(""), "parts": parts, "weights": weights}


def describe_callable(value: Any) -> str | None:
    """Return what identifies a loss, a validation or a factory in a message."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, nn.Module) or type(value).__module__.startswith("gatework."):
        return repr(value)
    return getattr(value, "__qualname__", type(value).__name__)


def describe_validation(validation: Any) -> Any:
    """Return what identifies the validation: its data, or the name of the function."""
    if isinstance(validation, Batches):
        return dict(validation.describe())
    return describe_callable(validation)


def describe_optimizer(optimizer: Optimizer) -> dict[str, Any]:
    """Return the kind of an optimiser that a factory made, and its settings."""
    groups = [
        {name: _plain(value) for name, value in group.items() if name != "params"}
        for group in optimizer.param_groups
    ]
    return {"kind": type(optimizer).__name__, "groups": groups}


def describe_schedule(scheduler: Any) -> dict[str, Any]:
    """Return the kind of a schedule that a factory made, and its settings."""
    state = {name: _plain(value) for name, value in scheduler.state_dict().items()}
    return {"kind": type(scheduler).__name__, "settings": state}


def same_form(fingerprint: Mapping[str, Any]) -> dict[str, Any]:
    """Return a fingerprint in the form that it has after it was in a file."""
    return json.loads(json.dumps(fingerprint))


def differences(before: Any, now: Any, name: str = "") -> list[str]:
    """Return a sentence for every setting that differs, by its path.

    Example:
        >>> differences({"seed": 1, "batches": {"steps": 7}}, {"seed": 1, "batches": {"steps": 8}})
        ['batches.steps was 7 and is 8']
    """
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            sentence
            for key in sorted(before.keys() | now.keys())
            for sentence in differences(
                before.get(key), now.get(key), f"{name}.{key}" if name else key
            )
        ]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [
            sentence
            for number, pair in enumerate(zip(before, now, strict=True))
            for sentence in differences(*pair, f"{name}[{number}]")
        ]
    return [] if before == now else [f"{name} was {_short(before)} and is {_short(now)}"]


def _options(name: str, module: nn.Module) -> Iterator[tuple[str, Any]]:
    if isinstance(module, LSTM | RNN):
        yield name, module.to_config()
        return
    yield name, f"{type(module).__name__}({module.extra_repr()})"
    for child, part in module.named_children():
        yield from _options(f"{name}.{child}" if name else child, part)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value if value == value else repr(value)
    return type(value).__name__ if not hasattr(value, "tolist") else _plain(value.tolist())


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
