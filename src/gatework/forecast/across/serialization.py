"""A GlobalForecaster as JSON values and tensors, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch

from gatework.errors import OptionError
from gatework.forecast.across.covariates import CovariateScaling
from gatework.forecast.across.settings import SAVED, settings_problems
from gatework.forecast.es_lstm.serialization import (
    Expected,
    check_model_config,
    expected_model_tensors,
    model_config,
    model_from,
    model_tensors,
)
from gatework.forecast.panel.panel import Panel

if TYPE_CHECKING:
    from gatework.forecast.across.forecaster import GlobalForecaster

Kind = TypeVar("Kind", bound="GlobalForecaster")

KEYS = frozenset(
    {"settings", "model", "ids", "ends", "frequency", "season", "counts"}
    | {"scaling", "names", "passed", "coming"}
)


def config_of(forecaster: GlobalForecaster) -> dict[str, Any]:
    """Return all but the tensors of a fitted forecaster, as JSON values."""
    settings = {name: getattr(forecaster, name) for name in SAVED}
    lists = {name: list(settings[name]) for name in ("hidden_sizes", "levels")}
    panel = forecaster.panel_
    known = panel.covariates
    return {
        "settings": settings | lists,
        "model": model_config(forecaster.model_),
        "ids": list(panel.ids),
        "ends": [list(labels) for labels in panel.ends],
        "frequency": panel.frequency,
        "season": panel.season,
        "counts": [bool(one) for one in panel.counts],
        "scaling": forecaster.scaling_.to_config(),
        "names": [list(known.past_names), list(known.future_names)],
        "passed": forecaster.passed_,
        "coming": 0 if known.future is None else known.future.shape[1],
    }


def tensors_of(forecaster: GlobalForecaster) -> dict[str, torch.Tensor]:
    """Return every tensor of a fitted forecaster by name."""
    tensors = model_tensors(forecaster.model_)
    future = forecaster.panel_.covariates.future
    if future is not None:
        known = np.ascontiguousarray(np.nan_to_num(future))
        tensors["coming"] = torch.from_numpy(known)
        tensors["coming_known"] = torch.from_numpy((~np.isnan(future)).astype(np.int64))
    return tensors


def expected(config: Mapping[str, Any], kind: type[GlobalForecaster]) -> Expected:
    """Check a configuration and return dtype and shape of every tensor that it asks for.

    Raises:
        OptionError: when it is not one that ``config_of`` returns.
    """
    _, panel = _loaded(config, kind)
    model = check_model_config(config["model"])
    if model["series"] != len(panel):
        raise OptionError("the model and the ids are of different numbers of series")
    tensors = expected_model_tensors(model)
    if model["outlook"]:
        shape = (len(panel), config["coming"], model["outlook"])
        tensors["coming"] = (torch.float64, shape)
        tensors["coming_known"] = (torch.int64, shape)
    return tensors


def build(config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor], kind: type[Kind]) -> Kind:
    """Return the forecaster around its tensors."""
    loaded, panel = _loaded(config, kind)
    loaded.scaling_ = CovariateScaling.from_config(config["scaling"])
    part = {name: t for name, t in tensors.items() if not name.startswith("coming")}
    loaded.model_ = model_from(config["model"], part)
    loaded.passed_ = config["passed"]
    if "coming" in tensors:
        known = tensors["coming_known"].numpy() != 0
        panel = panel.with_future(np.where(known, tensors["coming"].numpy(), np.nan))
    loaded.panel_ = panel
    return loaded


def _loaded(config: Mapping[str, Any], kind: type[Kind]) -> tuple[Kind, Panel]:
    if set(config) != KEYS:
        raise OptionError(f"the configuration must have {', '.join(sorted(KEYS))}")
    settings = config["settings"]
    if not isinstance(settings, dict) or set(settings) != set(SAVED):
        raise OptionError(f"the settings must be {', '.join(SAVED)}")
    loaded = kind(**settings | _tuples(settings))
    try:
        if problems := settings_problems(loaded):
            raise OptionError("; ".join(problems))
        count = len(config["ids"])
        panel = Panel(
            tuple(map(str, config["ids"])),
            np.zeros((count, 2)),
            np.full(count, 2),
            tuple(tuple(map(str, labels)) for labels in config["ends"]),
            config["frequency"],
            config["season"],
            np.array(config["counts"], dtype=bool),
        ).with_names(*(tuple(map(str, names)) for names in config["names"]))
        for row in range(count):
            panel.future_labels(row, 1)
        CovariateScaling.from_config(config["scaling"])
        for name in ("passed", "coming"):
            if isinstance(config[name], bool) or not isinstance(config[name], int):
                raise OptionError(f"{name} must be a whole number")
        if config["passed"] < 0 or config["coming"] < 0:
            raise OptionError("passed and coming must be whole numbers of at least 0")
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise OptionError(f"the forecaster is not sound: {error}") from error
    return loaded, panel


def _tuples(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that are tuples by nature, which JSON has as lists."""
    return {name: tuple(v) for name, v in settings.items() if isinstance(v, list)}
