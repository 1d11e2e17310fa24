"""Holt-Winters: its form and smoothing chosen once on a grid, then carried along.

All forms and all rates of a grid run over the training part together, so that a choice takes
milliseconds. At each origin the values that have come since update the state, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from gatework.forecast.baselines.baseline import check_prepared, check_usable
from gatework.forecast.baselines.honest import quiet

MOST_VALUES = 1000
"""The most values, the latest ones, that the model is fitted to."""

FIRST = 10
"""Values whose straight line gives the first level and trend."""

RATES = np.array([0.01, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.99])
TREND_RATES = np.array([0.005, 0.05, 0.1, 0.2, 0.4, 0.7])
SEASON_RATES = np.array([0.0, 0.05, 0.1, 0.2, 0.4, 0.7])
DAMPING = np.array([0.8, 0.9, 0.97])
"""The grid: rates of level, of trend in units of it, and of season in units of what it leaves."""

STEPS = (0.06, 0.03, 0.015, 0.008)
"""How far around the best of each form it is looked again, time after time."""

LOWEST, HIGHEST = np.array([0.001, 0.0, 0.0, 0.8]), np.array([0.9999, 0.9999, 0.9999, 0.995])
"""Bounds of the four."""


@dataclass
class Smoothed:
    """G models, and where they stand.

    Shapes:
        rates: (4, G): of level, trend and season, and the damping. level, trend: (G,). indices:
        (m, G), of the season, 0 without. squares: (G,), of the errors one step ahead.
    """

    rates: np.ndarray
    level: np.ndarray
    trend: np.ndarray
    indices: np.ndarray
    squares: np.ndarray
    time: int = 0

    def advance(self, values: np.ndarray) -> None:
        """Take in values in turn, (n,).

        Equations, in the form of error correction:
            e = y - (l' + phi b') - s'
            l = l' + phi b' + alpha e
            b = phi b' + alpha beta e
            s = s' + gamma e
        """
        alpha, beta, gamma, phi = self.rates
        risen, moved = alpha * beta, gamma * (1 - alpha)
        for value in values:
            index = self.indices[self.time % len(self.indices)]
            self.trend = phi * self.trend
            self.level = self.level + self.trend
            error = value - self.level - index
            self.squares = self.squares + error * error
            self.level = self.level + alpha * error
            self.trend = self.trend + risen * error
            index += moved * error
            self.time += 1

    def ahead(self, horizon: int) -> np.ndarray:
        """Return the forecasts of the first model, (horizon,)."""
        steps = np.arange(horizon)
        grown = np.cumsum(self.rates[3, 0] ** (steps + 1)) * self.trend[0]
        return self.level[0] + grown + self.indices[(self.time + steps) % len(self.indices), 0]


@dataclass(frozen=True)
class SmoothingForm:
    """Whether there is a trend, whether it is damped, and the season, 1 for none."""

    trend: bool
    damped: bool
    season: int

    def grid(self) -> Iterator[tuple[float, ...]]:
        """Yield the rates to try."""
        return product(
            RATES.tolist(),
            TREND_RATES.tolist() if self.trend else (0.0,),
            SEASON_RATES.tolist() if self.season > 1 else (0.0,),
            DAMPING.tolist() if self.damped else (1.0,),
        )

    def around(self, rates: np.ndarray, step: float) -> Iterator[tuple[float, ...]]:
        """Yield the rates one step to all sides."""
        moving = (True, self.trend, self.season > 1, self.damped)
        near = [(-step, 0.0, step) if moves else (0.0,) for moves in moving]
        for moved in product(*near):
            yield tuple(
                float(np.clip(rate + by, low, high)) if moves else float(rate)
                for rate, by, moves, low, high in zip(
                    rates, moved, moving, LOWEST, HIGHEST, strict=True
                )
            )

    def parameters(self) -> int:
        """Return how many numbers are fitted, the first states among them."""
        return 2 + 2 * self.trend + self.damped + (self.season if self.season > 1 else 0)

    def aicc(self, squares: np.ndarray, count: int) -> np.ndarray:
        """Return the corrected information criterion of squared errors over ``count`` values."""
        k = self.parameters()
        if count <= k + 3:
            return np.full(len(squares), np.inf)
        fit = count * np.log(np.maximum(squares / count, 1e-300))
        return fit + 2 * k + 2 * (k + 2) * (k + 3) / (count - k - 3)


class HoltWinters:
    """Exponential smoothing with level, additive trend (also damped) and additive season.

    Of the six forms without and with each, that of the least AICc is used; seasonal forms need
    three seasons in the training part.

    Source:
        P. R. Winters, "Forecasting sales by exponentially weighted moving averages", Management
        Science 6(3), 1960, doi 10.1287/mnsc.6.3.324; the first states, and the criterion, of
        R. J. Hyndman et al. 2008, "Forecasting with Exponential Smoothing", sections 2.6.1, 2.8.1.
    """

    name = "Holt-Winters"

    def __init__(self, season: int) -> None:
        self.season = season
        self.form = SmoothingForm(trend=False, damped=False, season=1)
        self.rates = np.empty(0)  # until it is prepared
        self._most = max(MOST_VALUES, 4 * season)
        self._begun = 0  # the first value that it saw of a history
        self._carried: Smoothed | None = None

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Try every form and its rates on the training part and keep the best."""
        check_usable(values := training[-self._most :])
        with quiet():
            tried = [(form, np.array(list(form.grid()))) for form in self._forms(len(values))]
            best = self._best(values, tried)
            for step in STEPS:
                near = [(form, np.array(list(form.around(rates, step)))) for form, rates, _ in best]
                best = self._best(values, near)
        self.form, self.rates, _ = min(best, key=lambda one: one[2])
        self._carried = None

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the forecast after taking in what came since the last one.

        A history continues the last; from a shorter one it begins anew, with its latest values.
        """
        check_prepared(self.name, self.rates.size > 0)
        with quiet():
            carried = self._carried
            if carried is None or self._begun + carried.time > len(history):
                self._begun = max(0, len(history) - self._most)
                carried = _begin(history[self._begun :], [(self.form, self.rates[None])])
                self._carried = carried
            carried.advance(history[self._begun + carried.time :])
            return carried.ahead(horizon)

    def _forms(self, count: int) -> list[SmoothingForm]:
        seasons = (1, self.season) if self.season > 1 and count >= 3 * self.season else (1,)
        trends = ((False, False), (True, False), (True, True))
        return [SmoothingForm(*trend, season) for trend, season in product(trends, seasons)]

    def _best(
        self, values: np.ndarray, tried: list[tuple[SmoothingForm, np.ndarray]]
    ) -> list[tuple[SmoothingForm, np.ndarray, float]]:
        """Return the best rates of each form, with their criterion."""
        models = _begin(values, tried)
        models.advance(values)
        found, first = [], 0
        for form, rates in tried:
            squares = models.squares[first : first + len(rates)]
            at = int(np.argmin(squares))
            found.append((form, rates[at], float(form.aicc(squares[at : at + 1], len(values))[0])))
            first += len(rates)
        return found


def _begin(values: np.ndarray, tried: list[tuple[SmoothingForm, np.ndarray]]) -> Smoothed:
    """Return models of forms and rates, (G, 4) each, before the first of the values."""
    longest = max(form.season for form, _ in tried)
    levels, trends, indices = [], [], []
    for form, rates in tried:
        level, trend, own = _first(values, form)
        levels.append(np.full(len(rates), level))
        trends.append(np.full(len(rates), trend))
        whole = np.zeros(longest) if own is None else own
        indices.append(np.repeat(whole[:, None], len(rates), axis=1))
    together = np.concatenate([rates for _, rates in tried]).T
    level, trend = np.concatenate(levels), np.concatenate(trends)
    return Smoothed(together, level, trend, np.concatenate(indices, axis=1), np.zeros(len(level)))


def _first(values: np.ndarray, form: SmoothingForm) -> tuple[float, float, np.ndarray | None]:
    """Return the level and trend before the first value, and the seasonal indices."""
    plain, indices = values, None
    if form.season > 1:
        cycles = min(5, len(values) // form.season)
        part = values[: cycles * form.season]
        weights = np.full(form.season, 1 / form.season)
        if form.season % 2 == 0:
            weights = np.concatenate([weights[:1] / 2, weights[1:], weights[:1] / 2])
        plain = np.convolve(part, weights, "valid")
        before = (len(weights) - 1) // 2
        apart = np.full(len(part), np.nan)
        apart[before : before + len(plain)] = part[before : before + len(plain)] - plain
        indices = np.nanmean(apart.reshape(cycles, form.season), axis=0)
        indices -= indices.mean()
    plain = plain[:FIRST]
    slope, level = np.polyfit(np.arange(1, len(plain) + 1), plain, 1)
    return float(level), float(slope) if form.trend else 0.0, indices
