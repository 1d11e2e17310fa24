"""The mean of the LSTM and of classical models, which with ``model="auto"`` is the forecast.

Means of forecasts that err differently err less than most of their parts. The weights begin alike
and follow the errors on the validation part only as far as there are many of them; the test part
then scores the mean like any other model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from gatework.errors import OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Field, Schema, Values
from gatework.forecast.baselines import Baseline, baselines, quick_baselines
from gatework.forecast.baselines.compare import filled
from gatework.forecast.result import LSTM_NAME, ForecastPoint
from gatework.forecast.scores import HANDFUL
from gatework.forecast.series import Series
from gatework.forecast.series_file import series_said, strings

PARTS = ("Holt-Winters", "trailing mean")
"""The classical models of the mean: quick, and none needs another package."""

MANY = 20.0
"""Errors by which the weights are halfway from being alike to the inverse of squared errors."""

ALONE = "auto: the LSTM alone, as no classical model could be fitted"

NEIGHBOURS = 1
"""Steps ahead on either side whose errors count, too: a single step says little."""


@dataclass(eq=False)
class Blend:
    """The LSTM and classical models, weighted at each step ahead.

    Attributes:
        classics: names of the classical models. weights: (1 + M, H), of the LSTM and of each of
        them; they add up to 1. series: what the classical models forecast from.
    """

    classics: tuple[str, ...]
    weights: np.ndarray
    series: Series

    @property
    def alone(self) -> str | None:
        """Return the classical model where there is but one, as older versions chose it."""
        return self.classics[0] if len(self.classics) == 1 else None

    @property
    def lowest(self) -> float:
        """Return what no forecast is below: 0 of counts."""
        return 0.0 if self.series.counts else -np.inf

    def forecasts(self, forecasts: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the forecasts of the blend, from those of its parts, (..., H).

        The share of a part that is not there is the others'.
        """
        names = (LSTM_NAME, *self.classics)
        there = [number for number, name in enumerate(names) if name in forecasts]
        own = np.stack([forecasts[names[number]] for number in there])
        weights = self.weights[there].reshape(len(there), *[1] * (own.ndim - 2), -1)
        return (weights * own).sum(axis=0) / weights.sum(axis=0)

    def points(self, points: Sequence[ForecastPoint]) -> tuple[ForecastPoint, ...]:
        """Return the blended forecast of the next periods, with the LSTM's interval around it."""
        horizon, history = len(points), self.series.values
        longest = self.weights.shape[1]
        weights = self.weights[:, np.minimum(np.arange(horizon), longest - 1)]
        own = np.array([point.value for point in points])
        moved = weights[0] * own
        for name, share in zip(self.classics, weights[1:], strict=True):
            model = _model(name, self.series.season)
            model.prepare(history, longest)
            moved = moved + share * np.maximum(model.forecast(history, horizon), self.lowest)
        shifts = (moved - own).tolist()
        return tuple(
            ForecastPoint(
                point.period,
                *(max(end + shift, self.lowest) for end in (point.value, point.lower, point.upper)),
            )
            for point, shift in zip(points, shifts, strict=True)
        )

    def update(self, value: float, label: str) -> None:
        """Go on by the value of the next period."""
        longer = np.append(self.series.values, value)
        labels = (*self.series.labels, label)
        self.series = replace(self.series, values=longer, labels=labels, notes=())

    def sentence(self) -> str:
        """Return what is weighted how at which step ahead, in words."""
        if not self.classics:
            return ALONE
        if self.alone:
            share = ", ".join(f"{100 * weight:.0f}%" for weight in self.weights[0])
            return (
                f"auto: the LSTM and {self.alone}, as they did on the validation part; share of "
                f"the LSTM by steps ahead: {share}"
            )
        shares = "; ".join(
            f"{name} {', '.join(f'{100 * weight:.0f}%' for weight in own)}"
            for name, own in zip(("the LSTM", *self.classics), self.weights, strict=True)
        )
        return f"auto: the mean of models, by steps ahead weighted as they did before: {shares}"


def _old(said: Values) -> tuple[tuple[str, ...], np.ndarray]:
    """Return models and weights as files had them that knew one classical model."""
    ours = np.array(said.weights, np.float64)
    return (said.classic,), np.stack([ours, 1 - ours])


BLEND = Schema(
    config={
        "classic": Field(js.text, of=lambda blend: blend.alone, added=True),
        "weights": Field(
            js.list_of(js.within(0, 1), 1),
            of=lambda blend: blend.weights[0] if blend.alone else None,
            added=True,
        ),
        "classics": Field(
            js.texts, of=lambda blend: [] if blend.alone else list(blend.classics), added=True
        ),
        "shares": Field(
            js.list_of(js.list_of(js.within(0, 1), 1), 1),
            of=lambda blend: None if blend.alone else blend.weights,
            added=True,
        ),
        "values": Field(js.list_of(js.finite, 1), of="series.values"),
        "labels": Field(js.list_of(js.label), read=strings, of="series.labels"),
    },
    make=lambda said, _: Blend(said.names, said.by_step, said.series),
)
"""What a file holds of a blend; ``classic`` and the LSTM's ``weights`` where there is but one."""


def check_blend(said: Values, fitted: Values) -> None:
    """Check what a file says of a blend against what it says of the fitted part; add its series.

    Raises:
        OptionError: when they do not fit together.
    """
    old, new = (said.classic, said.weights), (said.classics, said.shares)
    if (None in old) == (said.shares is None):
        raise OptionError("a blend has classics with their shares")
    if said.shares is None:
        said.names, said.by_step = _old(said)
    else:
        said.names = tuple(said.classics or ())
        if len({len(own) for own in new[1]}) != 1 or len(new[1]) != 1 + len(said.names):
            raise OptionError("the shares of the blend are not those of its models")
        said.by_step = np.array(said.shares, np.float64)
    for name in said.names:
        _model(name, fitted.season)
    if said.by_step.shape[1] != fitted.horizon:
        raise OptionError("horizon and weights of the blend differ in length")
    if not np.allclose(said.by_step.sum(axis=0), 1.0):
        raise OptionError("the shares of the blend must add up to 1")
    said.series = series_said(fitted, said.labels, said.values)


def _model(name: str, season: int) -> Baseline:
    """Return a classical model by its name, unprepared; older versions chose among more of them.

    Raises:
        OptionError: when there is none.
    """
    for known in (quick_baselines, baselines):
        for one in known(season):
            if one.name == name:
                return one
    raise OptionError(f"there is no classical model {name!r}")


def blend_of(series: Series, validation: Mapping[str, np.ndarray]) -> Blend:
    """Return the blend that the errors on the validation part ask for.

    Shapes:
        validation: errors by model, (origins, H), nan where there is no target.

    Equation, for each of M + 1 models with mean squared error s over n errors:
        weight = s^-p / sum of s^-p, with p = n / (n + MANY)

    Source: J. M. Bates and C. W. J. Granger 1969, doi 10.1057/jors.1969.103 (p = 1); J. H. Stock
        and M. W. Watson 2004, doi 10.1002/for.928 (shrunk towards equal weights).
    """
    names = [LSTM_NAME, *(name for name in PARTS if name in validation)]
    squares = np.stack([_rmse(validation[name]) ** 2 for name in names])
    known = (~np.isnan(validation[LSTM_NAME])).sum(axis=0)
    power = known / (known + MANY)
    weights = (squares / squares.min(axis=0)) ** -power
    # Classical models go on over missing values by the last known one, as where they were scored.
    known_by_all = replace(series, values=filled(series.values[None])[0])
    return Blend(tuple(names[1:]), weights / weights.sum(axis=0), known_by_all)


def simpler_would_do(validation: Mapping[str, np.ndarray]) -> list[str]:
    """Return the sentence that says where a simpler model did better on the validation part."""
    classic, ours, theirs = _rivals(validation)
    if classic is None:
        return []
    told = (~np.isnan(validation[LSTM_NAME])).sum(axis=0) >= HANDFUL
    worse = told & (ours > theirs) & ~np.isclose(ours, theirs, rtol=1e-9, atol=0.0)
    steps = (np.flatnonzero(worse) + 1).tolist()
    if not steps:
        return []
    where = f"{_spans(steps)} step{'s' if steps != [1] else ''}"
    where = "every step" if len(steps) == len(ours) else where
    return [
        f"on the validation part {classic} did better than the LSTM at {where} ahead; "
        'model="auto" (--model auto) takes a mean of both kinds'
    ]


def _spans(steps: Sequence[int]) -> str:
    """Return rising numbers in words, three and more in a row as a span.

    Example:
        >>> _spans([1, 2, 3, 6, 8, 9])
        '1–3, 6, 8, 9'
    """
    said: list[str] = []
    for _, run in groupby(enumerate(steps), lambda pair: pair[1] - pair[0]):
        row = [str(step) for _, step in run]
        said += [f"{row[0]}–{row[-1]}"] if len(row) > 2 else row
    return ", ".join(said)


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
