"""What there is of forecasts of periods to come, whatever made them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

import numpy as np


class ForecastsAhead(Protocol):
    """Forecasts of periods to come, (B, H), and what is said of the outcomes around them."""

    @property
    def location(self) -> np.ndarray:
        """Return the forecasts, (B, H)."""
        ...

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Return the quantiles of the levels, (L, B, H)."""
        ...

    def paths(self, count: int, seed: int) -> np.ndarray:
        """Return so many sample paths of each series, (count, B, H)."""
        ...

    def rows(self, rows: np.ndarray) -> Self:
        """Return those of some of the series."""
        ...
