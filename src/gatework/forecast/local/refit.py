"""What follows the search: the chosen networks fitted, scored, compared and put to use."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from gatework.forecast.backtest import Score, forecast_errors, score, split
from gatework.forecast.baselines import BaselineErrors, backtest_baselines
from gatework.forecast.local.blend import Blend, blend_of, simpler_would_do
from gatework.forecast.local.methods import FittedForecast, Held, Method, Networks, method_of
from gatework.forecast.result import AUTO_NAME, LSTM_NAME, ForecastResult, winners_of
from gatework.forecast.series import Series
from gatework.search import Trial

MEMBERS = 5
"""Networks that are averaged, alike but for their seeds. The squared error of a mean is never more
than the mean of the squared errors (Krogh and Vedelsby 1995, Advances in NIPS 7)."""


class FinalRun:
    """Everything after the search: the chosen parameters, fitted, scored and put to use."""

    def __init__(
        self,
        series: Series,
        horizon: int,
        level: float,
        seed: int,
        best: Trial,
        *,
        method: str,
        model: str,
    ) -> None:
        self.series, self.horizon, self.level = series, horizon, level
        self.seed, self.best, self.model = seed, best, model
        self.method: Method = method_of(method)
        self.cut = split(len(series))
        self.notes = list(series.notes)

    def finish(
        self, trials: tuple[Trial, ...], began: float
    ) -> tuple[FittedForecast, Blend | None, ForecastResult]:
        """Return what forecasts, and the result; ``began`` is when the work did (perf_counter)."""
        series, cut, n = self.series, self.cut, len(self.series)
        validated = self._fit(cut.train_end, validate_to=cut.test_start)
        tested = self._fit(cut.test_start, epochs=validated.epochs)
        final = self._fit(n, epochs=validated.epochs)
        held = [Held(validated, cut.train_end, cut.test_start), Held(tested, cut.test_start, n)]
        fitted = self.method.finish(series, final, held, self.level, self.best.parameters)

        validation = self._errors(held[0])
        test_forecasts = tested.forecasts(series, cut.test_start, n)
        test = {LSTM_NAME: forecast_errors(test_forecasts, series.values, cut.test_start)}
        validation |= self._classics(cut.train_end, cut.test_start).errors
        classics = self._classics(cut.test_start, n)
        test |= classics.errors
        self.notes += [f"{name} is left out: {why}" for name, why in classics.left_out.items()]
        blend = None
        if self.model == "auto":
            blend = blend_of(series, validation)
            test[AUTO_NAME] = blend.errors(test)
            self.notes.append(blend.sentence())
        else:
            self.notes += simpler_would_do(validation)
        self._note_interval(len(validation[LSTM_NAME]) + len(test[LSTM_NAME]))
        scores = {name: score(errors) for name, errors in test.items()}
        result = ForecastResult(
            series=series,
            horizon=self.horizon,
            level=self.level,
            forecast=forecast_points(fitted, blend, self.horizon),
            scores=scores,
            split=cut,
            origins=cut.origins,
            test_forecasts=test_forecasts,
            best_parameters=self._described(validated.epochs),
            trials=trials,
            layers=final.layer_summary(),
            parameters=final.parameters(),
            winners=winners_of({n: s for n, s in scores.items() if n != AUTO_NAME}),
            seconds=time.perf_counter() - began,
            seed=self.seed,
            notes=tuple(self.notes),
            method=self.method.name,
            model=self.model,
            validation=_scores(validation),
        )
        return fitted, blend, result

    def _fit(self, end: int, **how: Any) -> Networks:
        seeds = [self.seed + member for member in range(MEMBERS)]
        return self.method.fit(self.series, end, self.horizon, self.best.parameters, seeds, **how)

    def _errors(self, held: Held) -> dict[str, np.ndarray]:
        forecasts = held.networks.forecasts(self.series, held.start, held.stop)
        values = self.series.values[: held.stop]
        return {LSTM_NAME: forecast_errors(forecasts, values, held.start)}

    def _classics(self, start: int, stop: int) -> BaselineErrors:
        """Return the errors of the classical models on a part; of counts none is below 0."""
        values = self.series.values[:stop]
        found = backtest_baselines(values, start, self.horizon, self.series.season)
        if self.series.counts:
            lengths = np.zeros((stop - start, self.horizon))
            negated = forecast_errors(lengths, values, start)  # minus the actual values
            for name, errors in found.errors.items():
                found.errors[name] = np.maximum(errors, negated)
        return found

    def _described(self, epochs: list[int]) -> dict[str, Any]:
        same = epochs[0] if len(set(epochs)) == 1 else epochs
        return self.best.parameters | {"epochs": same, "networks": MEMBERS}

    def _note_interval(self, origins: int) -> None:
        self.notes.append(
            f"the {self.level:.0%} interval spans the errors that averaged networks made at each "
            f"number of steps ahead on the {origins} periods of the validation and test parts"
        )


def forecast_points(fitted: FittedForecast, blend: Blend | None, horizon: int) -> Any:
    """Return the forecast of the LSTM, or of the blend with its interval around it."""
    points = fitted.predict(horizon)
    return points if blend is None else blend.points(points)


def _scores(errors: Mapping[str, np.ndarray]) -> dict[str, dict[int, Score]]:
    return {name: score(one) for name, one in errors.items()}
