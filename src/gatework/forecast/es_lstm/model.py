"""A fitted model: members that are averaged, margins of intervals, and where the series stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from gatework.estimator.model_file import elsewhere
from gatework.forecast.es_lstm.calibration import ConformalMargins, conformal_margins
from gatework.forecast.es_lstm.fit import FittedMember, fit_member
from gatework.forecast.es_lstm.live import Live
from gatework.forecast.es_lstm.network import Widths
from gatework.forecast.es_lstm.problem import FIRST_JUDGED, Problem
from gatework.forecast.es_lstm.rolling import Forecasts, rolling_forecasts
from gatework.forecast.es_lstm.season import warm_up
from gatework.forecast.es_lstm.settings import EsLstmSettings

HELD_OUT = 0.2
"""Share of each series that intervals are calibrated on, by members that have not seen it."""

FitMember = Callable[[Problem, EsLstmSettings, int], FittedMember]


@dataclass(eq=False)
class SmoothingModel:
    """Networks over smoothers, fitted to some series.

    Attributes:
        settings: what the members were built and trained with. widths: of their inputs.
        season: periods of a season. horizon: steps ahead.
        members: networks that are averaged. margins: of the intervals.
        live: the series as they stand.
    """

    settings: EsLstmSettings
    widths: Widths
    season: int
    horizon: int
    members: list[FittedMember]
    margins: ConformalMargins
    live: Live

    FILE = elsewhere("gatework.forecast.es_lstm.model_file", "MODEL")

    @classmethod
    def of(
        cls,
        settings: EsLstmSettings,
        members: Sequence[FittedMember],
        margins: ConformalMargins,
        problem: Problem,
    ) -> Self:
        """Put together what was fitted to a problem; its series stand where it ends."""
        widths, live = members[0].network.widths, Live.start(members, problem)
        season, horizon = problem.season, problem.horizon
        return cls(settings, widths, season, horizon, list(members), margins, live)

    def forecasts(self, outlook: np.ndarray | None = None) -> Forecasts:
        """Return the forecasts of the periods to come; outlook is (B, H, Q)."""
        return self.live.forecasts(self.members, outlook)

    def interval(self, forecasts: Forecasts, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of an interval in the series' own numbers."""
        return self.margins.interval(forecasts, level, self.settings.distribution)


@dataclass(frozen=True, eq=False)
class HeldOutForecasts:
    """Forecasts of values that the members had not seen, and the values.

    Shapes:
        forecasts: location (B, T, H). actual: (B, T, H), in the same units, nan where there is
        none. starts: (B,), first value of each series that was not seen.
    """

    forecasts: Forecasts
    actual: np.ndarray
    starts: np.ndarray


def fit_model(
    problem: Problem,
    settings: EsLstmSettings,
    seeds: Sequence[int],
    levels: Sequence[float],
    *,
    fit: FitMember = fit_member,
) -> tuple[SmoothingModel, HeldOutForecasts]:
    """Fit members to all of a problem, and margins with members fitted to its first part.

    What the latter forecast for the rest comes second. ``fit`` is what fits a member; another one
    may tell how far it is, or work elsewhere.
    """
    held_out = hold_out(problem, settings, seeds, fit=fit)
    members = [fit(problem, settings, seed) for seed in seeds]
    unseen, actual = held_out.forecasts, held_out.actual
    margins = conformal_margins(unseen, actual, levels, settings.distribution)
    return SmoothingModel.of(settings, members, margins, problem), held_out


def hold_out(
    problem: Problem, settings: EsLstmSettings, seeds: Sequence[int], *, fit: FitMember = fit_member
) -> HeldOutForecasts:
    """Return forecasts of the last part of each series by members that have not seen it."""
    starts = held_out_starts(problem.lengths, problem.season)
    shorter = problem.cut(starts)
    members = [fit(shorter, settings, seed) for seed in seeds]
    forecasts = rolling_forecasts(members, problem.with_known(starts))
    return HeldOutForecasts(*after(forecasts, problem, starts), starts)


def held_out_starts(lengths: np.ndarray, season: int) -> np.ndarray:
    """Return where the held-out part of each series begins, (B,); its end where it has none."""
    starts = lengths - np.maximum(np.round(HELD_OUT * lengths), 1).astype(np.int64)
    least = np.array([max(FIRST_JUDGED, warm_up(int(n), season)) + 2 for n in starts])
    return np.where(starts >= least, starts, lengths)


def after(
    forecasts: Forecasts, problem: Problem, starts: np.ndarray
) -> tuple[Forecasts, np.ndarray]:
    """Return the forecasts made from the value before ``starts`` on, and what came, (B, T, H).

    What was forecast or came before is nan.
    """
    steps = forecasts.location.shape[1]
    early = np.arange(steps) < starts[:, None] - 1
    location = np.where(early[..., None], np.nan, forecasts.location)
    actual = problem.targets().transpose(1, 0, 2)
    late = replace(forecasts, location=location)
    # Targets are in the units of their problem, which may differ from those of the forecasts.
    same = actual * problem.units[:, None, None] / forecasts.units[:, None, None]
    return late, np.where(np.isnan(location), np.nan, same)
