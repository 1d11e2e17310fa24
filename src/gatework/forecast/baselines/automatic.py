"""AutoETS, AutoARIMA and AutoTheta by statsforecast: chosen and fitted once, then carried along.

At each origin the fitted model runs over the history with its parameters unchanged
(``forward`` in statsforecast), which updates its state. AutoTheta takes its seasonal indices and
its line from the history at hand, as the method has it; its smoothing stays as fitted.

Source:
    R. J. Hyndman and Y. Khandakar, "Automatic time series forecasting: the forecast package for R",
    Journal of Statistical Software 27(3), 2008, doi 10.18637/jss.v027.i03 (ETS and ARIMA);
    J. A. Fiorucci et al., "Models for optimising the theta method and their relationship to state
    space models", International Journal of Forecasting 32(4), 2016,
    doi 10.1016/j.ijforecast.2016.02.005 (Theta).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.errors import MissingDependencyError, counted
from gatework.extras import install
from gatework.forecast.baselines.baseline import CannotForecastError, check_prepared, check_usable
from gatework.forecast.baselines.honest import quiet

LONGEST_SEASON = 24
"""ETS and ARIMA of longer seasons are not for these models (R's forecast refuses them as well);
they are fitted without season then."""


class AutomaticModel:
    """A model of statsforecast by its name there."""

    def __init__(self, name: str, season: int) -> None:
        self.name = name
        long = season > LONGEST_SEASON and name != "AutoTheta"
        self.season = 1 if long else season
        self._model: Any = None

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Choose the form and fit its parameters.

        Raises:
            CannotForecastError: too few values, all the same, or no form could be fitted.
            MissingDependencyError: statsforecast is not installed.
        """
        models = _statsforecast(self.name)
        check_usable(training)
        model = getattr(models, self.name)(season_length=self.season)
        with quiet():
            try:
                self._model = model.fit(np.array(training, dtype=np.float64))
            except Exception as error:  # statsforecast raises plain Exception as well
                raise CannotForecastError(
                    f"it could not be fitted to {counted(len(training), 'value')}: {error}"
                ) from error

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the forecast after running over the history with the fitted parameters.

        The history must begin where the training part did: the fitted first state belongs there.
        """
        check_prepared(self.name, self._model is not None)
        with quiet():
            try:
                ahead = self._model.forward(np.array(history, dtype=np.float64), horizon)
            except Exception as error:
                raise CannotForecastError(f"it failed during the test part: {error}") from error
        return np.asarray(ahead["mean"], dtype=np.float64)


def automatic_models(season: int) -> list[AutomaticModel]:
    """Return the three of them, unprepared."""
    return [AutomaticModel(name, season) for name in ("AutoETS", "AutoARIMA", "AutoTheta")]


def _statsforecast(name: str) -> Any:
    try:
        from statsforecast import models  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise MissingDependencyError(
            f"{name} needs statsforecast, which is not installed; it works with pandas 2 only",
            hint=install("statsforecast"),
        ) from error
    return models
