"""The monthly series of the M3 competition, and the two measures of a forecast of them.

Source:
    S. Makridakis and M. Hibon, "The M3-Competition: results, conclusions and implications",
    International Journal of Forecasting 16(4), 2000, doi 10.1016/S0169-2070(00)00057-1.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from series import data_folder

HORIZON = 18
SEASON = 12


@dataclass(frozen=True)
class M3Series:
    """One series of the competition.

    Shapes:
        train: (n,). test: (HORIZON,), what came after it.
    """

    name: str
    kind: str
    train: np.ndarray
    test: np.ndarray


def m3_monthly() -> list[M3Series]:
    """Return the series of M3_monthly.csv in its order.

    Each row is checked: as many values as it says, all of them positive.
    """
    path = data_folder("m3") / "M3_monthly.csv"
    series = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in list(csv.reader(file))[1:]:
            name, kind, _start, n, horizon, *rest = row
            values = np.array([float(value) for value in rest if value])
            if int(horizon) != HORIZON or len(values) != int(n) + HORIZON or values.min() < 0:
                raise SystemExit(f"series {name} in {path.name} is not as its first columns say")
            series.append(M3Series(name, kind, values[: int(n)], values[int(n) :]))
    return series


def smape(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the symmetric mean absolute percentage error as the competition defines it, in %."""
    size = np.abs(actual) + np.abs(forecast)
    size[size == 0] = 1.0
    return float(np.mean(200 * np.abs(actual - forecast) / size))


def mase(train: np.ndarray, actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the mean absolute error, relative to the seasonal naive forecast's in training.

    Source: R. J. Hyndman and A. B. Koehler 2006, doi 10.1016/j.ijforecast.2006.03.001.
    """
    scale = np.mean(np.abs(train[SEASON:] - train[:-SEASON]))
    return float(np.mean(np.abs(actual - forecast)) / scale)


def score_m3(
    series: Sequence[M3Series], forecasts: Mapping[str, np.ndarray]
) -> dict[str, list[float]]:
    """Return sMAPE and MASE of each series, in the order of ``series``, rounded to 6 digits."""
    return {
        "smape": [round(smape(one.test, forecasts[one.name]), 6) for one in series],
        "mase": [round(mase(one.train, one.test, forecasts[one.name]), 6) for one in series],
    }
