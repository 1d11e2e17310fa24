"""What a baseline is: a way to forecast that is prepared once, then used from every origin.

Whatever it chooses or fits, it chooses or fits on the values before the part under test alone.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from gatework.errors import DataError

LEAST_VALUES = 10
"""The fewest values that models with parameters are fitted to."""


class CannotForecastError(DataError):
    """A baseline does not work on these values; the message is the reason."""


class Baseline(Protocol):
    """A way to forecast that is prepared once and then used from every origin."""

    name: str

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Choose and fit what has to be chosen and fitted, on ``training`` (n,) alone.

        Raises:
            CannotForecastError: it does not work on these values.
        """
        ...

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the ``horizon`` values that follow ``history`` (m,); shape (horizon,).

        ``history`` is the training part and what has come since.
        """
        ...


@runtime_checkable
class AtOnce(Protocol):
    """A baseline that forecasts from many origins at once, and the same as from each of them."""

    def from_origins(self, values: np.ndarray, start: int, horizon: int) -> np.ndarray:
        """Return the forecasts from every period after ``values[:start]``, (n - start, horizon)."""
        ...


def check_prepared(name: str, prepared: bool) -> None:
    """Raise CannotForecastError unless the baseline has been prepared."""
    if not prepared:
        raise CannotForecastError(
            f"{name} must be prepared before it forecasts, and is not",
            hint="baseline.prepare(training, horizon)",
        )


def check_usable(training: np.ndarray, least: int = LEAST_VALUES) -> None:
    """Raise CannotForecastError where nothing can be fitted to the training part."""
    if len(training) < least:
        raise CannotForecastError(
            f"it needs {least} values before the test part, there are {len(training)}"
        )
    if np.ptp(training) == 0:
        raise CannotForecastError("the values before the test part are all the same")
