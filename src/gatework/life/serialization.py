"""A LifeEstimator as JSON values and tensors, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch

from gatework.errors import OptionError
from gatework.life.intervals import Margins
from gatework.life.network import LifeNetwork
from gatework.life.settings import SAVED, settings_problems
from gatework.life.signals import Signals

if TYPE_CHECKING:
    from gatework.life.estimator import LifeEstimator

Kind = TypeVar("Kind", bound="LifeEstimator")
Expected = dict[str, tuple[torch.dtype, tuple[int, ...]]]

KEYS = frozenset({"settings", "columns", "bands"})


def config_of(estimator: LifeEstimator) -> dict[str, Any]:
    """Return all but the tensors of a fitted estimator, as JSON values."""
    settings = {name: getattr(estimator, name) for name in SAVED}
    return {
        "settings": settings | {"hidden_sizes": list(estimator.hidden_sizes)},
        "columns": list(estimator.signals_.names),
        "bands": len(estimator.margins_.lower),
    }


def tensors_of(estimator: LifeEstimator) -> dict[str, torch.Tensor]:
    """Return every tensor of a fitted estimator by name."""
    margins, signals = estimator.margins_, estimator.signals_
    arrays = {
        "mean": signals.mean,
        "deviation": signals.deviation,
        "middles": margins.middles,
        "lower": margins.lower,
        "upper": margins.upper,
    }
    tensors = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
    for number, network in enumerate(estimator.networks_):
        tensors |= {f"networks.{number}.{n}": t for n, t in network.state_dict().items()}
    return tensors


def expected(config: Mapping[str, Any], kind: type[LifeEstimator]) -> Expected:
    """Check a configuration and return dtype and shape of every tensor that it asks for.

    Raises:
        OptionError: when it is not one that ``config_of`` returns.
    """
    loaded = _loaded(config, kind)
    count, bands = len(config["columns"]), config["bands"]
    parts: Expected = {name: (torch.float64, (count,)) for name in ("mean", "deviation")}
    parts |= {name: (torch.float64, (bands,)) for name in ("middles", "lower", "upper")}
    with torch.device("meta"):
        network = _empty(loaded, config)
    for number in range(loaded.members):
        for name, tensor in network.state_dict().items():
            parts[f"networks.{number}.{name}"] = (tensor.dtype, tuple(tensor.shape))
    return parts


def build(config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor], kind: type[Kind]) -> Kind:
    """Return the estimator around its tensors.

    Raises:
        OptionError: when their values cannot be those of one.
    """
    loaded = _loaded(config, kind)
    arrays = {
        name: tensor.numpy().copy()
        for name, tensor in tensors.items()
        if not name.startswith("networks.")
    }
    if not (arrays["deviation"] > 0).all() or (np.diff(arrays["middles"]) < 0).any():
        raise OptionError("the estimator is not sound: a deviation or a band is out of range")
    loaded.signals_ = Signals(tuple(config["columns"]), arrays["mean"], arrays["deviation"])
    loaded.margins_ = Margins(
        loaded.level, float(loaded.cap), arrays["middles"], arrays["lower"], arrays["upper"]
    )
    loaded.networks_ = []
    for number in range(loaded.members):
        with torch.device("meta"):  # draws no random numbers
            network = _empty(loaded, config)
        prefix = f"networks.{number}."
        network.load_state_dict(
            {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)},
            assign=True,
        )
        loaded.networks_.append(network.eval())
    return loaded


def _empty(loaded: LifeEstimator, config: Mapping[str, Any]) -> LifeNetwork:
    count = len(config["columns"])
    width = Signals(tuple(config["columns"]), np.zeros(count), np.ones(count)).width
    return LifeNetwork(width, tuple(loaded.hidden_sizes), loaded.dropout)


def _loaded(config: Mapping[str, Any], kind: type[Kind]) -> Kind:
    if set(config) != KEYS:
        raise OptionError(f"the configuration must have {', '.join(sorted(KEYS))}")
    settings, columns = config["settings"], config["columns"]
    if not isinstance(settings, dict) or set(settings) != set(SAVED):
        raise OptionError(f"the settings must be {', '.join(SAVED)}")
    if not isinstance(columns, list) or not columns or not all(isinstance(c, str) for c in columns):
        raise OptionError("columns must be a list of names")
    bands = config["bands"]
    if isinstance(bands, bool) or not isinstance(bands, int) or not 1 <= bands <= 1000:
        raise OptionError(f"bands must be a whole number from 1 to 1000, got {bands!r}")
    loaded = kind(**settings | _tuples(settings))
    if problems := settings_problems(loaded):
        raise OptionError("the settings are not sound: " + "; ".join(problems))
    if loaded.members > 1000:
        raise OptionError(f"members must be at most 1000, got {loaded.members}")
    return loaded


def _tuples(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that are tuples by nature, which JSON has as lists."""
    return {name: tuple(v) for name, v in settings.items() if isinstance(v, list)}
