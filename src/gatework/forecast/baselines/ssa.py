"""Singular spectrum analysis: the history split into components, the leading ones continued.

Source:
    N. Golyandina and A. Zhigljavsky, "Singular Spectrum Analysis for Time Series", Springer 2013,
    doi 10.1007/978-3-642-34913-3; basic SSA in chapter 2, recurrent forecasting in chapter 3.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gatework.forecast.baselines.baseline import CannotForecastError, check_prepared, check_usable
from gatework.forecast.baselines.lags import validation_error, validation_start

MOST_VALUES = 2000
"""The most values, the latest ones, that are decomposed."""

MOST_RANK = 12
MOST_ORIGINS = 60
"""Origins that the choice looks at, evenly spread over the end of the training part."""


class SingularSpectrum:
    """Singular spectrum analysis with recurrent forecasting.

    The window and the number of components are those of the least squared error on the last fifth
    of the training part, over all steps ahead. At each origin the history is decomposed anew.

    Attributes:
        window, rank: what was chosen.
    """

    name = "SSA"

    def __init__(self, season: int) -> None:
        self.season = season
        self.window = self.rank = 0

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Choose the window and the rank."""
        check_usable(training, least=20)
        values = training[-MOST_VALUES:]
        start = validation_start(len(values))
        origins = np.arange(start, len(values), -(-(len(values) - start) // MOST_ORIGINS))
        least, self.window = np.inf, 0
        for window in self._windows(start):
            ranks = range(1, min(MOST_RANK, window - 1) + 1)
            each = np.array([_forecasts(values[:t], window, ranks, horizon) for t in origins])
            for rank, forecasts in zip(ranks, each.transpose(1, 0, 2), strict=True):
                error = validation_error(forecasts, values, origins)
                if error < least:
                    least, self.window, self.rank = error, window, rank
        if not self.window:
            raise CannotForecastError("no window and rank of it gave finite forecasts")

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the continuation of the leading components of the history."""
        check_prepared(self.name, self.window > 0)
        values = history[-MOST_VALUES:]
        return _forecasts(values, self.window, range(self.rank, self.rank + 1), horizon)[0]

    def _windows(self, count: int) -> list[int]:
        season = self.season if self.season > 1 else 12
        wanted = {season, 2 * season, 6, 12, 24, 48, 96}
        return sorted(length for length in wanted if 3 <= length <= min(count // 2, 120))


def _forecasts(values: np.ndarray, window: int, ranks: range, horizon: int) -> np.ndarray:
    """Return the recurrent forecasts with each number of components.

    Shapes:
        values: (n,). Returns (len(ranks), horizon), nan where the recurrence does not exist.
    """
    columns = sliding_window_view(values, window)  # (K, window), the trajectory matrix transposed
    vectors = np.linalg.eigh(columns.T @ columns)[1][:, ::-1]  # the leading one first
    tail = columns[::-1][:window]  # the latest column first: all that the last values are in
    found = np.full((len(ranks), horizon), np.nan)
    for row, rank in enumerate(ranks):
        leading = vectors[:, :rank]  # (window, rank)
        verticality = float(np.sum(leading[-1] ** 2))
        if verticality > 1 - 1e-9:
            continue
        recurrence = leading[:-1] @ leading[-1] / (1 - verticality)  # (window - 1,)
        known = np.empty(window - 1 + horizon)
        known[: window - 1] = _diagonal_means(tail @ leading @ leading.T)[1 - window :]
        with np.errstate(over="ignore", invalid="ignore"):
            for step in range(horizon):
                known[window - 1 + step] = recurrence @ known[step : step + window - 1]
        found[row] = known[window - 1 :]
    return found


def _diagonal_means(columns: np.ndarray) -> np.ndarray:
    """Return the last values of the series that a matrix of windows stands for, in their order.

    Shapes:
        columns: (C, window), the latest window first. Returns (window,); each value is the mean of
        all entries that stand for it.
    """
    count, window = columns.shape
    wide = np.zeros((count, window + count))
    wide[:, :window] = columns[:, ::-1]  # column k: k periods before the window's last value
    # Read with rows one shorter, row i begins i further to the left: periods before the last value.
    shifted = wide.ravel()[: count * (window + count - 1)].reshape(count, -1)
    entries = np.minimum(np.arange(1, window + 1), count)
    return (shifted.sum(axis=0)[:window] / entries)[::-1]
