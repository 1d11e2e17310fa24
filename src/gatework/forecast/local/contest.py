"""What serves a series: the pretrained network, or another that surely forecasts it better."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gatework.errors import counted
from gatework.extras import needing
from gatework.forecast.backtest import SeriesSplit, forecast_errors, mean_rmse, outcomes, split
from gatework.forecast.digits import number_text
from gatework.forecast.local import refit
from gatework.forecast.local.methods import DEFAULT_METHOD, method_of
from gatework.forecast.local.search import SEARCH_ARGUMENTS, choosing, search
from gatework.forecast.method import Method
from gatework.forecast.pretrained.example import Example
from gatework.forecast.pretrained.method import PretrainedMethod, PretrainedNetworks
from gatework.forecast.pretrained.model import PretrainedNetwork
from gatework.forecast.pretrained.plain import name_of, network_of, serving
from gatework.forecast.series import Series
from gatework.forecast.verdict import Verdict, judge, scales_of, too_few, untold
from gatework.search import Outcome, SearchResult, Trial

if TYPE_CHECKING:
    from gatework.train import Progress


@dataclass(frozen=True)
class Chosen:
    """What serves, and how it was found.

    Attributes:
        method: what serves, with its ``parameters``. trials: of a search, ``start`` what it began
        with, and ``found`` what it chose where that does not serve. verdict: on networks beside the
        pretrained ones.
    """

    method: Method
    parameters: Mapping[str, Any] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
    start: Trial | None = None
    verdict: Verdict | None = None
    found: Mapping[str, Any] = field(default_factory=dict)


class TunedMethod(PretrainedMethod):
    """Pretrained networks that are tuned to as much of the series as is known."""

    def __init__(
        self,
        network: PretrainedNetwork | None,
        seed: int,
        progress: Progress | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__(network)
        self.how: dict[str, Any] = {"seed": seed, "progress": progress}
        self.checkpoint = checkpoint
        self.found: dict[int, PretrainedNetwork] = {}

    def fit(
        self,
        series: Series,
        end: int,
        horizon: int,
        parameters: Mapping[str, Any],
        seeds: Sequence[int],
        **_how: Any,
    ) -> PretrainedNetworks:
        """Return networks that are tuned to the first ``end`` values."""
        if end not in self.found:
            with needing("torch", "tuning needs torch", part="train"):
                from gatework.forecast.pretrained.tune import tuned
            folder = None if self.checkpoint is None else Path(self.checkpoint) / str(end)
            example = Example(series.name, "", series.values[:end], series.season)
            network = self.network or serving()
            self.found[end] = tuned(network, [example], checkpoint=folder, **self.how)
        return self.networks(self.found[end], series, horizon)


def chosen(forecaster: Any, series: Series, taken: str) -> Chosen:
    """Return what serves as a Forecaster says, after a search or a tuning where one is asked for.

    ``taken`` is its method for the series. One that is named serves as it is named.
    """
    network = None if forecaster.network is None else network_of(forecaster.network)
    base, horizon = PretrainedMethod(network), forecaster.horizon
    if taken == DEFAULT_METHOD and forecaster.tune:
        how = (forecaster.seed, forecaster.progress, forecaster.checkpoint)
        return tuned_or_not(series, horizon, base, TunedMethod(network, *how))
    if taken == DEFAULT_METHOD:
        return Chosen(base)
    method, judged = method_of(taken), forecaster.method == DEFAULT_METHOD
    how = {name: getattr(forecaster, name) for name in SEARCH_ARGUMENTS}
    how |= {"start": partial(start_of, series, horizon, base) if judged else None}
    found = search(series, method, horizon, judged=judged, **how)
    if not judged:
        return Chosen(method, found.best.parameters, found.trials)
    return found_or_not(series, horizon, base, method, found, forecaster.seed)


def tuned_or_not(
    series: Series, horizon: int, base: PretrainedMethod, challenger: TunedMethod
) -> Chosen:
    """Return what serves, and why: networks that are tuned to the series, or those that are not."""
    n = len(series)
    cut = split(n) if n >= refit.LEAST_SCORED else SeriesSplit(n, n, n)
    origins = cut.test_start - cut.train_end
    if why := too_few(origins, horizon):
        verdict = untold("tuned", origins, why)
    else:
        parts = (cut.train_end, cut.train_end, cut.test_start)
        verdict = _verdict("tuned", series, horizon, (challenger, base), parts)
    serves = challenger if verdict.kept else base
    serves.judged = verdict
    return Chosen(serves, verdict=verdict)


def start_of(series: Series, horizon: int, base: PretrainedMethod) -> Outcome:
    """Return what the pretrained networks are worth on the origins that a search chooses by."""
    cut = split(len(series))
    half = choosing(cut).test_start
    networks = base.fit(series, cut.train_end, horizon, {}, [])
    forecasts = networks.forecasts(series, cut.train_end, half)
    errors = forecast_errors(forecasts, series.values[:half], cut.train_end)
    return Outcome(mean_rmse(errors), {"network": name_of(networks.network)})


def found_or_not(
    series: Series,
    horizon: int,
    base: PretrainedMethod,
    challenger: Method,
    result: SearchResult,
    seed: int,
) -> Chosen:
    """Return what serves, and why: the networks that a search found, or the pretrained ones.

    The search chose on the first half of the validation part; what it found is judged on the
    second, so that a good one among many trials by chance is none.
    """
    cut = split(len(series))
    half = choosing(cut).test_start
    began = math.nan if result.start is None else result.start.error
    best = result.best.parameters
    errors = [number_text(math.nan if one is None else one) for one in (began, result.best.error)]
    told = (
        f"the search began with the pretrained network, whose RMSE is {errors[0]} on the "
        f"{counted(half - cut.train_end, 'origin')} that the search chose by; that of its "
        f"best trial is {errors[1]}"
    )
    origins = cut.test_start - half
    if why := too_few(origins, horizon):
        verdict = untold("searched", origins, why, told)
    else:
        parts = (cut.train_end, half, cut.test_start)
        how = {"parameters": best, "seed": seed, "told": told}
        verdict = _verdict("searched", series, horizon, (challenger, base), parts, **how)
    if verdict.kept:
        return Chosen(challenger, best, result.trials, result.start, verdict)
    base.judged = verdict
    return Chosen(base, {}, result.trials, result.start, verdict, best)


def _verdict(
    name: str,
    series: Series,
    horizon: int,
    methods: tuple[Method, Method],
    parts: tuple[int, int, int],
    *,
    parameters: Mapping[str, Any] | None = None,
    seed: int = 0,
    told: str = "",
) -> Verdict:
    """Judge networks of two methods that know a series up to ``parts``' first, from second on."""
    end, start, stop = parts
    seeds = [seed + member for member in range(refit.MEMBERS)]
    came = outcomes(series.values[:stop], start, stop - start, horizon)
    errors = []
    for method in methods:
        fitted = method.fit(series, end, horizon, parameters or {}, seeds, validate_to=start)
        errors.append((fitted.forecasts(series, start, stop) - came)[None])
    scales = scales_of(series.values[None], np.array([start]), series.season)
    return judge(name, errors[0], errors[1], scales, told)
