"""A series and where it stands with pretrained networks, with the names of its periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from gatework.errors import DataError
from gatework.estimator.model_file import Schema, elsewhere
from gatework.forecast.checks import MOST_AHEAD
from gatework.forecast.pretrained.distribution import Distributions
from gatework.forecast.pretrained.member import NetworkMember
from gatework.forecast.pretrained.model import PretrainedNetwork, Standing
from gatework.forecast.result import ForecastPoint
from gatework.forecast.series import Series

if TYPE_CHECKING:
    from gatework.examine import Run

KEPT = 1000
"""Values that the file holds of the end of the series."""

FEWEST_TOLD = 8
"""Values that tell whether a series is one of counts, and from which on intervals hold."""


@dataclass(eq=False)
class FittedPretrained:
    """Pretrained networks and where one series stands with them; see FittedForecast.

    ``tail`` holds the label of the last period, and what labels of later ones follow from;
    ``history`` the last known values of the series, until it goes on by others. ``horizon`` is what
    is looked into; any other can be asked for. ``walked`` is the series that it was fitted to, and
    what the LSTM of each member saw of each value, which is known without another pass.
    """

    standing: Standing
    tail: Series
    horizon: int
    level: float
    history: np.ndarray | None = None
    walked: tuple[Series, list[tuple[np.ndarray, ...]]] | None = None

    method: ClassVar[str] = "pretrained"
    FILE: ClassVar[Schema]

    @classmethod
    def of(
        cls, network: PretrainedNetwork, series: Series, horizon: int, level: float
    ) -> FittedPretrained:
        """Return where a series stands after its last value."""
        standing = network.begin(series.values[None], np.array([len(series)]), series.season)
        return cls.standing_at(standing, series, horizon, level)

    @classmethod
    def standing_at(
        cls, standing: Standing, series: Series, horizon: int, level: float
    ) -> FittedPretrained:
        """Return a series that stands there after its last value."""
        known = series.values[~np.isnan(series.values)]
        return cls(standing, series.last(2), horizon, level, known[-KEPT:])

    @classmethod
    def begun(
        cls, network: PretrainedNetwork, before: Series, horizon: int, level: float
    ) -> FittedPretrained:
        """Return where a series stands before its first value; ``before`` names periods before."""
        return cls(Standing.before(network, 1, before.season), before, horizon, level)

    @property
    def seen(self) -> int:
        """Return how many values it has seen, without those that were missing."""
        return int(self.standing.state.age[0])

    @property
    def counts(self) -> bool:
        """Return whether the series is one of counts, as far as values have told."""
        state = self.standing.state
        told = self.seen >= FEWEST_TOLD and state.whole[0] and state.least[0] >= 0
        return self.tail.counts or bool(told)

    @property
    def furthest(self) -> int:
        """Return the most steps ahead that it can be asked for."""
        return MOST_AHEAD

    @property
    def networks(self) -> tuple[NetworkMember, ...]:
        """Return the networks that are averaged."""
        return self.standing.network.members

    def examine(self, series: Series, member: int) -> Run:
        """Return a run of one of the networks over a series."""
        from gatework.forecast.pretrained.introspection import run_member

        entered = None
        if self.walked is not None and self.walked[0] is series:
            entered = np.concatenate([one[member] for one in self.walked[1]])
        return run_member(self.standing.network.members[member], series, self.horizon, entered)

    def predict(self, horizon: int, level: float | None = None) -> tuple[ForecastPoint, ...]:
        """Return the forecast of the next periods, with intervals of any level."""
        value, lower, upper = points_of(self.forecasts(horizon), level or self.level)
        return tuple(
            ForecastPoint(
                period, float(value[0, step]), float(lower[0, step]), float(upper[0, step])
            )
            for step, period in enumerate(self.tail.future_labels(horizon))
        )

    def forecasts(self, horizon: int) -> Distributions:
        """Return the distributions of the next periods.

        Raises:
            DataError: no value came yet.
        """
        if not self.seen:
            raise DataError(
                f"series {self.tail.name!r} has no value yet to forecast from",
                hint="forecaster.update(value)",
            )
        return self.standing.forecasts(horizon)

    def update(self, value: float, label: str | None) -> None:
        """Go on by the value of the next period, nan where it is missing, and its label."""
        self.standing.advance(np.array([value]))
        self.tail, self.history, self.walked = self.tail.following(0.0, label), None, None


def points_of(said: Distributions, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return forecasts and the ends of their intervals, which hold them, each (B, H)."""
    lower, upper = said.quantiles([(1 - level) / 2, (1 + level) / 2])
    return said.location, np.minimum(lower, said.location), np.maximum(upper, said.location)


FittedPretrained.FILE = elsewhere("gatework.forecast.pretrained.model_file")
