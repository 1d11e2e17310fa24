"""Whether networks are trained for a panel: only where it is asked for."""

from __future__ import annotations

import inspect
from typing import Any

TRAINING = (
    "hidden_sizes",
    "dropout",
    "learning_rate",
    "weight_decay",
    "epochs",
    "batch_size",
    "members",
    "loss",
    "correction",
    "distribution",
    "checkpoint",
    "processes",
    "engine",
)
"""Options that say how networks are trained, and ask for it by that."""


def asked_by(forecaster: Any) -> list[str]:
    """Return the options of training that differ from their defaults, as they would be typed."""
    defaults = inspect.signature(type(forecaster)).parameters
    given = {name: getattr(forecaster, name) for name in TRAINING}
    if forecaster.tune:
        del given["checkpoint"]  # it keeps the tuning
    return [
        f"{name}={value!r}"
        for name, value in given.items()
        if _plain(value) != _plain(defaults[name].default)
    ]


def contradictions(forecaster: Any) -> list[str]:
    """Return what is wrong with asking for training or for none, in sentences."""
    if forecaster.tune and (forecaster.train or asked_by(forecaster)):
        why = ", ".join(asked_by(forecaster)) or "train=True"
        return [f"tune tunes networks that are trained already, so that {why} says nothing"]
    if forecaster.network is not None and (forecaster.train or asked_by(forecaster)):
        why = ", ".join(asked_by(forecaster)) or "train=True"
        return [f"network names networks that are trained already, so that {why} says nothing"]
    if forecaster.train is None or isinstance(forecaster.train, bool):
        asked = asked_by(forecaster) if forecaster.train is False else []
        said = ", ".join(asked)
        return [f"train=False trains no network, so that {said} says nothing"] if asked else []
    return [f"train must be True, False or None, got {forecaster.train!r}"]


def trains(forecaster: Any) -> bool:
    """Return whether networks are trained for the series, instead of the pretrained one used."""
    return bool(forecaster.train or asked_by(forecaster))


def training_note(forecaster: Any) -> tuple[str, ...]:
    """Return the note that says why networks are trained where nobody said that they be."""
    if forecaster.train is not None or not trains(forecaster):
        return ()
    why = ", ".join(asked_by(forecaster))
    return (f"networks are trained for these series because of {why}",)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
