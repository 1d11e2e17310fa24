"""What follows the search: the chosen network fitted, scored and put to use."""

from __future__ import annotations

import time

import numpy as np

from gatework.forecast.backtest import Score, forecast_errors, score, split
from gatework.forecast.candidate import Fitted, average_forecasts, fit_network
from gatework.forecast.classics import backtest_baselines
from gatework.forecast.fitted import FittedForecast
from gatework.forecast.intervals import error_quantiles
from gatework.forecast.result import LSTM_NAME, ForecastResult, winners_of
from gatework.forecast.series import Series
from gatework.search import Trial

MEMBERS = 5
"""Networks that are averaged, alike but for their seeds. The squared error of a mean is never more
than the mean of the squared errors (Krogh and Vedelsby 1995, Advances in NIPS 7)."""


class FinalRun:
    """Everything after the search: the chosen parameters, fitted, scored and put to use."""

    def __init__(self, series: Series, horizon: int, level: float, seed: int, best: Trial) -> None:
        self.series, self.horizon, self.level, self.seed = series, horizon, level, seed
        self.best = best
        self.cut = split(len(series))
        self.notes = list(series.notes)

    def finish(
        self, trials: tuple[Trial, ...], began: float
    ) -> tuple[FittedForecast, ForecastResult]:
        """Return what forecasts, and the result; ``began`` is when the work did (perf_counter)."""
        series, cut = self.series, self.cut
        seeds, epochs, validation_errors = self._members()
        tested = [self._fit(cut.test_start, s, e) for s, e in zip(seeds, epochs, strict=True)]
        test_forecasts = self._forecasts(tested, cut.test_start, len(series))
        test_errors = forecast_errors(test_forecasts, series.values, cut.test_start)
        final = [self._fit(len(series), s, e) for s, e in zip(seeds, epochs, strict=True)]
        both = np.concatenate([validation_errors, test_errors])
        lower, upper = error_quantiles(both, self.level)
        fitted = FittedForecast.of(series, final, self.best.parameters, lower, upper)
        scores = self._scores(test_errors)
        self.notes.append(
            f"the {self.level:.0%} interval spans the errors that averaged networks made at each "
            f"number of steps ahead on the {len(both)} periods of the validation and test parts"
        )
        result = ForecastResult(
            series=series,
            horizon=self.horizon,
            level=self.level,
            forecast=fitted.predict(self.horizon),
            scores=scores,
            split=cut,
            origins=cut.origins,
            test_forecast=test_forecasts[:, 0],
            best_parameters=self.best.parameters | {"epochs": epochs, "networks": MEMBERS},
            trials=trials,
            layers=final[0].network.layer_summary(),
            parameters=sum(p.numel() for f in final for p in f.network.parameters()),
            winners=winners_of(scores),
            seconds=time.perf_counter() - began,
            seed=self.seed,
            notes=tuple(self.notes),
        )
        return fitted, result

    def _members(self) -> tuple[list[int], list[int], np.ndarray]:
        """Return seeds and epochs of the networks to average, and their errors on validation."""
        cut = self.cut
        values = self.series.values[: cut.test_start]
        seeds = [self.seed + member for member in range(MEMBERS)]
        fitted = [
            fit_network(
                values,
                cut.train_end,
                self.best.parameters,
                seed,
                validate_to=cut.test_start,
                horizon=self.horizon,
            )
            for seed in seeds
        ]
        forecasts = self._forecasts(fitted, cut.train_end, cut.test_start)
        errors = forecast_errors(forecasts, values, cut.train_end)
        return seeds, [f.epochs for f in fitted], errors

    def _fit(self, end: int, seed: int, epochs: int) -> Fitted:
        return fit_network(self.series.values, end, self.best.parameters, seed, epochs=epochs)

    def _forecasts(self, members: list[Fitted], start: int, stop: int) -> np.ndarray:
        return average_forecasts(
            members,
            self.series.values,
            self.best.parameters["window"],
            start,
            stop,
            self.horizon,
            0.0 if self.series.counts else None,
        )

    def _scores(self, test_errors: np.ndarray) -> dict[str, dict[int, Score]]:
        cut, series = self.cut, self.series
        scores = {LSTM_NAME: score(test_errors)}
        baselines = backtest_baselines(
            series.values,
            cut.test_start,
            self.horizon,
            series.season,
            lowest=0.0 if series.counts else None,  # forecasts of counts end at 0 for every model
        )
        scores |= {name: score(errors) for name, errors in baselines.errors.items()}
        self.notes += [f"{name} is left out: {why}" for name, why in baselines.left_out.items()]
        return scores
