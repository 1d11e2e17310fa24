"""What a forecaster must offer to be watched with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from gatework.forecast import ForecastPoint, Series


class Watched(Protocol):
    """A forecaster that goes on by a value in constant time; ``gatework.Forecaster`` is one."""

    level: float

    def update(self, values: Sequence[float] | float, labels: Sequence[str] | None = None) -> Any:
        """Go on by the values of the next periods, nan where one is missing."""
        ...

    def predict(self, horizon: int) -> Sequence[ForecastPoint]:
        """Return the forecast of the next periods."""
        ...


def series_of(forecaster: Watched) -> Series | None:
    """Return the end of the series that the forecaster stands at, None where it tells of none.

    Its calendar, its name and whether it counts are of use here; its values are not.
    """
    tail = getattr(getattr(forecaster, "fitted_", None), "tail", None)
    return tail if isinstance(tail, Series) else None


def seen_by(forecaster: Watched) -> int | None:
    """Return how many values a forecaster has seen that begins with the first; None of others."""
    return getattr(getattr(forecaster, "fitted_", None), "seen", None)


def counts_of(forecaster: Watched) -> bool:
    """Return whether the series is one of counts, as far as the forecaster tells."""
    fitted = getattr(forecaster, "fitted_", None)
    return bool(getattr(fitted, "counts", getattr(series_of(forecaster), "counts", False)))


def history_of(forecaster: Watched) -> np.ndarray:
    """Return the last values before the next period, (n,), as far as the forecaster knows them."""
    blend = getattr(forecaster, "blend_", None)
    history = getattr(getattr(forecaster, "fitted_", None), "history", None)
    known = history if blend is None else blend.series.values
    return np.empty(0) if known is None else known
