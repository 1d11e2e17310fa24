"""What the file of a GlobalForecaster holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from gatework.errors import GateworkError, OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Array, Field, Parameters, Part, Schema, Values
from gatework.estimator.style_field import style_field
from gatework.forecast.across.corrected import CorrectedModel, CovariateEffect
from gatework.forecast.across.corrected_file import CORRECTED
from gatework.forecast.across.covariates import CovariateScaling
from gatework.forecast.across.ends import bare_panel
from gatework.forecast.across.untrained import PretrainedModel
from gatework.forecast.pretrained.model_file import STANDING
from gatework.forecast.series_file import strings


def _names(forecaster: Any) -> list[tuple[str, ...]]:
    known = forecaster.panel_.covariates
    static = (known.static_names,) if known.static_names else ()
    return [known.past_names, known.future_names, *static]


def _coming(forecaster: Any) -> int:
    future = forecaster.panel_.covariates.future
    return 0 if future is None else future.shape[1]


def _each(lists: list[list[object]]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(strings, lists))


def _trained(forecaster: Any) -> Any:
    model = forecaster.model_
    return None if isinstance(model, PretrainedModel) else model


def _smoothing(said: Values) -> Schema:
    """Return the schema of networks that were trained, which torch is needed for."""
    from gatework.forecast.es_lstm.model_file import MODEL

    return MODEL


def _standing(forecaster: Any) -> Any:
    model = forecaster.model_
    return model.standing if type(model) is PretrainedModel else None


def _corrected(forecaster: Any) -> Any:
    model = forecaster.model_
    return model if isinstance(model, CorrectedModel) else None


def _said(effects: tuple[CovariateEffect, ...]) -> list[dict[str, Any]]:
    return [asdict(one) | {"lags": list(one.lags)} for one in effects]


def _effects(lists: list[dict[str, Any]]) -> tuple[CovariateEffect, ...]:
    try:
        return tuple(
            CovariateEffect(one["name"], one["kept"], one["share"], tuple(one["lags"]))
            for one in lists
        )
    except (KeyError, TypeError) as error:
        raise OptionError(f"what is said of the covariates is not sound: {error}") from error


def _check(said: Values) -> None:
    count = len(said.ids)
    served = [one for one in (said.model, said.standing, said.corrected) if one is not None]
    if len(served) != 1:
        raise OptionError("there must be either a model or a standing")
    if served[0].series != count:
        raise OptionError("the model and the ids are of different numbers of series")
    if served[0].season != said.season:
        raise OptionError("the model and the series are of different seasons")
    said.outlook = len(said.names[1]) if said.model is None else said.model.outlook
    if said.corrected is not None:
        kept = (said.corrected.late, said.corrected.ahead)
        if kept != (len(said.names[0]), len(said.names[1])):
            raise OptionError("the correction and the names are of different covariates")
    if len(said.ends) != count or len(said.counts) != count:
        raise OptionError("ends and counts must be as many as the ids")
    try:
        said.panel = bare_panel(said, said.names, np.array(said.counts, dtype=bool))
        for row in range(count):
            said.panel.future_labels(row, 1)
    except GateworkError as error:
        raise OptionError(f"the forecaster is not sound: {error}") from error


def _make(said: Values, built: dict[str, Any]) -> None:
    panel = said.panel
    served = built["model"] or built["corrected"]
    said.settings.model_ = served or PretrainedModel(built["standing"])
    if built["coming"] is not None:
        panel = panel.with_future(np.where(built["coming_known"] != 0, built["coming"], np.nan))
    said.settings.panel_ = panel
    said.settings.covariates_ = said.covariates or ()


COMING, FUTURE = ("ids", "coming", "outlook"), "panel_.covariates.future"
FILE = Schema(
    config={
        "settings": Parameters(later={"train": True, "tune": False}),
        "model": Part(_smoothing, optional=True, of=_trained),
        "standing": Part(STANDING, named=True, optional=True, added=True, of=_standing),
        "covariates": Field(
            js.list_of(js.an_object, 1), read=_effects, write=_said, added=True, of="covariates_"
        ),
        "corrected": Part(CORRECTED, named=True, optional=True, added=True, of=_corrected),
        "ids": Field(js.list_of(js.label, 1), read=strings, of="panel_.ids"),
        "ends": Field(js.list_of(js.list_of(js.label, 1, 2)), read=_each, of="panel_.ends"),
        "frequency": Field(js.optional(js.text), of="panel_.frequency"),
        "season": Field(js.whole(1, js.MOST_VALUES), of="panel_.season"),
        "counts": Field(
            js.list_of(js.switch), write=lambda one: [bool(v) for v in one], of="panel_.counts"
        ),
        "style": style_field("panel_.style"),
        "scaling": Part(CovariateScaling.FILE, of="scaling_"),
        "names": Field(js.list_of(js.list_of(js.label), 2, 3), read=_each, of=_names),
        "passed": Field(js.whole(0, js.MOST_VALUES), of="passed_"),
        "coming": Field(js.whole(0, js.MOST_VALUES), of=_coming),
    },
    tensors={
        "coming": Array("float64", COMING, write=np.nan_to_num, when="outlook", of=FUTURE),
        "coming_known": Array(
            "int64", COMING, write=lambda one: ~np.isnan(one), when="outlook", of=FUTURE
        ),
    },
    check=_check,
    make=_make,
)
