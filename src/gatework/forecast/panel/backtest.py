"""What a forecaster of many series would have forecast, from every origin, and how good it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatework.forecast import metrics
from gatework.forecast.backtest import HORIZONS
from gatework.forecast.es_lstm.model import HeldOut
from gatework.forecast.panel.panel import Panel


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts from every origin in the last part of each series, and what came.

    An origin is a period of that part; the forecast made there knows every value before it.

    Shapes:
        forecasts, actual: (B, O, H), nan where there is no origin or no value.
        lower, upper: by level, (B, O, H). scales: (B,), of the MASE.
    """

    ids: tuple[str, ...]
    forecasts: np.ndarray
    actual: np.ndarray
    lower: dict[float, np.ndarray]
    upper: dict[float, np.ndarray]
    scales: np.ndarray

    def scores(self, horizons: Sequence[int] = HORIZONS) -> dict[int, dict[str, float]]:
        """Return every measure by steps ahead, over all series and origins.

        They are "rmse", "mae", "smape" (%), "mase" (over series that have a scale), and for each
        level "coverage LEVEL" and the mean pinball loss of its ends, "pinball LEVEL".
        """
        return {
            steps: self._scores(self.actual[..., steps - 1], self.forecasts[..., steps - 1], steps)
            for steps in horizons
            if steps <= self.forecasts.shape[2] and not np.isnan(self.actual[..., steps - 1]).all()
        }

    def by_series(self, measure: str = "rmse") -> dict[str, dict[int, float]]:
        """Return "rmse", "mae" or "smape" of each series by steps ahead in HORIZONS."""
        function = {"rmse": metrics.rmse, "mae": metrics.mae, "smape": metrics.smape}[measure]
        return {
            name: {
                steps: function(self.actual[row, :, steps - 1], self.forecasts[row, :, steps - 1])
                for steps in HORIZONS
                if steps <= self.forecasts.shape[2]
            }
            for row, name in enumerate(self.ids)
        }

    def _scores(self, actual: np.ndarray, forecast: np.ndarray, steps: int) -> dict[str, float]:
        found = {
            "rmse": metrics.rmse(actual, forecast),
            "mae": metrics.mae(actual, forecast),
            "smape": metrics.smape(actual, forecast),
            "mase": metrics.mase(actual, forecast, self.scales[:, None]),
        }
        for level in self.lower:
            low, high = self.lower[level][..., steps - 1], self.upper[level][..., steps - 1]
            tail = (1 - level) / 2
            ends = metrics.pinball(actual, low, tail), metrics.pinball(actual, high, 1 - tail)
            found[f"coverage {level:g}"] = metrics.coverage(actual, low, high)
            found[f"pinball {level:g}"] = sum(ends) / 2
        return found


def held_out_backtest(panel: Panel, held: HeldOut) -> Backtest:
    """Return held-out forecasts as a backtest without intervals."""
    count = max(int((panel.lengths - held.starts).max()), 1)
    forecasts = held.forecasts
    actual = held.actual * forecasts.units[:, None, None]
    return Backtest(
        panel.ids,
        from_origins(forecasts.values, held.starts, panel.lengths, count),
        from_origins(actual, held.starts, panel.lengths, count),
        {},
        {},
        scales_of(panel, held.starts),
    )


def last_share(lengths: np.ndarray, share: float) -> np.ndarray:
    """Return where the last ``share`` of each series begins, (B,), at least its last period."""
    return lengths - np.maximum(np.round(share * lengths), 1).astype(np.int64)


def from_origins(
    values: np.ndarray, starts: np.ndarray, lengths: np.ndarray, count: int
) -> np.ndarray:
    """Return what belongs to the first ``count`` origins of each series.

    Shapes:
        values: (..., B, T, H), of forecasts after each value. Returns (..., B, count, H), nan
        where a series has ended.
    """
    known = starts[:, None] - 1 + np.arange(count)  # (B, count), the value known last
    beyond = known >= lengths[:, None] - 1
    steps = np.minimum(known, values.shape[-2] - 1)[..., None]
    steps = steps.reshape((1,) * (values.ndim - 3) + steps.shape)
    return np.where(beyond[..., None], np.nan, np.take_along_axis(values, steps, axis=-2))


def scales_of(panel: Panel, starts: np.ndarray) -> np.ndarray:
    """Return the scale of the MASE of each series, from its values before ``starts``, (B,)."""
    return np.array(
        [
            metrics.naive_error(panel.values[row, :start], panel.season)
            for row, start in enumerate(starts)
        ]
    )
