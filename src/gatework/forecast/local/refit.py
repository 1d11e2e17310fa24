"""What follows the search: the chosen networks fitted, scored, compared and put to use."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.forecast.backtest import check_finite, split
from gatework.forecast.baselines import Comparison, baselines, compare
from gatework.forecast.local.blend import Blend, blend_of, simpler_would_do
from gatework.forecast.method import FittedForecast, HeldOutPart, Method, Networks
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.panel import Panel
from gatework.forecast.result import AUTO_NAME, LSTM_NAME, ForecastResult
from gatework.forecast.scores import scores_of, winners_of
from gatework.forecast.series import Series
from gatework.search import Trial

MEMBERS = 5
"""Networks that are averaged, alike but for their seeds. The squared error of a mean is never more
than the mean of the squared errors (Krogh and Vedelsby 1995, Advances in NIPS 7)."""


@dataclass
class FinalRun:
    """Everything after the search: the chosen parameters, fitted, scored and put to use."""

    series: Series
    horizon: int
    level: float
    seed: int
    best: Trial
    method: Method
    model: str

    def __post_init__(self) -> None:
        self.cut = split(len(self.series))
        self.notes = list(self.series.notes)

    def finish(
        self, trials: tuple[Trial, ...], began: float
    ) -> tuple[FittedForecast, Blend | None, ForecastResult]:
        """Return what forecasts, and the result; ``began`` is when the work did (perf_counter)."""
        series, cut, n = self.series, self.cut, len(self.series)
        validated = self._fit(cut.train_end, validate_to=cut.test_start)
        tested = self._fit(cut.test_start, epochs=validated.epochs)
        final = self._fit(n, epochs=validated.epochs)
        unseen = HeldOutPart(validated, cut.train_end, cut.test_start)
        test_part = HeldOutPart(tested, cut.test_start, n)
        fitted = self.method.finish(
            series, final, [unseen, test_part], self.level, self.best.parameters
        )

        validation = self._compared(unseen).backtests
        compared = self._compared(test_part)
        test = compared.backtests
        self.notes += [f"{name} is left out: {why}" for name, why in compared.left_out.items()]
        errors = {name: one.errors[0] for name, one in validation.items()}
        blend = None
        if self.model == "auto":
            blend = blend_of(series, errors)
            blended = blend.forecasts({name: one.forecasts for name, one in test.items()})
            test[AUTO_NAME] = test[LSTM_NAME].beside(blended)
            self.notes.append(blend.sentence())
        else:
            self.notes += simpler_would_do(errors)
        self.notes.append(
            f"the {self.level:.0%} interval spans the errors that averaged networks made at each "
            f"number of steps ahead on the {n - cut.train_end} periods of the validation and test "
            "parts"
        )
        scores, epochs = scores_of(test), validated.epochs
        epochs = epochs[0] if len(set(epochs)) == 1 else epochs
        result = ForecastResult(
            series=series,
            horizon=self.horizon,
            level=self.level,
            forecast=forecast_points(fitted, blend, self.horizon),
            scores=scores,
            split=cut,
            origins=cut.origins,
            test_forecasts=test[LSTM_NAME].forecasts[0],
            best_parameters=self.best.parameters | {"epochs": epochs, "networks": MEMBERS},
            trials=trials,
            layers=final.layer_summary(),
            parameters=final.parameters(),
            winners=winners_of(scores),
            seconds=time.perf_counter() - began,
            seed=self.seed,
            notes=tuple(self.notes),
            method=self.method.name,
            model=self.model,
            validation=scores_of(validation),
        )
        return fitted, blend, result

    def _fit(self, end: int, **how: Any) -> Networks:
        seeds = [self.seed + member for member in range(MEMBERS)]
        return self.method.fit(self.series, end, self.horizon, self.best.parameters, seeds, **how)

    def _compared(self, part: HeldOutPart) -> Comparison:
        """Return the networks beside the quick baselines on a part that they have not seen."""
        panel = Panel.from_series([self.series.first(part.stop)])
        forecasts = part.networks.forecasts(self.series, part.start, part.stop)
        check_finite(forecasts, part.start)
        ours = Backtest.of(panel, np.array([part.start]), forecasts[None])
        return compare(panel, ours, baselines(self.series.season))


def forecast_points(fitted: FittedForecast, blend: Blend | None, horizon: int) -> Any:
    """Return the forecast of the LSTM, or of the blend with its interval around it."""
    points = fitted.predict(horizon)
    return points if blend is None else blend.points(points)
