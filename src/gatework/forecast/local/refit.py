"""What follows a search: networks fitted, scored, compared and put to use; none are pretrained."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatework.forecast.backtest import SeriesSplit, check_finite, split
from gatework.forecast.baselines import (
    Comparison,
    FittedClassics,
    baselines,
    compare,
    quick_baselines,
)
from gatework.forecast.baselines.fitted import NOT_ASKED
from gatework.forecast.local.blend import ALONE, Blend, blend_of, simpler_would_do
from gatework.forecast.method import FittedForecast, HeldOutPart, Method, Networks
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.panel import Panel
from gatework.forecast.pretrained.fitted import FittedPretrained
from gatework.forecast.pretrained.plain import WHO, name_of
from gatework.forecast.result import AUTO_NAME, LSTM_NAME, ForecastPoint, ForecastResult
from gatework.forecast.scores import scores_of, winners_of
from gatework.forecast.series import Series
from gatework.forecast.verdict import Verdict
from gatework.search import Trial

MEMBERS = 5
"""Networks that are averaged, alike but for their seeds. The squared error of a mean is never more
than the mean of the squared errors (Krogh and Vedelsby 1995, Advances in NIPS 7)."""


LEAST_SCORED = 24
"""Values from which on the last fifth of a series says something of a forecast."""

TOO_SHORT = (
    f"nothing is scored: only from {LEAST_SCORED} values on does the last fifth of a series say "
    "something of a forecast"
)


@dataclass
class FinalRun:
    """Everything after the search: the chosen parameters, fitted, scored and put to use.

    Pretrained networks have no parameters to be chosen. A series that is too short to be scored is
    forecast all the same; ``notes`` stand behind its own. ``found`` are the parameters of a search
    whose networks do not serve, as ``judged`` says.
    """

    series: Series
    horizon: int
    level: float
    seed: int
    parameters: Mapping[str, Any]
    method: Method
    model: str
    notes: list[str]
    classics: FittedClassics | None = None
    judged: Verdict | None = None
    found: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.series)
        self.cut = split(n) if n >= LEAST_SCORED else SeriesSplit(n, n, n)
        judged = [] if self.judged is None else self.judged.notes()
        self.notes = [*self.series.notes, *self.notes, *judged]

    @property
    def searched(self) -> bool:
        """Whether parameters were searched for, which takes longer than any classical model."""
        return bool(self.found) or self.method.name != "pretrained"

    def finish(
        self, trials: tuple[Trial, ...], start: Trial | None, began: float
    ) -> tuple[FittedForecast, Blend | None, ForecastResult]:
        """Return what forecasts, and the result.

        ``start`` is what the search of the ``trials`` began with; ``began`` is when the work did
        (perf_counter).
        """
        series, cut, n = self.series, self.cut, len(self.series)
        validated = self._fit(cut.train_end, validate_to=cut.test_start)
        tested = self._fit(cut.test_start, epochs=validated.epochs)
        final = self._fit(n, epochs=validated.epochs)
        unseen = HeldOutPart(validated, cut.train_end, cut.test_start)
        test_part = HeldOutPart(tested, cut.test_start, n)
        validation, test, blend = self._scored(unseen, test_part) if cut.origins else ({}, {}, None)
        fitted = self.method.finish(series, final, [unseen, test_part], self.level, self.parameters)
        said = self.method.notes(final, self.level, n - cut.train_end)
        self.notes += [one for one in said if blend is None or not one.startswith(WHO[0])]
        if not cut.origins:
            self.notes += [TOO_SHORT, *([ALONE] if self.model == "auto" else [])]
        scores, served = scores_of(test), test.get(LSTM_NAME if blend is None else AUTO_NAME)
        result = ForecastResult(
            series=series,
            horizon=self.horizon,
            level=self.level,
            forecast=forecast_points(fitted, blend, self.horizon),
            scores=scores,
            split=cut,
            origins=cut.origins,
            test_forecasts=test[LSTM_NAME].forecasts[0] if test else np.empty((0, self.horizon)),
            best_parameters=self._chosen(validated.epochs) if trials else {},
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
            judged=self.judged,
            network=served_by(fitted),
            held=served.held(self.level) if served and served.lower else {},
            start=start,
        )
        return fitted, blend, result

    def _scored(
        self, unseen: HeldOutPart, test_part: HeldOutPart
    ) -> tuple[dict[str, Backtest], dict[str, Backtest], Blend | None]:
        """Return the backtests of both parts, and the blend where one is wanted."""
        validation = self._compared(unseen).backtests
        compared = self._compared(test_part)
        test = compared.backtests
        self.notes += compared.said()
        if self.classics is None and not self.searched:
            self.notes.append(NOT_ASKED)
        errors = {name: one.errors[0] for name, one in validation.items()}
        if self.model != "auto":
            self.notes += simpler_would_do(errors)
            return validation, test, None
        blend = blend_of(self.series, errors)
        blended = blend.forecasts({name: one.forecasts for name, one in test.items()})
        test[AUTO_NAME] = test[LSTM_NAME].moved(blended, blend.lowest)
        self.notes.append(blend.sentence())
        return validation, test, blend

    def _chosen(self, epochs: Sequence[int]) -> dict[str, Any]:
        """Return the parameters that the search chose, and what is fixed beside them."""
        if not self.parameters:
            return dict(self.found)
        taken = epochs[0] if len(set(epochs)) == 1 else epochs
        return {**self.parameters, "epochs": taken, "networks": MEMBERS}

    def _fit(self, end: int, **how: Any) -> Networks:
        seeds = [self.seed + member for member in range(MEMBERS)]
        return self.method.fit(self.series, end, self.horizon, self.parameters, seeds, **how)

    def _compared(self, part: HeldOutPart) -> Comparison:
        """Return the networks beside the quick baselines on a part that they have not seen."""
        panel = Panel.from_series([self.series.first(part.stop)])
        told = part.networks.with_ends(self.series, part.start, part.stop, self.level)
        check_finite(told[0], part.start)
        ends = ({} if end is None else {self.level: end[None]} for end in told[1:])
        ours = Backtest.of(panel, np.array([part.start]), told[0][None], *ends)
        models = baselines if self.searched else quick_baselines
        return compare(panel, ours, models(self.series.season), self.classics)


def served_by(fitted: FittedForecast) -> str:
    """Return in a word or two which network forecasts."""
    return name_of(fitted.standing.network) if isinstance(fitted, FittedPretrained) else "searched"


def forecast_points(
    fitted: FittedForecast, blend: Blend | None, horizon: int
) -> tuple[ForecastPoint, ...]:
    """Return the forecast of the LSTM, or of the blend with its interval around it."""
    points = fitted.predict(horizon)
    return points if blend is None else blend.points(points)
