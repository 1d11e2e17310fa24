"""What a Forecaster forecasts with, and what it can be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gatework.checks import refuse
from gatework.errors import OptionError
from gatework.forecast.checks import check_ahead, check_horizon, several, wrong_level, wrong_totals
from gatework.forecast.local.blend import Blend
from gatework.forecast.local.refit import forecast_points
from gatework.forecast.method import FittedForecast
from gatework.forecast.panel.result import TotalForecast
from gatework.forecast.pretrained.fitted import FittedPretrained
from gatework.forecast.pretrained.plain import network_of, why_plain
from gatework.forecast.pretrained.totals import sample_paths, totals_of
from gatework.forecast.result import ForecastPoints

if TYPE_CHECKING:
    from gatework.forecast.local.forecaster import Forecaster


def fitted_for(forecaster: Forecaster, series: Any = None) -> FittedForecast:
    """Return what forecasts: what was fitted, or where another series stands.

    Raises:
        NotFittedError: when nothing was fitted, and no series is given.
        OptionError: where networks are fitted to the one series that they forecast.
    """
    if series is None:
        forecaster.check_fitted()
        return forecaster.fitted_
    if forecaster.model != "lstm":
        raise OptionError(
            "the weights of model='auto' are those of one series",
            hint="forecaster.fit(series).predict(), or leave model out",
        )
    known = getattr(forecaster, "fitted_", None)
    if not isinstance(known, FittedPretrained | None) or forecaster.searched:
        raise OptionError(
            "networks that a search fits to a series forecast that one",
            hint="forecaster.fit(series).predict()",
        )
    series = forecaster.check(series)
    network = network_of(forecaster.network) if known is None else known.standing.network
    return FittedPretrained.of(network, series, forecaster.horizon, forecaster.level)


def asked_of(
    forecaster: Forecaster,
    fitted: FittedForecast,
    horizon: int | None,
    levels: Sequence[float] | float | None,
    level: float | None = None,
) -> tuple[int, list[float]]:
    """Return horizon and levels as they are asked for.

    Raises:
        OptionError: for what is out of range, or another than was fitted for.
    """
    horizon = forecaster.horizon if horizon is None else horizon
    refuse(wrong_level(level, levels))
    wanted = [forecaster.level if level is None else level] if levels is None else several(levels)
    if isinstance(fitted, FittedPretrained):
        check_ahead(horizon)
        return horizon, wanted
    check_horizon(horizon, fitted.furthest, f"Forecaster(horizon={horizon}).fit(series)")
    if other := [one for one in wanted if one != forecaster.level]:
        raise OptionError(
            f"the intervals were fitted for the level {forecaster.level:g}, got {other[0]:g}",
            hint=f"Forecaster(level={other[0]:g}).fit(series)",
        )
    return horizon, wanted


def points_of(
    fitted: FittedForecast, blend: Blend | None, horizon: int, levels: Sequence[float]
) -> ForecastPoints:
    """Return the forecast of the next periods, with intervals of the levels."""
    if not isinstance(fitted, FittedPretrained):
        points = {levels[0]: forecast_points(fitted, blend, horizon)}
    else:
        points = {level: fitted.predict(horizon, level) for level in levels}
        if blend is not None:
            points = {level: blend.points(own) for level, own in points.items()}
    return ForecastPoints.of(points[levels[0]], fitted.tail, levels[0], points)


def told(forecaster: Forecaster) -> str:
    """Return which network forecasts, and what is known of that, in words."""
    found = forecaster.fitted_
    why = why_plain(found.standing.network) if isinstance(found, FittedPretrained) else ""
    return ": ".join(filter(None, (forecaster.served_, why, forecaster.judged_)))


def drawing(fitted: FittedForecast, blend: Blend | None) -> FittedPretrained:
    """Return what was fitted as what draws paths.

    Raises:
        OptionError: when its networks were fitted to the series.
    """
    if blend is not None:
        raise pathless_mean()
    if isinstance(fitted, FittedPretrained):
        return fitted
    raise pathless(fitted.method)


def pathless_mean() -> OptionError:
    """Return what is said where a total is asked of a mean of models."""
    return OptionError(
        "paths are drawn by the network alone, without the other models of model='auto'",
        hint="leave model='auto' (--model auto) out",
    )


def pathless(method: str) -> OptionError:
    """Return what is said where a total is asked of networks that are fitted to a series."""
    return OptionError(
        f"networks of the method {method!r} draw no paths, from which a total would come",
        hint="leave the search out: the pretrained network does",
    )


def paths_of(fitted: FittedPretrained, horizon: int, count: int, seed: int) -> np.ndarray:
    """Return so many paths through the periods to come, (count, H)."""
    found, counts = fitted.forecasts(horizon), np.array([fitted.counts])
    return next(sample_paths(found, [fitted.tail.name], count, seed, counts))


def total_of(
    fitted: FittedPretrained,
    horizon: int,
    levels: Sequence[float],
    at_least: Sequence[float] | float,
    seed: int,
) -> TotalForecast:
    """Return what the next periods come to together."""
    refuse(wrong_totals(at_least))
    names, found = (fitted.tail.name,), fitted.forecasts(horizon)
    told = totals_of(found, names, levels, several(at_least), seed, np.array([fitted.counts]))
    last = fitted.tail.future_labels(horizon)[-1]
    return TotalForecast(names, (last,), *told, fitted.tail.frequency)
