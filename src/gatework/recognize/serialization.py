"""A fitted estimator of sequences as JSON values and tensors, and back."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch

from gatework.errors import OptionError
from gatework.recognize.features import features_from_config
from gatework.recognize.network import SequenceNetwork
from gatework.recognize.scaling import Scaling
from gatework.recognize.sequences import KINDS
from gatework.recognize.targets import NumberTargets

if TYPE_CHECKING:
    from gatework.recognize.estimator import SequenceEstimator

Kind = TypeVar("Kind", bound="SequenceEstimator")
Expected = dict[str, tuple[torch.dtype, tuple[int, ...]]]

KEYS = frozenset({"settings", "channels", "kind", "features", "targets", "temperature"})
OF_A_RUN = (
    "validation",
    "augment",
    "class_weight",
    "checkpoint",
    "checkpoint_every",
    "record",
    "progress",
    "voice",
)
"""The arguments that no file holds: they belong to a training, or to what runs beside it."""

MOST_CHANNELS = 10**6


def saved_settings(kind: type[SequenceEstimator]) -> tuple[str, ...]:
    """Return the names of the arguments that a file holds."""
    return tuple(name for name in kind.parameter_names() if name not in OF_A_RUN)


def config_of(estimator: SequenceEstimator) -> dict[str, Any]:
    """Return all but the tensors of a fitted estimator, as JSON values."""
    settings = {name: _plain(getattr(estimator, name)) for name in saved_settings(type(estimator))}
    if not isinstance(settings["schedule"], str):
        settings["schedule"] = None  # a function stays with the program that wrote it
    features = estimator.features_
    return {
        "settings": settings,
        "channels": estimator.channels_,
        "kind": estimator.kind_,
        "features": None if features is None else features.to_config(),
        "targets": estimator.targets_.to_config(),
        "temperature": estimator.temperature_,
    }


def tensors_of(estimator: SequenceEstimator) -> dict[str, torch.Tensor]:
    """Return every tensor of a fitted estimator by name."""
    scaling, targets = estimator.scaling_, estimator.targets_
    arrays = {"scaling.mean": scaling.mean, "scaling.deviation": scaling.deviation}
    if isinstance(targets, NumberTargets):
        arrays |= {"targets.mean": targets.mean, "targets.deviation": targets.deviation}
    tensors = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
    return tensors | {f"network.{n}": t for n, t in estimator.network_.state_dict().items()}


def expected(config: Mapping[str, Any], kind: type[SequenceEstimator]) -> Expected:
    """Check a configuration and return dtype and shape of every tensor that it asks for.

    Raises:
        OptionError: when it is not one that ``config_of`` returns.
    """
    loaded, targets = _loaded(config, kind)
    channels = config["channels"]
    parts: Expected = {
        f"scaling.{name}": (torch.float32, (channels,)) for name in ("mean", "deviation")
    }
    if isinstance(targets, NumberTargets):
        shape = (len(targets.mean),)
        parts |= {f"targets.{name}": (torch.float64, shape) for name in ("mean", "deviation")}
    network = _empty(loaded, channels, targets)
    return parts | {f"network.{n}": (t.dtype, tuple(t.shape)) for n, t in network.items()}


def build(config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor], kind: type[Kind]) -> Kind:
    """Return the estimator around its tensors.

    Raises:
        OptionError: when their values cannot be those of one.
    """
    loaded, targets = _loaded(config, kind)
    arrays = {n: t.numpy().copy() for n, t in tensors.items() if not n.startswith("network.")}
    for name, array in arrays.items():
        if name.endswith("deviation") and not (array > 0).all():
            raise OptionError(f"{name} must be positive throughout")
    if isinstance(targets, NumberTargets):
        targets = replace(
            targets, mean=arrays["targets.mean"], deviation=arrays["targets.deviation"]
        )
    weights = {
        n.removeprefix("network."): t for n, t in tensors.items() if n.startswith("network.")
    }
    with torch.device("meta"):  # draws no random numbers
        network = _network(loaded, config["channels"], targets)
    network.load_state_dict(weights, assign=True)
    loaded.network_ = network.requires_grad_(True).eval()
    loaded.scaling_ = Scaling(arrays["scaling.mean"], arrays["scaling.deviation"])
    loaded.targets_, loaded.temperature_ = targets, float(config["temperature"])
    features = config["features"]
    loaded.features_ = None if features is None else features_from_config(features)
    loaded.kind_, loaded.channels_ = config["kind"], config["channels"]
    return loaded


def _network(loaded: SequenceEstimator, channels: int, targets: Any) -> SequenceNetwork:
    plain = copy.copy(loaded)
    plain.memory = None  # it sets weights, and these come from the file
    return plain.build(channels, loaded._outputs(targets))


def _empty(loaded: SequenceEstimator, channels: int, targets: Any) -> dict[str, torch.Tensor]:
    with torch.device("meta"):
        return _network(loaded, channels, targets).state_dict()


def _loaded(config: Mapping[str, Any], kind: type[Kind]) -> tuple[Kind, Any]:
    if set(config) != KEYS:
        raise OptionError(f"the configuration must have {', '.join(sorted(KEYS))}")
    settings, names = config["settings"], saved_settings(kind)
    if not isinstance(settings, dict) or set(settings) != set(names):
        raise OptionError(f"the settings must be {', '.join(names)}")
    channels, temperature = config["channels"], config["temperature"]
    if type(channels) is not int or not 1 <= channels <= MOST_CHANNELS:
        raise OptionError(f"channels must be from 1 to {MOST_CHANNELS}, got {channels!r}")
    if config["kind"] not in KINDS:
        raise OptionError(f"kind must be one of {', '.join(KINDS)}, got {config['kind']!r}")
    if isinstance(temperature, bool) or not isinstance(temperature, int | float):
        raise OptionError(f"temperature must be a number, got {temperature!r}")
    if not temperature > 0:
        raise OptionError(f"temperature must be positive, got {temperature!r}")
    features = config["features"]
    if features is not None:
        if not isinstance(features, dict):
            raise OptionError("features must be an object or null")
        made = features_from_config(features)
        if made.channels != channels:
            raise OptionError(f"the features have {made.channels} channels, the model {channels}")
    if not isinstance(config["targets"], dict):
        raise OptionError("targets must be an object")
    arguments: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
    }
    loaded = kind(**arguments)
    if problems := loaded.problems():
        raise OptionError("the settings are not sound: " + "; ".join(problems))
    return loaded, kind.TARGETS.from_config(config["targets"])


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return value
