"""Fitted models as JSON values and tensors, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from gatework.errors import OptionError
from gatework.forecast.es_lstm.bank import Bank, BankState
from gatework.forecast.es_lstm.calibration import ConformalMargins
from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS
from gatework.forecast.es_lstm.fit import LOSSES, EsLstmSettings, FittedMember
from gatework.forecast.es_lstm.live import Live
from gatework.forecast.es_lstm.model import SmoothingModel
from gatework.forecast.es_lstm.network import SmoothingLSTM, Widths
from gatework.forecast.es_lstm.rates import RECURSIONS, SMOOTHERS, smoothers
from gatework.forecast.es_lstm.signals import width
from gatework.forecast.es_lstm.spread import Spread
from gatework.network import LSTM, State

Expected = dict[str, tuple[torch.dtype, tuple[int, ...]]]

MOST_MEMBERS = 64
MOST_UNITS = 2**16
MOST_NUMBERS = 10**7
"""Limit of the whole numbers of a configuration: sizes beyond it are damage."""

CONFIG_KEYS = frozenset(
    {"settings", "covariates", "outlook", "season", "horizon", "members", "levels", "series"}
)


def model_config(model: SmoothingModel) -> dict[str, Any]:
    """Return everything but the tensors, as JSON values."""
    settings = dataclasses.asdict(model.settings)
    bank = width(model.widths.smoothers, model.horizon)
    return {
        "settings": settings | {"hidden_sizes": list(model.settings.hidden_sizes)},
        "covariates": model.widths.signals - bank,
        "outlook": model.widths.outlook,
        "season": model.season,
        "horizon": model.horizon,
        "members": len(model.members),
        "levels": list(model.margins.levels),
        "series": len(model.live.units),
    }


def model_tensors(model: SmoothingModel) -> dict[str, torch.Tensor]:
    """Return every tensor by name."""
    live = model.live
    tensors: dict[str, torch.Tensor] = {}
    for number, member in enumerate(model.members):
        tensors |= _prefixed(f"members.{number}.network.", member.network.state_dict())
        if member.spread is not None:
            tensors |= _prefixed(f"members.{number}.spread.", member.spread.state_dict())
        tensors |= _prefixed(f"lstm.{number}.", live.lstm[number].to_tensors())
        tensors[f"features.{number}"] = live.features[number]
    arrays = {f"bank.{field.name}": getattr(live.state, field.name) for field in _STATE}
    arrays |= {"margins": model.margins.values, "units": live.units}
    arrays["multiplicative"] = live.bank.multiplicative.astype(np.int64)
    arrays["counts"] = (live.bank.floor == 0).astype(np.int64)
    tensors |= {name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in arrays.items()}
    return tensors | {"inputs": live.inputs}


def check_model_config(config: Any) -> dict[str, Any]:
    """Return ``config`` if it is one that ``model_config`` returns.

    Raises:
        OptionError: naming what is wrong.
    """
    if not isinstance(config, dict) or set(config) != CONFIG_KEYS:
        raise OptionError(f"the model must have the keys {', '.join(sorted(CONFIG_KEYS))}")
    problems = [
        f"{name} must be a whole number from {least} to {most}, got {config[name]!r}"
        for name, least, most in (
            ("covariates", 0, MOST_NUMBERS),
            ("outlook", 0, MOST_NUMBERS),
            ("season", 1, MOST_NUMBERS),
            ("horizon", 1, MOST_NUMBERS),
            ("members", 1, MOST_MEMBERS),
            ("series", 1, MOST_NUMBERS),
        )
        if not _whole(config[name]) or not least <= config[name] <= most
    ]
    levels = config["levels"]
    if (
        not isinstance(levels, list)
        or not levels
        or not all(isinstance(level, float) and 0 < level < 1 for level in levels)
        or len(set(levels)) != len(levels)
    ):
        problems.append(f"levels must be different numbers between 0 and 1, got {levels!r}")
    problems += _settings_problems(config["settings"])
    if problems:
        raise OptionError("the model is not sound: " + "; ".join(problems))
    return config


def expected_model_tensors(config: Mapping[str, Any]) -> Expected:
    """Return dtype and shape of every tensor that a checked ``config`` asks for.

    Raises:
        OptionError: when the layer sizes are none.
    """
    settings, count = _settings(config), config["series"]
    widths = _widths(config)
    LSTM.expected_tensors(  # refuses what are no sizes, before anything is built of them
        LSTM(1, [1], device="meta").to_config()
        | {"hidden_sizes": list(settings.hidden_sizes), "input_size": settings.hidden_sizes[0]}
        | {"dropout": [settings.dropout] * (len(settings.hidden_sizes) - 1)}
    )
    with torch.device("meta"):
        network, spread = _empty(settings, widths)
        state = State.zeros(network.lstm, count).to_tensors()
    parts: Expected = {}
    for number in range(config["members"]):
        parts |= _shapes(f"members.{number}.network.", network.state_dict())
        if spread is not None:
            parts |= _shapes(f"members.{number}.spread.", spread.state_dict())
        parts |= _shapes(f"lstm.{number}.", state)
        parts[f"features.{number}"] = (torch.float32, (count, network.features))
    sets, season = widths.smoothers // SMOOTHERS, config["season"]
    seasonal = (count, sets - 1)
    for name, size in (
        ("level", RECURSIONS),
        ("trend", RECURSIONS),
        ("error", SMOOTHERS),
        ("bias", SMOOTHERS),
        ("line", 3),
    ):
        parts[f"bank.{name}"] = (torch.float64, (count, sets, size))
    parts["bank.mean_time"] = (torch.float64, (count,))
    parts["bank.reference"] = (torch.float64, seasonal)
    parts["bank.indices"] = (torch.float64, (*seasonal, season))
    for name in ("bank.phase", "bank.age", "bank.time", "multiplicative", "counts"):
        parts[name] = (torch.int64, (count,))
    parts["margins"] = (torch.float64, (len(config["levels"]), config["horizon"]))
    parts["units"] = (torch.float64, (count,))
    return parts | {"inputs": (torch.float32, (count, widths.total))}


def model_from(config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> SmoothingModel:
    """Build the model around its tensors, which are as expected.

    Raises:
        OptionError: when their values cannot be those of a model.
    """
    settings, widths = _settings(config), _widths(config)
    arrays = {name: tensor.numpy().copy() for name, tensor in tensors.items()}
    phase = arrays["bank.phase"]
    if phase.min() < 0 or phase.max() >= config["season"] or not (arrays["units"] > 0).all():
        raise OptionError("the model is not sound: a phase or a unit is out of range")
    members, states, features = [], [], []
    for number in range(config["members"]):
        with torch.device("meta"):  # draws no random numbers
            network, spread = _empty(settings, widths)
        network.load_state_dict(_part(tensors, f"members.{number}.network."), assign=True)
        if spread is not None:
            spread.load_state_dict(_part(tensors, f"members.{number}.spread."), assign=True)
            spread.eval()
        members.append(FittedMember(network.eval(), spread))
        states.append(State.from_tensors(_part(tensors, f"lstm.{number}.")))
        features.append(tensors[f"features.{number}"])
    floor = np.where(arrays["counts"] != 0, 0.0, -np.inf)
    bank = Bank(config["season"], config["horizon"], arrays["multiplicative"] != 0, floor)
    state = BankState(**{field.name: arrays[f"bank.{field.name}"] for field in _STATE})
    live = Live(bank, state, arrays["units"], states, features, tensors["inputs"])
    margins = ConformalMargins(tuple(config["levels"]), arrays["margins"])
    return SmoothingModel(
        settings, widths, config["season"], config["horizon"], members, margins, live
    )


_STATE = dataclasses.fields(BankState)
_SETTINGS = tuple(field.name for field in dataclasses.fields(EsLstmSettings))


def _settings(config: Mapping[str, Any]) -> EsLstmSettings:
    settings: dict[str, Any] = dict(config["settings"])
    settings["hidden_sizes"] = tuple(settings["hidden_sizes"])
    return EsLstmSettings(**settings)


def _settings_problems(settings: Any) -> list[str]:
    if not isinstance(settings, dict) or set(settings) != set(_SETTINGS):
        return [f"settings must be {', '.join(_SETTINGS)}"]
    problems = []
    sizes = settings["hidden_sizes"]
    if not isinstance(sizes, list) or not sizes or not all(map(_size, sizes)):
        problems.append(f"hidden_sizes must be a list of whole numbers, got {sizes!r}")
    dropout = settings["dropout"]
    if not isinstance(dropout, int | float) or isinstance(dropout, bool) or not 0 <= dropout < 1:
        problems.append(f"dropout must be from 0 to below 1, got {dropout!r}")
    if not isinstance(settings["correction"], bool):
        problems.append("correction must be True or False")
    if settings["loss"] not in LOSSES:
        problems.append(f"loss must be one of {', '.join(LOSSES)}")
    distribution = settings["distribution"]
    if distribution is not None and distribution not in DISTRIBUTIONS:
        problems.append(f"distribution must be one of {', '.join(DISTRIBUTIONS)}")
    return problems


def _widths(config: Mapping[str, Any]) -> Widths:
    number, horizon = smoothers(config["season"]), config["horizon"]
    signals = width(number, horizon) + config["covariates"]
    return Widths(signals, number, horizon, config["outlook"])


def _empty(settings: EsLstmSettings, widths: Widths) -> tuple[SmoothingLSTM, Spread | None]:
    network = SmoothingLSTM(
        widths, settings.hidden_sizes, settings.dropout, correction=settings.correction
    )
    if settings.distribution is None:
        return network, None
    family = DISTRIBUTIONS[settings.distribution]
    return network, Spread(network.features, widths.horizon, family)


def _prefixed(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def _part(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}


def _shapes(prefix: str, tensors: Mapping[str, torch.Tensor]) -> Expected:
    return {prefix + n: (t.dtype, tuple(t.shape)) for n, t in tensors.items()}


def _size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_UNITS


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
