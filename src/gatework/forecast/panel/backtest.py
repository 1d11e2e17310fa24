"""What would have been forecast from every origin, and how good it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from gatework.errors import OptionError
from gatework.forecast import metrics
from gatework.forecast.backtest import HORIZONS, outcomes
from gatework.forecast.frames import ForecastTable, Library, interval_numbers
from gatework.forecast.metrics import Held, held_by
from gatework.forecast.panel.panel import Panel


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts from every origin in the last part of each series, and what came.

    An origin is a period of that part; the forecast made there knows every value before it.
    ``panel`` and ``starts`` (B,) tell the names of the periods, where they are known.

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
    panel: Panel | None = None
    starts: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        panel: Panel,
        starts: np.ndarray,
        forecasts: np.ndarray,
        lower: Mapping[float, np.ndarray] | None = None,
        upper: Mapping[float, np.ndarray] | None = None,
    ) -> Self:
        """Return the backtest of forecasts (B, O, H) made at each origin from ``starts`` (B,) on.

        Outcomes, and the scales from the values before ``starts``, are those of the panel.
        """
        actual = [
            outcomes(panel.values[row, :length], int(starts[row]), *forecasts.shape[1:])
            for row, length in enumerate(panel.lengths)
        ]
        ends = dict(lower or {}), dict(upper or {})
        scales = scales_of(panel, starts)
        return cls(panel.ids, forecasts, np.stack(actual), *ends, scales, panel, starts)

    def beside(self, forecasts: np.ndarray) -> Self:
        """Return the backtest of another model's forecasts (B, O, H), of the same outcomes."""
        return replace(self, forecasts=forecasts, lower={}, upper={})

    def moved(self, forecasts: np.ndarray, lowest: float) -> Self:
        """Return the backtest of other forecasts (B, O, H), with the same intervals around them.

        No end is below ``lowest``.
        """
        shift = forecasts - self.forecasts
        lower, upper = (
            {level: np.maximum(end + shift, lowest) for level, end in ends.items()}
            for ends in (self.lower, self.upper)
        )
        return replace(self, forecasts=forecasts, lower=lower, upper=upper)

    @property
    def errors(self) -> np.ndarray:
        """Return forecast minus actual, (B, O, H), nan where there is none."""
        return self.forecasts - self.actual

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each forecast whose outcome is known, by series, origin and step.

        The columns are unique_id, cutoff (the last period that was known), ds, y, forecast, and for
        each level its ends, such as lower-90 and upper-90.

        Raises:
            OptionError: the periods are not known.
        """
        return self.table().rows()

    def to_frame(self, library: Library = "pandas") -> Any:
        """Return the rows as a data frame of "pandas", "polars" or "pyarrow", with real dates.

        Raises:
            OptionError: when it is another library, or one that is not installed.
        """
        return self.table().to_frame(library)

    def table(self) -> ForecastTable:
        """Return the table of which rows and frames are made."""
        if self.panel is None or self.starts is None:
            raise OptionError(
                "this backtest does not know its periods", hint="Backtest.of(panel, starts, ...)"
            )
        known = ~np.isnan(self.errors)
        series, origins, steps = (axis.tolist() for axis in np.nonzero(known))
        horizon = self.forecasts.shape[2]
        names = [
            [*self.panel.labels(row), *self.panel.future_labels(row, horizon)]
            for row in range(len(self.ids))
        ]
        at = [int(self.starts[row]) + origin for row, origin in zip(series, origins, strict=True)]
        lower, upper = (
            {level: one[known] for level, one in ends.items()} for ends in (self.lower, self.upper)
        )
        told = interval_numbers(self.forecasts[known], lower, upper)
        return ForecastTable(
            [self.ids[row] for row in series],
            [names[row][one + step] for row, one, step in zip(series, at, steps, strict=True)],
            self.panel.frequency,
            {"y": self.actual[known].tolist()} | told,
            self.panel.id_columns,
            [names[row][one - 1] for row, one in zip(series, at, strict=True)],
        )

    def scores(self, horizons: Sequence[int] = HORIZONS) -> dict[int, dict[str, float]]:
        """Return every measure by steps ahead, over all series and origins.

        They are "rmse", "mae", "smape" (%), "mase" (over series that have a scale), "n", the number
        of outcomes, and for each level "coverage LEVEL" and the mean pinball loss of its ends,
        "pinball LEVEL".
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
            "n": int((~np.isnan(forecast - actual)).sum()),
        }
        for level in self.lower:
            held = self._held(level, steps)
            found[f"coverage {level:g}"] = held.share
            found[f"pinball {level:g}"] = held.pinball
        return found

    def held(self, level: float) -> dict[int, Held]:
        """Return what the intervals of a level held, by every step ahead that has an outcome."""
        by_steps = {at: self._held(level, at) for at in range(1, self.forecasts.shape[2] + 1)}
        return {steps: held for steps, held in by_steps.items() if held.outcomes}

    def _held(self, level: float, steps: int) -> Held:
        low, high = self.lower[level][..., steps - 1], self.upper[level][..., steps - 1]
        return held_by(self.actual[..., steps - 1], low, high, level)


def last_share(lengths: np.ndarray, share: float, least: int = 0) -> np.ndarray:
    """Return where the last ``share`` of each series begins, (B,), at least its last period.

    A series with fewer than ``least`` periods before it has none: its end is returned.
    """
    starts = lengths - np.maximum(np.round(share * lengths), 1).astype(np.int64)
    return np.where(starts < least, lengths, starts)


def scales_of(panel: Panel, starts: np.ndarray) -> np.ndarray:
    """Return the scale of the MASE of each series, from its values before ``starts``, (B,)."""
    return np.array(
        [
            metrics.naive_error(panel.values[row, :start], panel.season)
            for row, start in enumerate(starts)
        ]
    )
