"""What is to be learned: series in their units, and which forecasts of them count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.forecast.es_lstm.bank import TINY, Bank, BankState
from gatework.forecast.es_lstm.season import warm_up
from gatework.forecast.es_lstm.track import Track, run
from gatework.forecast.series import Series

FIRST_JUDGED = 8
"""Values that a series without season must have shown before its forecasts count."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Series to be forecast, each in its unit, with the covariates of the network.

    Attributes:
        values: (B, T), in units, nan where missing and after the end.
        lengths: (B,), periods of each series.
        known: (B,), periods at its beginning that units and first seasonal indices come from;
            fewer than the length where a network fitted to them forecasts what follows.
        units: (B,), what one unit of a series is in its own numbers.
        season: periods of a season, 1 for none. horizon: steps ahead.
        multiplicative: (B,), whether the seasonal indices of a series multiply.
        floor: (B,), least forecast: 0 for counts, -inf for none.
        covariates: (B, T, E), known by the end of their period; None for none.
        outlook: (B, T + horizon, Q), known in advance; None for none.
    """

    values: np.ndarray
    lengths: np.ndarray
    known: np.ndarray
    units: np.ndarray
    season: int
    horizon: int
    multiplicative: np.ndarray
    floor: np.ndarray
    covariates: np.ndarray | None = None
    outlook: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        values: np.ndarray,
        lengths: np.ndarray,
        season: int,
        horizon: int,
        *,
        known: np.ndarray | None = None,
        counts: bool | np.ndarray = False,
        covariates: np.ndarray | None = None,
        outlook: np.ndarray | None = None,
    ) -> Problem:
        """Return the problem of series in their own numbers; (B, T), nan where missing.

        The unit of a series is the mean size of its values. Indices multiply where every value is
        positive. ``counts`` says which series are never below 0, all or each, (B,).
        """
        known = lengths if known is None else known
        first = np.where(np.arange(values.shape[1]) < known[:, None], values, np.nan)
        size = np.nansum(np.abs(first), axis=1) / np.maximum((~np.isnan(first)).sum(axis=1), 1)
        units = np.where(size > 0, size, 1.0)
        positive = np.where(np.isnan(first), np.inf, first).min(axis=1) > 0
        floor = np.where(np.broadcast_to(counts, len(values)), 0.0, -np.inf)
        return cls(
            values / units[:, None],
            lengths,
            known,
            units,
            season,
            horizon,
            positive & (season > 1),
            floor,
            covariates,
            outlook,
        )

    @classmethod
    def of_series(
        cls, series: Series, stop: int, horizon: int, *, season: int, known: int | None = None
    ) -> Problem:
        """Return the problem of the first ``stop`` values of a series.

        Units and first indices come from the first ``known`` of them, where it is given.
        """
        return cls.of(
            series.values[None, :stop].copy(),
            np.array([stop]),
            season,
            horizon,
            known=np.array([stop if known is None else min(known, stop)]),
            counts=series.counts,
        )

    def __len__(self) -> int:
        return len(self.values)

    def bank(self) -> Bank:
        """Return the smoothers for these series."""
        return Bank(self.season, self.horizon, self.multiplicative, self.floor)

    def begin(self) -> BankState:
        """Return their state before the first value."""
        return self.bank().begin(self.values, self.known)

    def track(self) -> Track:
        """Return what the smoothers say after every value."""
        return run(self.bank(), self.begin(), self.values, self.lengths)

    def rows(self, rows: np.ndarray) -> Problem:
        """Return the problem of some of the series, as long as the longest of them."""
        longest = int(self.lengths[rows].max())
        return Problem(
            self.values[rows, :longest],
            self.lengths[rows],
            self.known[rows],
            self.units[rows],
            self.season,
            self.horizon,
            self.multiplicative[rows],
            self.floor[rows],
            None if self.covariates is None else self.covariates[rows, :longest],
            None if self.outlook is None else self.outlook[rows, : longest + self.horizon],
        )

    def cut(self, ends: np.ndarray) -> Problem:
        """Return the problem of the first ``ends`` (B,) periods of each series, in new units."""
        beyond = np.arange(self.values.shape[1]) >= ends[:, None]
        values = np.where(beyond, np.nan, self.values * self.units[:, None])
        return self._again(values, ends, ends)

    def with_known(self, known: np.ndarray) -> Problem:
        """Return the same problem with the units of ``cut(known)``."""
        return self._again(self.values * self.units[:, None], self.lengths, known)

    def _again(self, values: np.ndarray, lengths: np.ndarray, known: np.ndarray) -> Problem:
        return Problem.of(
            values,
            lengths,
            self.season,
            self.horizon,
            known=known,
            counts=self.floor == 0,
            covariates=self.covariates,
            outlook=self.outlook,
        )

    def targets(self) -> np.ndarray:
        """Return what follows each value, (T, B, H), nan where it is missing or beyond the end."""
        count, steps = self.values.shape
        longer = np.full((count, steps + self.horizon), np.nan)
        longer[:, :steps] = self.values
        for row, length in enumerate(self.lengths):
            longer[row, length:] = np.nan
        ahead = np.arange(steps)[:, None] + np.arange(1, self.horizon + 1)  # (T, H)
        return longer[:, ahead].transpose(1, 0, 2)

    def judged_from(self) -> np.ndarray:
        """Return the first step of each series whose forecasts count, (B,)."""
        return np.array(
            [max(FIRST_JUDGED, warm_up(int(n), self.season)) for n in self.known], dtype=np.int64
        )

    def spread(self, loss: str) -> np.ndarray:
        """Return what the loss of each series is divided by, (B,), so that all weigh alike."""
        if loss == "smape":
            return np.ones(len(self))
        centred = self.values - np.nanmean(self.values, axis=1, keepdims=True)
        size = np.square(centred) if loss == "squared" else np.abs(centred)
        return np.nanmean(size, axis=1) + TINY
