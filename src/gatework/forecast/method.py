"""What a way to forecast a series with an LSTM is; see local.methods for those that there are.

A method knows its search space, how networks are fitted, and what becomes of fitted networks. The
Forecaster does the rest alike for all: the split, the search, the scores, the report.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, Self

import numpy as np

from gatework.errors import counted
from gatework.forecast.backtest import SeriesSplit
from gatework.forecast.result import ForecastPoint
from gatework.forecast.series import Series

if TYPE_CHECKING:
    from gatework.cell.summary import LayerSummary
    from gatework.estimator import Schema
    from gatework.examine import Run
    from gatework.search.axes import AnyAxis


@dataclass(frozen=True)
class Networks(ABC):
    """Networks fitted to the beginning of a series, alike but for their seeds.

    Attributes:
        members: what was fitted for each seed: its ``network``, and what belongs to it.
        horizon: steps ahead.
    """

    members: tuple[Any, ...]
    horizon: int

    @property
    @abstractmethod
    def epochs(self) -> list[int]:
        """Return the epochs that each network took."""

    @abstractmethod
    def forecasts(self, series: Series, start: int, stop: int) -> np.ndarray:
        """Return the mean forecasts made just before each period from ``start`` to ``stop`` - 1.

        Shapes:
            Returns (stop - start, horizon), in the series' numbers; counts are at least 0.
        """

    def with_ends(
        self, series: Series, start: int, stop: int, level: float
    ) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
        """Return ``forecasts`` and the ends of their intervals, each (stop - start, horizon).

        Ends are None where intervals come from the errors that are made at these very origins.
        """
        return self.forecasts(series, start, stop), None, None

    def joined(self, other: Self) -> Self:
        """Return all networks of both, which were fitted alike."""
        return replace(self, members=self.members + other.members)

    def layer_summary(self) -> tuple[LayerSummary, ...]:
        """Return a description of each layer of one network, the head last."""
        return self.members[0].network.layer_summary()

    def parameters(self) -> int:
        """Return the trainable numbers of all networks together."""
        from torch import nn

        parts = [part for member in self.members for part in vars(member).values()]
        modules = [part for part in parts if isinstance(part, nn.Module)]
        return sum(numbers.numel() for module in modules for numbers in module.parameters())


class HeldOutPart(NamedTuple):
    """A part of a series and networks that have not seen it, from ``start`` to ``stop`` - 1."""

    networks: Any
    start: int
    stop: int


class FittedForecast(Protocol):
    """What forecasts after the end of a series, now or from a file.

    ``tail`` is the end of the series, of which names and labels of periods count; ``history`` its
    last values, (n,), as far as they are known. ``method`` is the name of its method, and ``FILE``
    declares what a file holds of it.
    """

    tail: Series
    method: ClassVar[str]
    FILE: ClassVar[Schema]

    @property
    def horizon(self) -> int:
        """Return the steps ahead that it was fitted for."""
        ...

    @property
    def furthest(self) -> int:
        """Return the most steps ahead that it can be asked for."""
        ...

    @property
    def history(self) -> np.ndarray | None:
        """Return the last values before the next period, None where they are not known."""
        ...

    @property
    def networks(self) -> Sequence[Any]:
        """Return the networks that are averaged."""
        ...

    def examine(self, series: Series, member: int) -> Run:
        """Return a run of one of the networks over a series."""
        ...

    def predict(self, horizon: int) -> tuple[ForecastPoint, ...]:
        """Return the forecast of the next periods, at most ``furthest``."""
        ...

    def update(self, value: float, label: str | None) -> None:
        """Go on by the value of the next period, nan where it is missing, and its label."""
        ...


class Method(ABC):
    """A way to forecast a series with an LSTM."""

    name: ClassVar[str]
    fitted: ClassVar[type[Any]]  # of FittedForecast

    @abstractmethod
    def axes(self, series: Series, cut: SeriesSplit) -> list[AnyAxis]:
        """Return what the search goes over; ``series`` ends where the test part begins."""

    @abstractmethod
    def fit(
        self,
        series: Series,
        end: int,
        horizon: int,
        parameters: Mapping[str, Any],
        seeds: Sequence[int],
        *,
        validate_to: int | None = None,
        epochs: Sequence[int] | None = None,
    ) -> Networks:
        """Return a network for each seed, fitted to the first ``end`` values.

        With ``validate_to`` the values up to there may say when to stop; with ``epochs`` each
        network takes as many as given.
        """

    @abstractmethod
    def finish(
        self,
        series: Series,
        final: Any,
        held_out: Sequence[HeldOutPart],
        level: float,
        parameters: Mapping[str, Any],
    ) -> FittedForecast:
        """Return what forecasts after the end, with intervals from the errors on held-out parts."""

    def notes(self, networks: Any, level: float, periods: int) -> list[str]:
        """Return sentences on what forecasts, the interval last; ``periods`` were held out."""
        return [
            f"the {level:.0%} interval spans the errors that averaged networks made at each number "
            f"of steps ahead on the {counted(periods, 'period')} of the validation and test parts"
        ]
