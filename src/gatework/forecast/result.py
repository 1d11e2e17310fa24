"""What a forecast comes to: values with intervals, scores, and how they were found."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from gatework.cell.summary import LayerSummary
from gatework.forecast.backtest import MEASURES, Accuracy, SeriesSplit
from gatework.forecast.frames import ForecastTable, Library, interval_numbers
from gatework.forecast.intervals import held_counts
from gatework.forecast.metrics import Held
from gatework.forecast.series import Series
from gatework.forecast.verdict import Verdict
from gatework.search import Trial

LSTM_NAME = "LSTM"
"""What our own model is called among the scores."""

PLAIN_MEAN = "plain mean"
"""What serves where the network that comes with the package is damaged: the mean of smoothers."""

AUTO_NAME = "auto"
"""What the choice or blend of the LSTM and a classical model is called among the scores."""


@dataclass(frozen=True)
class ForecastPoint:
    """The forecast of one period, with the interval that shall hold it, in the series' units."""

    period: str
    value: float
    lower: float
    upper: float


class ForecastPoints(tuple[ForecastPoint, ...]):
    """The forecast of one series, period by period, and as a table.

    Attributes:
        name, frequency: of the series. level: of the points' intervals.
        lower, upper: the ends of all intervals that were asked for, (H,), by level.
    """

    name: str
    frequency: str | None
    level: float
    lower: dict[float, np.ndarray]
    upper: dict[float, np.ndarray]

    @classmethod
    def of(
        cls,
        points: Iterable[ForecastPoint],
        series: Series,
        level: float,
        by_level: Mapping[float, Sequence[ForecastPoint]] | None = None,
    ) -> Self:
        """Return the points of a series, with intervals of a level, or of several."""
        found = cls(points)
        found.name, found.frequency, found.level = series.name, series.frequency, level
        each = {level: found} if by_level is None else by_level
        found.lower, found.upper = (
            {one: np.array([getattr(p, end) for p in each[one]]) for one in each}
            for end in ("lower", "upper")
        )
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each period: unique_id, ds as text, forecast, lower-90, upper-90."""
        return self.table().rows()

    def to_frame(self, library: Library = "pandas") -> Any:
        """Return the rows as a data frame of "pandas", "polars" or "pyarrow", with real dates.

        Raises:
            OptionError: when it is another library, or one that is not installed.
        """
        return self.table().to_frame(library)

    def table(self) -> ForecastTable:
        """Return the table of which rows and frames are made."""
        values = np.array([point.value for point in self])
        told = interval_numbers(values, self.lower, self.upper)
        labels = [point.period for point in self]
        return ForecastTable([self.name] * len(self), labels, self.frequency, told)


@dataclass(frozen=True, eq=False)
class ForecastResult:
    """A forecast and everything a reader needs to judge it.

    Attributes:
        series: what was forecast. horizon: periods ahead. level: share that the interval shall
            hold, from 0 to 1.
        forecast: the periods after the end of the series.
        scores: RMSE and MAE on the test part, by model and steps ahead; ours is "LSTM".
        split: where training, validation and test part begin. origins: forecasts in the scores.
        test_forecasts: (origins, H), the LSTM's forecasts from every origin of the test part, the
            first of which is its first period; the columns are the steps ahead.
        best_parameters: what the search chose. trials: what it tried. Both are empty without one.
            start: the pretrained network as the search valued it before its trials, where it did.
        layers: the network, its layers and at last its head. parameters: trainable numbers in all
            networks that are averaged.
        winners: the model with the least RMSE, by steps ahead; "tie" where the LSTM shares it.
            Steps with fewer than five outcomes are left out.
        seconds: what the whole took. seed: of all of it. notes: sentences for the reader.
        method: how the LSTM forecasts; "pretrained" where it was trained on other series.
        model: "lstm" or "auto". validation: the scores of all models on the validation part, which
            decided what "auto" uses. judged: what was found of other networks beside the pretrained
            ones, where there were any. network: what forecasts, as ``Forecaster.served_`` says.
        held: what the intervals held in the test part, by steps ahead; empty for networks whose
            intervals come from the errors in it.
    """

    series: Series
    horizon: int
    level: float
    forecast: tuple[ForecastPoint, ...]
    scores: dict[str, dict[int, Accuracy]]
    split: SeriesSplit
    origins: int
    test_forecasts: np.ndarray
    best_parameters: dict[str, Any]
    trials: tuple[Trial, ...]
    layers: tuple[LayerSummary, ...]
    parameters: int
    winners: dict[int, str]
    seconds: float
    seed: int
    notes: tuple[str, ...] = ()
    method: str = "recursive"
    model: str = "lstm"
    validation: dict[str, dict[int, Accuracy]] = field(default_factory=dict)
    judged: Verdict | None = None
    network: str = ""
    held: dict[int, Held] = field(default_factory=dict)
    start: Trial | None = None

    @property
    def test_forecast(self) -> np.ndarray:
        """The LSTM's forecasts one step ahead over the test part, (origins,)."""
        return self.test_forecasts[:, 0]

    @property
    def lstm_won(self) -> bool:
        """Whether the LSTM alone had the least RMSE at every number of steps ahead in winners."""
        return bool(self.winners) and set(self.winners.values()) == {LSTM_NAME}

    @property
    def tuned(self) -> bool:
        """Whether the pretrained networks were tuned to the series."""
        return self.judged is not None and self.judged.kept and self.judged.challenger == "tuned"

    @property
    def plain(self) -> bool:
        """Whether the plain mean of smoothers forecasts instead of a network."""
        return self.network == PLAIN_MEAN

    @property
    def told(self) -> tuple[ForecastPoint, ...]:
        """The forecast as readers are told it: of counts with the least and greatest within."""
        if not self.series.counts:
            return self.forecast
        ends = np.array([(point.lower, point.upper) for point in self.forecast]).reshape(-1, 2)
        low, high = held_counts(*ends.T)
        return tuple(
            replace(point, lower=float(a), upper=float(b))
            for point, a, b in zip(self.forecast, low, high, strict=True)
        )

    @property
    def points(self) -> ForecastPoints:
        """The forecast, with its columns as rows and as a data frame."""
        return ForecastPoints.of(self.forecast, self.series, self.level)

    def to_frame(self, library: Library = "pandas") -> Any:
        """Return the forecast as a data frame: unique_id, ds, forecast, lower-90, upper-90."""
        return self.points.to_frame(library)

    def _outcomes(self) -> dict[str, int]:
        """Return how many known values are scored, by steps ahead."""
        known = ~np.isnan(self.series.values[len(self.series) - self.origins :])
        steps = sorted({step for by_steps in self.scores.values() for step in by_steps})
        return {str(step): int(known[step - 1 :].sum()) for step in steps}

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON values; "scores" are RMSE by steps ahead."""
        return {
            "series": self.series.name,
            "horizon": self.horizon,
            "level": self.level,
            "forecast": [vars(point) for point in self.forecast],
            **{json_name(measure): _by_steps(self.scores, measure) for measure in MEASURES},
            "origins": self.origins,
            "outcomes": self._outcomes(),
            "held": {str(steps): vars(held) for steps, held in self.held.items()},
            "method": self.method,
            "network": self.network,
            "forecast_model": self.model,
            "validation": _by_steps(self.validation, "rmse"),
            "judged": None if self.judged is None else self.judged.to_json(),
            "winners": {str(steps): name for steps, name in self.winners.items()},
            "lstm_won": self.lstm_won,
            "best_parameters": {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in self.best_parameters.items()
            },
            "trials": len(self.trials),
            "parameters": self.parameters,
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
        }


def json_name(measure: str) -> str:
    """Return what a measure of the scores is called in ``ForecastResult.to_json``."""
    return "scores" if measure == "rmse" else f"scores_{measure}"


def _by_steps(
    scores: dict[str, dict[int, Accuracy]], measure: str
) -> dict[str, dict[str, float | None]]:
    """Return a measure by model and steps ahead, None for nan."""

    def number(score: Accuracy) -> float | None:
        value = getattr(score, measure)
        return None if math.isnan(value) else value

    return {
        name: {str(steps): number(score) for steps, score in by_steps.items()}
        for name, by_steps in scores.items()
    }
