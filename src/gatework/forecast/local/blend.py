"""Which model to trust at each step ahead, as the validation part has it.

With ``model="auto"`` the forecast is that of the better of the LSTM and the best classical model
where one is clearly better, and their weighted mean where they are close. Everything is decided on
the validation part; the test part then scores the decision like any other model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gatework.errors import OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Field, Schema, Values
from gatework.forecast.baselines import baselines
from gatework.forecast.result import LSTM_NAME, ForecastPoint
from gatework.forecast.series import Series
from gatework.forecast.series_file import series_said, strings

CLEARLY = 1.1
"""One model is clearly better where the other's RMSE on validation is so many times its own."""

NEIGHBOURS = 1
"""Steps ahead on either side whose errors count, too: a single step says little."""


@dataclass(eq=False)
class Blend:
    """The LSTM and a classical model, weighted at each step ahead.

    Attributes:
        classic: name of the classical model. weights: (H,), of the LSTM, from 0 to 1.
        series: what the classical model forecasts from.
    """

    classic: str
    weights: np.ndarray
    series: Series

    def forecasts(self, forecasts: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the forecasts of the blend, from those of its parts, (..., H)."""
        if self.classic not in forecasts:
            return forecasts[LSTM_NAME]
        return self.weights * forecasts[LSTM_NAME] + (1 - self.weights) * forecasts[self.classic]

    def points(self, points: Sequence[ForecastPoint]) -> tuple[ForecastPoint, ...]:
        """Return the blended forecast of the next periods, with the LSTM's interval around it."""
        horizon = len(points)
        if np.all(self.weights[:horizon] == 1):
            return tuple(points)
        model = next(b for b in baselines(self.series.season) if b.name == self.classic)
        model.prepare(self.series.values, len(self.weights))
        classic = model.forecast(self.series.values, horizon)
        lowest = 0.0 if self.series.counts else -np.inf
        moved = []
        for point, weight, other in zip(points, self.weights, classic, strict=False):
            shift = (1 - weight) * (max(float(other), lowest) - point.value)
            ends = (point.value, point.lower, point.upper)
            moved.append(ForecastPoint(point.period, *(max(end + shift, lowest) for end in ends)))
        return tuple(moved)

    def update(self, value: float, label: str) -> None:
        """Go on by the value of the next period."""
        longer = np.append(self.series.values, value)
        labels = (*self.series.labels, label)
        self.series = replace(self.series, values=longer, labels=labels, notes=())

    def sentence(self) -> str:
        """Return what is used at which step ahead, in words."""
        if np.all(self.weights == 1):
            return "auto: the LSTM at every step ahead, best on the validation part"
        if np.all(self.weights == 0):
            return (
                f"auto: {self.classic} at every step ahead, which did best on the validation part"
            )
        share = ", ".join(f"{100 * weight:.0f} %" for weight in self.weights)
        return (
            f"auto: the LSTM and {self.classic}, as they did on the validation part; share of the "
            f"LSTM by steps ahead: {share}"
        )


BLEND = Schema(
    config={
        "classic": Field(js.text),
        "weights": Field(js.list_of(js.within(0, 1), 1)),
        "values": Field(js.list_of(js.finite, 1), of="series.values"),
        "labels": Field(js.list_of(js.label), read=strings, of="series.labels"),
    },
    make=lambda said, _: Blend(said.classic, np.array(said.weights, np.float64), said.series),
)
"""What a file holds of a blend."""


def check_blend(said: Values, fitted: Values) -> None:
    """Check what a file says of a blend against what it says of the fitted part; add its series.

    Raises:
        OptionError: when they do not fit together.
    """
    if said.classic not in [one.name for one in baselines(fitted.season)]:
        raise OptionError(f"there is no classical model {said.classic!r}")
    if len(said.weights) != fitted.horizon:
        raise OptionError("horizon and weights of the blend differ in length")
    said.series = series_said(fitted, said.labels, said.values)


def blend_of(series: Series, validation: Mapping[str, np.ndarray]) -> Blend:
    """Return the blend that the errors on the validation part ask for.

    Shapes:
        validation: by model, (origins, H), nan where there is no target.
    """
    classic, ours, theirs = _rivals(validation)
    if classic is None:
        return Blend("last value", np.ones(len(ours)), series)
    weights = theirs**2 / (ours**2 + theirs**2)
    weights = np.where(theirs >= CLEARLY * ours, 1.0, weights)
    weights = np.where(ours >= CLEARLY * theirs, 0.0, weights)
    return Blend(classic, weights, series)


def simpler_would_do(validation: Mapping[str, np.ndarray]) -> list[str]:
    """Return the sentence that says where a simpler model did better on the validation part."""
    classic, ours, theirs = _rivals(validation)
    if classic is None:
        return []
    steps = [str(step + 1) for step in np.flatnonzero(ours > theirs)]
    if not steps:
        return []
    where = "every step" if len(steps) == len(ours) else f"{', '.join(steps)} steps"
    return [
        f"on the validation part {classic} did better than the LSTM at {where} ahead; "
        'model="auto" (--model auto) searches on this series and uses what did best'
    ]


def _rivals(
    validation: Mapping[str, np.ndarray],
) -> tuple[str | None, np.ndarray, np.ndarray]:
    """Return the best classical model, and the RMSEs of the LSTM and of it by step, (H,)."""
    ours = _rmse(validation[LSTM_NAME])
    others = {name: _rmse(e) for name, e in validation.items() if name != LSTM_NAME}
    if not others:
        return None, ours, ours
    best = min(others, key=lambda name: float(np.mean(others[name])))
    return best, ours, others[best]


def _rmse(errors: np.ndarray) -> np.ndarray:
    """Return the RMSE by step ahead, each over its neighbours' errors, too, (H,).

    Steps without a target take that of the step before.
    """
    horizon = errors.shape[1]
    found = np.zeros(horizon)
    for step in range(horizon):
        near = errors[:, max(step - NEIGHBOURS, 0) : step + NEIGHBOURS + 1]
        known = near[~np.isnan(near)]
        found[step] = np.sqrt(np.mean(known**2)) if known.size else found[step - 1]
    return np.maximum(found, 1e-12)
