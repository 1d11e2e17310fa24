"""What a GlobalForecaster answers: forecasts, totals and paths of the periods to come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gatework.checks import refuse, whole
from gatework.forecast.across import serving
from gatework.forecast.across.ends import labels_ahead
from gatework.forecast.across.untrained import PretrainedModel
from gatework.forecast.checks import MOST_PATHS, several, wrong_totals
from gatework.forecast.panel.result import PanelForecast, TotalForecast
from gatework.forecast.pretrained.totals import sample_paths, totals_of

if TYPE_CHECKING:
    from gatework.forecast.across.forecaster import GlobalForecaster

Levels = Sequence[float] | float | None


def forecast_of(
    forecaster: GlobalForecaster,
    panel: Any,
    horizon: int | None,
    levels: Levels,
    level: float | None,
    future: Any,
) -> PanelForecast:
    """Return the forecasts of the next periods; see GlobalForecaster.predict."""
    model, here, notes = serving.model_for(forecaster, panel)
    horizon, levels = serving.wanted(forecaster, model, horizon, levels, level)
    if isinstance(model, PretrainedModel):
        coming = here.outlook(future, horizon)
        values, lower, upper = model.predicted(horizon, levels, coming)
    else:
        from gatework.forecast.across.trained import predicted

        values, lower, upper = predicted(model, here, horizon, levels, future)
    if forecaster.whole_numbers:
        values, lower, upper = serving.outwards(values, lower, upper)
    ends = here.panel
    periods = labels_ahead(ends, horizon)
    kind = (ends.frequency, ends.id_columns, notes)
    return PanelForecast(ends.ids, periods, values, lower, upper, *kind)


def total_of(
    forecaster: GlobalForecaster,
    panel: Any,
    horizon: int | None,
    levels: Levels,
    at_least: Sequence[float] | float,
    future: Any,
) -> TotalForecast:
    """Return what the next periods come to; see GlobalForecaster.predict_total."""
    model, here, notes = serving.model_for(forecaster, panel)
    horizon, levels = serving.wanted(forecaster, model, horizon, levels)
    refuse(wrong_totals(at_least))
    ends, coming = here.panel, here.outlook(future, horizon)
    found = serving.drawing(model).forecasts(horizon, coming)
    told = totals_of(found, ends.ids, levels, several(at_least), forecaster.seed, ends.counts)
    values, lower, upper, chances = told
    if forecaster.whole_numbers:
        values, lower, upper = serving.outwards(values, lower, upper)
    last = tuple(labels[-1] for labels in labels_ahead(ends, horizon))
    told = (values, lower, upper, chances)
    return TotalForecast(ends.ids, last, *told, ends.frequency, ends.id_columns, notes)


def paths_of(
    forecaster: GlobalForecaster, panel: Any, horizon: int | None, count: int, future: Any
) -> np.ndarray:
    """Return paths through the next periods, (count, B, H); see GlobalForecaster.sample_paths."""
    model, here, _ = serving.model_for(forecaster, panel)
    horizon, _ = serving.wanted(forecaster, model, horizon, None)
    refuse(whole(1, MOST_PATHS)("count", count))
    ends, coming = here.panel, here.outlook(future, horizon)
    found = serving.drawing(model).forecasts(horizon, coming)
    drawn = sample_paths(found, ends.ids, count, forecaster.seed, ends.counts)
    return np.stack(list(drawn), axis=1)
