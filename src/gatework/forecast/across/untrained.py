"""The pretrained network over a panel: it forecasts at once, and nothing is fitted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
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


MOST_KEPT = 20_000
"""Series of which it is kept how they stood before; of more it would take too much memory."""

RollingForecasts = Callable[
    [np.ndarray, np.ndarray, int, int], Iterator[tuple[int, ForecastsAhead]]
]
"""Says forecasts of some rows, of these lengths, so far ahead, after each value from one on."""


@dataclass(eq=False)
class PretrainedModel:
    """Series as they stand with the pretrained network.

    ``earlier`` is how they stood just before some of their last periods, where that was kept.
    """

    standing: Standing
    earlier: Standing | None = field(default=None, kw_only=True)

    @classmethod
    def of(
        cls,
        panel: Panel,
        network: PretrainedNetwork | None = None,
        starts: np.ndarray | None = None,
    ) -> Self:
        """Return where the series of a panel stand after their last values.

        With ``starts`` (B,) it is kept how they stood before these periods.
        """
        lengths, taken = np.asarray(panel.lengths, np.int64), network or serving()
        if starts is None or len(panel) > MOST_KEPT:
            return cls(taken.begin(panel.values, lengths, panel.season))
        ends = [lengths, np.asarray(starts, np.int64)]
        standing, earlier = taken.stands(panel.values, ends, panel.season)
        return cls(standing, earlier=earlier)

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
    before: Standing | None = None,
) -> Backtest:
    """Return what would have been forecast from the periods from ``starts`` (B,) on.

    ``before`` is how the series stood there, so that what came earlier is not gone over again.
    """
    origins = max(int((panel.lengths - starts).max()), 1)
    shape = (len(panel), origins, horizon)
    forecasts = np.full(shape, np.nan)
    lower, upper = ({level: np.full(shape, np.nan) for level in levels} for _ in range(2))
    made = (
        _from_origins(panel, starts, horizon, roll)
        if before is None
        else _going_on(panel, starts, horizon, before)
    )
    for rows, at, found in made:
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
    for rows in _in_parts(panel, starts):
        begins, lengths = starts[rows], np.asarray(panel.lengths, np.int64)[rows]
        for known, found in roll(rows, lengths, horizon, int(begins.min())):
            there = np.flatnonzero((begins <= known) & (known < lengths))
            if there.size:
                yield rows[there], known - begins[there], found.rows(there)


def _going_on(
    panel: Panel, starts: np.ndarray, horizon: int, before: Standing
) -> Iterator[tuple[np.ndarray, np.ndarray, ForecastsAhead]]:
    """Yield the same from how the series stood just before their first origins."""
    longest = panel.values.shape[1]
    for rows in _in_parts(panel, starts):
        standing, origins = before.rows(rows), np.asarray(panel.lengths)[rows] - starts[rows]
        for at in range(int(origins.max())):
            there = np.flatnonzero(at < origins)
            found = standing.forecasts(horizon).rows(there)
            yield rows[there], np.full(len(there), at), found
            place = starts[rows] + at
            came = panel.values[rows, np.minimum(place, longest - 1)]
            standing.advance(np.where(at < origins, came, np.nan))


def _in_parts(panel: Panel, starts: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the series that have an origin, some at a time, those with early ones first."""
    every = np.flatnonzero(starts < panel.lengths)
    every = every[np.argsort(starts[every], kind="stable")]
    for first in range(0, len(every), ROWS):
        yield every[first : first + ROWS]
