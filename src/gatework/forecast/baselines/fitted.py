"""Classical models of other packages, which are compared where someone asks for them in seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from importlib.util import find_spec

from gatework.forecast.baselines.baseline import Baseline

NOT_ASKED = (
    "classical models that take seconds to fit are not compared; classics=10 (--classics 10) gives "
    "them 10 seconds"
)


@dataclass(frozen=True)
class FittedClassics:
    """ARIMA of statsmodels, and the automatic models of statsforecast, where they are installed.

    They are prepared in turn while their time lasts, which is looked at before each fit.

    Attributes:
        seconds: that all have together.
    """

    seconds: float
    began: float = field(default_factory=time.perf_counter)

    def models(self, season: int) -> list[Baseline]:
        """Return the models, unprepared."""
        found: list[Baseline] = []
        if find_spec("statsmodels"):
            from gatework.forecast.baselines.arima import Arima

            found.append(Arima())
        if find_spec("statsforecast"):
            from gatework.forecast.baselines.automatic import automatic_models

            found += automatic_models(season)
        return found

    def over(self) -> bool:
        """Return whether their time is over."""
        return time.perf_counter() - self.began > self.seconds

    @property
    def told(self) -> str:
        """Return why a model is left out when it is."""
        return f"the {self.seconds:g} s of the fitted classical models were over"
