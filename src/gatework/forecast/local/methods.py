"""The ways in which an LSTM can forecast a series, and what each of them offers.

A method knows its search space, how networks are fitted, and what becomes of fitted networks. The
Forecaster does the rest alike for all: the split, the search, the scores, the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from gatework.errors import OptionError, nearest
from gatework.estimator.model_file import Schema
from gatework.examine import Run
from gatework.forecast.backtest import SeriesSplit
from gatework.forecast.held_out import HeldOutPart
from gatework.forecast.result import ForecastPoint
from gatework.forecast.series import Series
from gatework.network import LayerSummary
from gatework.search.axes import AnyAxis


class Networks(Protocol):
    """Networks fitted to the beginning of a series, alike but for their seeds."""

    @property
    def epochs(self) -> list[int]:
        """Return the epochs that each network took."""
        ...

    def forecasts(self, series: Series, start: int, stop: int) -> np.ndarray:
        """Return the mean forecasts made just before each period from ``start`` to ``stop`` - 1.

        Shapes:
            Returns (stop - start, horizon), in the series' numbers; counts are at least 0.
        """
        ...

    def joined(self, other: Self) -> Self:
        """Return all networks of both, which were fitted alike."""
        ...

    def layer_summary(self) -> tuple[LayerSummary, ...]:
        """Return a description of each layer of one network, the head last."""
        ...

    def parameters(self) -> int:
        """Return the trainable numbers of all networks together."""
        ...


class FittedForecast(Protocol):
    """What forecasts after the end of a series, now or from a file.

    ``tail`` is the end of the series, of which names and labels of periods count. ``FILE`` declares
    what a file holds of it.
    """

    tail: Series
    FILE: ClassVar[Schema]

    @property
    def horizon(self) -> int:
        """Return the steps ahead that it was fitted for."""
        ...

    @property
    def networks(self) -> Sequence[Any]:
        """Return the networks that are averaged."""
        ...

    def examine(self, series: Series, member: int) -> Run:
        """Return a run of one of the networks over a series."""
        ...

    def predict(self, horizon: int) -> tuple[ForecastPoint, ...]:
        """Return the forecast of the next periods, at most as many as were fitted for."""
        ...

    def update(self, value: float, label: str | None) -> None:
        """Go on by the value of the next period, nan where it is missing, and its label."""
        ...


class Method(Protocol):
    """A way to forecast a series with an LSTM."""

    name: ClassVar[str]
    fitted: ClassVar[type[Any]]  # of FittedForecast

    def axes(self, series: Series, cut: SeriesSplit) -> list[AnyAxis]:
        """Return what the search goes over; ``series`` ends where the test part begins."""
        ...

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
        ...

    def finish(
        self,
        series: Series,
        final: Any,
        held_out: Sequence[HeldOutPart],
        level: float,
        parameters: Mapping[str, Any],
    ) -> FittedForecast:
        """Return what forecasts after the end, with intervals from the errors on held-out parts."""
        ...


DEFAULT_METHOD = "es-lstm"


def method_names() -> tuple[str, ...]:
    """Return the names of all methods, the default first."""
    return (DEFAULT_METHOD, "recursive")


def method_of(name: object) -> Method:
    """Return the method of a name.

    Raises:
        OptionError: when there is none.
    """
    if name == "recursive":
        from gatework.forecast.recursive.method import Recursive

        return Recursive()
    if name == DEFAULT_METHOD:
        from gatework.forecast.es_lstm.method import SmoothingMethod

        return SmoothingMethod()
    raise OptionError(wrong_method(name), hint=f"method={DEFAULT_METHOD!r}")


def wrong_method(name: object) -> str:
    """Return the sentence that refuses a name that no method has."""
    close = nearest(name, list(method_names())) if isinstance(name, str) else None
    meant = f" (did you mean {close!r}?)" if close else ""
    return f"method must be one of {_listed(method_names())}, got {name!r}{meant}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
