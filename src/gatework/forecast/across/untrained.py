"""The pretrained network over a panel: it forecasts at once, and nothing is fitted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.panel import Panel
from gatework.forecast.pretrained.ahead import ForecastsAhead
from gatework.forecast.pretrained.model import PretrainedNetwork, Standing
from gatework.forecast.pretrained.plain import JUDGED, name_of, serving, verdict_said
from gatework.forecast.pretrained.totals import ByLevel

ROWS = 256
"""Series that are forecast from all origins at a time."""


RollingForecasts = Callable[
    [np.ndarray, np.ndarray, int, int], Iterator[tuple[int, ForecastsAhead]]
]
"""Says forecasts of some rows, of these lengths, so far ahead, after each value from one on."""


@dataclass(eq=False)
class PretrainedModel:
    """Series as they stand with the pretrained network."""

    standing: Standing

    @classmethod
    def of(cls, panel: Panel, network: PretrainedNetwork | None = None) -> Self:
        """Return where the series of a panel stand after their last values."""
        lengths = np.asarray(panel.lengths, np.int64)
        return cls((network or serving()).begin(panel.values, lengths, panel.season))

    @property
    def served(self) -> str:
        """Return what forecasts, as GlobalForecaster.served_ says."""
        return name_of(self.standing.network)

    @property
    def judged(self) -> str:
        """Return what was found of other networks beside these, in words."""
        return verdict_said(self.standing.network)

    @property
    def verdict(self) -> dict[str, Any] | None:
        """Return the same with its numbers, as JSON values."""
        return self.standing.network.about.get(JUDGED)

    def forecasts(self, horizon: int, coming: np.ndarray | None = None) -> ForecastsAhead:
        """Return the forecasts of so many periods; ``coming`` (B, H, Q) is known of them."""
        return self.standing.forecasts(horizon)

    def advance(
        self,
        values: np.ndarray,
        past: np.ndarray | None = None,
        coming: np.ndarray | None = None,
    ) -> None:
        """Go on by values (B,), with past covariates (B, P) and those known before (B, 1, Q)."""
        self.standing.advance(values)

    def predicted(
        self, horizon: int, levels: Sequence[float], coming: np.ndarray | None = None
    ) -> tuple[np.ndarray, ByLevel, ByLevel]:
        """Return forecasts (B, H), and by level the lower and the upper ends of intervals."""
        found = self.forecasts(horizon, coming)
        return found.location, *interval_ends(found, levels)


def interval_ends(found: ForecastsAhead, levels: Sequence[float]) -> tuple[ByLevel, ByLevel]:
    """Return the ends of intervals of these levels, which hold the forecast, (B, H), by level."""
    tails = [(1 - level) / 2 for level in levels]
    ends = found.quantiles([*tails, *(1 - tail for tail in tails)])
    low, high = np.split(ends, 2)
    low, high = np.minimum(low, found.location), np.maximum(high, found.location)
    return dict(zip(levels, low, strict=True)), dict(zip(levels, high, strict=True))


def untrained_backtest(
    panel: Panel,
    starts: np.ndarray,
    horizon: int,
    levels: Sequence[float],
    roll: RollingForecasts,
) -> Backtest:
    """Return what would have been forecast from the periods from ``starts`` (B,) on."""
    origins = max(int((panel.lengths - starts).max()), 1)
    shape = (len(panel), origins, horizon)
    forecasts = np.full(shape, np.nan)
    lower, upper = ({level: np.full(shape, np.nan) for level in levels} for _ in range(2))
    for rows, at, found in _from_origins(panel, starts, horizon, roll):
        forecasts[rows, at] = found.location
        low, high = interval_ends(found, levels) if levels else ({}, {})
        for level in levels:
            lower[level][rows, at], upper[level][rows, at] = low[level], high[level]
    return Backtest.of(panel, starts, forecasts, lower, upper)


def rolling(panel: Panel, network: PretrainedNetwork | None = None) -> RollingForecasts:
    """Return what says the forecasts of the pretrained network alone."""
    taken = network or serving()

    def roll(
        rows: np.ndarray, lengths: np.ndarray, horizon: int, since: int
    ) -> Iterator[tuple[int, ForecastsAhead]]:
        values = panel.values[rows, : int(lengths.max())]
        return taken.rolling(values, lengths, panel.season, horizon, since)

    return roll


def _from_origins(
    panel: Panel, starts: np.ndarray, horizon: int, roll: RollingForecasts
) -> Iterator[tuple[np.ndarray, np.ndarray, ForecastsAhead]]:
    """Yield rows, the number of the origin of each, and what is forecast there."""
    every = np.flatnonzero(starts < panel.lengths)
    every = every[np.argsort(starts[every], kind="stable")]
    for first in range(0, len(every), ROWS):
        rows = every[first : first + ROWS]
        begins, lengths = starts[rows], np.asarray(panel.lengths, np.int64)[rows]
        for known, found in roll(rows, lengths, horizon, int(begins.min())):
            there = np.flatnonzero((begins <= known) & (known < lengths))
            if there.size:
                yield rows[there], known - begins[there], found.rows(there)
