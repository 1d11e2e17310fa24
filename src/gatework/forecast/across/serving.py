"""What a GlobalForecaster forecasts with: the pretrained network, or the networks it trained."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gatework.checks import refuse
from gatework.errors import OptionError
from gatework.forecast.across.applied import other_model
from gatework.forecast.across.checks import LEAST_BEFORE, first_origins
from gatework.forecast.across.corrected import CorrectedModel, pretrained_backtest
from gatework.forecast.across.covariates import CovariateScaling
from gatework.forecast.across.ends import SeriesEnds, ends_of
from gatework.forecast.across.training import trains
from gatework.forecast.across.untrained import PretrainedModel
from gatework.forecast.checks import (
    check_ahead,
    check_horizon,
    check_refit_every,
    several,
    wrong_level,
)
from gatework.forecast.coercion import as_series
from gatework.forecast.panel.backtest import Backtest, last_share
from gatework.forecast.panel.panel import Panel
from gatework.forecast.pretrained.plain import name_of, network_of, who_serves, why_plain
from gatework.forecast.pretrained.totals import ByLevel
from gatework.forecast.series import Series

if TYPE_CHECKING:
    from gatework.examine import Run
    from gatework.forecast.across.forecaster import GlobalForecaster
    from gatework.forecast.es_lstm.model import SmoothingModel
    from gatework.forecast.pretrained.model import PretrainedNetwork


def model_for(
    forecaster: GlobalForecaster, panel: Any = None
) -> tuple[PretrainedModel | SmoothingModel, SeriesEnds, tuple[str, ...]]:
    """Return what forecasts, the ends of its series, those fitted or those of a panel, and notes.

    Raises:
        NotFittedError: when there are none. OptionError: where networks are trained for others.
    """
    if panel is None:
        forecaster.check_fitted()
        ends = SeriesEnds(forecaster.panel_, forecaster.scaling_, forecaster.passed_)
        return forecaster.model_, ends, ()
    panel = forecaster.check(panel)
    known = getattr(forecaster, "model_", None)
    own = own_network(known)
    if trains(forecaster) or (known is not None and own is None):
        raise OptionError(
            "networks that are trained forecast the series that they are fitted to",
            hint="forecaster.fit(panel).predict()",
        )
    network = own or network_for(forecaster)
    model, scaling, notes = other_model(forecaster, panel, network)
    return model, SeriesEnds(ends_of(panel), scaling, 0), notes


def others(panel: Any, series: Any) -> Any:
    """Return the series that are forecast instead of those fitted; ``series`` may be a single one.

    Raises:
        OptionError: when both are given.
    """
    if panel is not None and series is not None:
        raise OptionError(
            "panel and series exclude each other", hint="series=... for one, panel=... for many"
        )
    if series is None:
        return panel
    if isinstance(series, Panel | Mapping | str | os.PathLike) or hasattr(series, "columns"):
        return series
    if not isinstance(series, Series):
        first = next(iter(series), 0.0)
        if isinstance(first, Series) or np.ndim(first):
            return series
    return [as_series(series)]


def own_network(model: Any) -> PretrainedNetwork | None:
    """Return the pretrained networks that a model forecasts with; None where it has others."""
    return model.standing.network if isinstance(model, PretrainedModel) else None


def told(forecaster: GlobalForecaster) -> str:
    """Return which network forecasts, and what is known of that, in words."""
    why = why_plain(own_network(forecaster.model_))
    return ": ".join(filter(None, (forecaster.served_, why, forecaster.judged_)))


def who(forecaster: GlobalForecaster) -> tuple[str, ...]:
    """Return in words which pretrained network forecasts, where that is known before a fit."""
    return () if forecaster.tune else (who_serves(network_of(forecaster.network)),)


def network_name(forecaster: GlobalForecaster) -> str:
    """Return in a word or two which network forecasts, as is known before a fit."""
    return "trained" if trains(forecaster) else name_of(network_of(forecaster.network))


def network_for(forecaster: GlobalForecaster) -> PretrainedNetwork | None:
    """Return the networks that it was told to forecast with; None for those that come with it."""
    return None if forecaster.network is None else network_of(forecaster.network)


def network_and_held_out(
    forecaster: GlobalForecaster, panel: Panel
) -> tuple[PretrainedNetwork | None, Backtest | Panel]:
    """Return what serves, and what was held out, or the panel where that is to be made of it."""
    if not forecaster.tune:
        return network_for(forecaster), panel
    from gatework.forecast.across.tuning import tuned_or_not

    return tuned_or_not(forecaster, panel, network_of(forecaster.network))


def _network_before(
    forecaster: GlobalForecaster, panel: Panel, first: np.ndarray
) -> PretrainedNetwork | None:
    """Return what would have served just before the first origins."""
    if not forecaster.tune:
        return network_for(forecaster)
    settings: dict[str, Any] = {**forecaster.get_params(), "checkpoint": None}
    like = type(forecaster)(**settings)
    return own_network(like.fit(panel.cut(first)).model_)


def wanted(
    forecaster: GlobalForecaster,
    model: Any,
    horizon: int | None,
    levels: Sequence[float] | float | None,
    level: float | None = None,
) -> tuple[int, list[float]]:
    """Return horizon and levels as they are asked for.

    Raises:
        OptionError: when the model has no forecasts of them.
    """
    horizon = forecaster.horizon if horizon is None else horizon
    refuse(wrong_level(level, levels))
    levels = several(forecaster.levels if levels is None else levels)
    levels = levels if level is None else [level]
    if isinstance(model, PretrainedModel):
        check_ahead(horizon)
        return horizon, levels
    check_horizon(horizon, model.horizon, f"GlobalForecaster(horizon={horizon}).fit(panel)")
    known = list(model.margins.levels)
    if unknown := [one for one in levels if one not in known]:
        raise OptionError(
            f"the networks were trained for the levels {known}, not for {unknown[0]}",
            hint=f"GlobalForecaster(levels={levels}).fit(panel)",
        )
    return horizon, levels


def outwards(
    values: np.ndarray, lower: ByLevel, upper: ByLevel
) -> tuple[np.ndarray, ByLevel, ByLevel]:
    """Return forecasts rounded, and the ends of intervals outwards."""
    low = {level: np.floor(ends) for level, ends in lower.items()}
    return np.round(values), low, {level: np.ceil(ends) for level, ends in upper.items()}


def drawing(model: PretrainedModel | SmoothingModel) -> PretrainedModel:
    """Return the model as one that draws paths.

    Raises:
        OptionError: when its networks were trained.
    """
    if isinstance(model, PretrainedModel):
        return model
    raise pathless()


def networks_of(model: PretrainedModel | SmoothingModel) -> list[Any]:
    """Return the networks that are averaged, each of which describes its layers."""
    if isinstance(model, PretrainedModel):
        return list(model.standing.network.members)
    return [member.network for member in model.members]


def run_of(forecaster: GlobalForecaster, panel: Panel, row: int, member: int) -> Run:
    """Return a run of one of the networks over one series of a panel."""
    model = forecaster.model_
    if isinstance(model, PretrainedModel):
        from gatework.forecast.pretrained.introspection import run_member

        network, series = model.standing.network, panel.series(panel.ids[row], missing=True)
        scaling = forecaster.scaling_
        if panel.ids != forecaster.panel_.ids:
            model, scaling, _ = other_model(forecaster, panel, network)
        if isinstance(model, CorrectedModel):
            series = replace(series, values=model.bare(panel, scaling)[row, : len(series)])
        return run_member(network.members[member], series, forecaster.horizon)
    from gatework.forecast.across.trained import run_of_series

    return run_of_series(model, panel, forecaster.scaling_, row, member)


def pathless() -> OptionError:
    """Return what is said where a total is asked of networks that are trained."""
    return OptionError(
        "networks that are trained draw no paths, from which a total would come",
        hint="leave the options of training out: the pretrained one does",
    )


def untrained_held_out(forecaster: GlobalForecaster, panel: Panel) -> Backtest:
    """Return what the pretrained network would have forecast in the last fifth of each series."""
    model, starts = forecaster.model_, held_out_starts(panel)
    levels, network = tuple(several(forecaster.levels)), own_network(model)
    before = model.earlier if isinstance(model, PretrainedModel) else None
    return pretrained_backtest(panel, starts, forecaster.horizon, levels, network, before)


def held_out_starts(panel: Panel) -> np.ndarray:
    """Return the first period of the last fifth of each series, (B,)."""
    return last_share(panel.lengths, 0.2, LEAST_BEFORE)


def backtest_of(
    forecaster: GlobalForecaster,
    panel: Panel,
    starts: Sequence[int] | np.ndarray | None,
    refit_every: int | None,
) -> Backtest:
    """Return the backtest of a checked panel, as GlobalForecaster.backtest says."""
    trained = trains(forecaster)
    first = first_origins(panel, starts, LEAST_BEFORE if trained else 1)
    check_refit_every(refit_every)
    if not trained:
        if refit_every is not None:
            raise OptionError(
                "refit_every trains anew, but the pretrained network is not trained",
                hint="leave it out, or train=True",
            )
        network, levels = (
            _network_before(forecaster, panel, first),
            tuple(several(forecaster.levels)),
        )
        return pretrained_backtest(panel, first, forecaster.horizon, levels, network)
    from gatework.forecast.across.backtest import backtest
    from gatework.forecast.across.trained import fit_networks

    def fit(part: Panel) -> tuple[SmoothingModel, CovariateScaling]:
        return fit_networks(forecaster, forecaster.check(part))[:2]

    return backtest(fit, panel, first, refit_every, several(forecaster.levels))
