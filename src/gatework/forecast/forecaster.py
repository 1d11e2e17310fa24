"""The forecaster: search, fit, score, forecast."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch

from gatework.errors import DataError, GateworkError, OptionError, ShapeError
from gatework.forecast.backtest import Split, split
from gatework.forecast.candidate import Candidate, one_thread
from gatework.forecast.final import FinalRun
from gatework.forecast.fitted import FittedForecast
from gatework.forecast.result import ForecastPoint
from gatework.forecast.series import Series
from gatework.forecast.space import check_length, check_range, search_space
from gatework.search import (
    Progress,
    SearchError,
    SearchInterrupted,
    SearchResult,
    layered_search,
)


class Forecaster:
    """Forecast a series with an LSTM whose parameters a layered grid search has chosen.

    The series is cut in three: the last fifth is for the scores and decides nothing, the last
    fifth of the rest is for validation. A candidate is a few networks, alike but for their seeds,
    fitted to the training part and valued by their mean recursive forecasts from every period of
    the validation part. With the best parameters five networks are fitted and averaged: to
    everything before the test part for the scores, and to the whole series for the forecast.

    Args:
        horizon: periods to forecast.
        trials: parameter settings to try; with it the same seed gives the same forecast.
        budget: seconds that the search may take. Without trials and budget it is 120.
        seed: of everything random.
        level: share of outcomes that the interval shall hold.
        workers: processes of the search; one for each processor if not given.
        ledger: file that holds each result of the search at once; a temporary one if not given.
        resume: go on with the interrupted search in ``ledger``.
        progress: told how the search goes; None for silence.

    Attributes:
        result_: the ForecastResult, after ``fit``.
        fitted_: the networks and what is needed to forecast with them.

    Raises:
        OptionError, DataError: by ``fit``, before any work: arguments out of range, all at once;
            a series that is too short or not finite.

    Example:
        >>> import numpy as np
        >>> values = 5 + np.sin(np.arange(60) / 2)
        >>> forecaster = Forecaster(horizon=3, trials=1, workers=1).fit(values)
        >>> [point.period for point in forecaster.predict()]
        ['61', '62', '63']

    Source: Wang Xin et al., Exploring LSTM based recurrent neural network for failure time series
        prediction, J. Beijing Univ. of Aeronautics and Astronautics 44(4), 2018,
        doi 10.13700/j.bh.1001-5965.2017.0285.
    """

    file_kind: ClassVar[str] = "forecaster"

    def __init__(
        self,
        horizon: int = 12,
        *,
        trials: int | None = None,
        budget: float | None = None,
        seed: int = 0,
        level: float = 0.9,
        workers: int | None = None,
        ledger: str | os.PathLike[str] | None = None,
        resume: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self.horizon = horizon
        self.trials = trials
        self.budget = budget
        self.seed = seed
        self.level = level
        self.workers = workers
        self.ledger = ledger
        self.resume = resume
        self.progress = progress

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {name: getattr(self, name) for name in PARAMETERS}

    def set_params(self, **parameters: Any) -> Self:
        """Set arguments of the constructor.

        Raises:
            OptionError: when one has no such name.
        """
        for name, value in parameters.items():
            if name not in PARAMETERS:
                raise OptionError(
                    f"a Forecaster has no parameter {name!r}: {', '.join(PARAMETERS)}"
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        default = Forecaster()
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value != getattr(default, name)
        ]
        return f"Forecaster({', '.join(changed)})"

    def check(self, series: Series | Sequence[float] | np.ndarray) -> Series:
        """Return the series as ``fit`` would take it, after checking it and all arguments.

        Raises:
            OptionError, DataError, ShapeError: as ``fit`` does.
        """
        problems = []
        for name, least in (("horizon", 1), ("trials", 1), ("workers", 1), ("seed", 0)):
            value = getattr(self, name)
            optional = name in ("trials", "workers") and value is None
            if not optional and (
                isinstance(value, bool) or not isinstance(value, int) or value < least
            ):
                problems.append(f"{name} must be a whole number of at least {least}, got {value!r}")
        if self.budget is not None and not _between(self.budget, 0, float("inf")):
            problems.append(f"budget must be a positive number of seconds, got {self.budget!r}")
        if not _between(self.level, 0, 1):
            problems.append(f"level must be a number between 0 and 1, got {self.level!r}")
        if self.resume and self.ledger is None:
            problems.append("resume needs the ledger of the interrupted search")
        if problems:
            raise OptionError("forecasting cannot begin: " + "; ".join(problems))
        checked = as_series(series)
        check_length(len(checked), self.horizon, checked.name)
        check_range(checked.values, checked.name)
        return checked

    def fit(self, series: Series | Sequence[float] | np.ndarray) -> Self:
        """Search, fit and score; afterwards ``result_`` holds all of it.

        Shapes:
            series: a Series, or (n,) values, oldest first.

        Raises:
            OptionError, DataError, ShapeError: for arguments and data that cannot be used.
            SearchInterrupted: after Ctrl-C; what was finished is in ``ledger``.
            OutputError: when ``ledger`` exists without ``resume``, or cannot be written.
        """
        began = time.perf_counter()
        series = self.check(series)
        found = self._search(series)
        with one_thread():
            run = FinalRun(series, self.horizon, self.level, self.seed, found.best)
            self.fitted_, self.result_ = run.finish(found.trials, began)
        return self

    def predict(self, horizon: int | None = None) -> tuple[ForecastPoint, ...]:
        """Return the forecast of the next periods, at most as many as were fitted for.

        Raises:
            OptionError: when the horizon is out of range, or nothing was fitted yet.
        """
        fitted = getattr(self, "fitted_", None)
        if fitted is None:
            raise OptionError("this Forecaster has not been fitted", hint="forecaster.fit(series)")
        return fitted.predict(self.horizon if horizon is None else horizon)

    def _search(self, series: Series) -> SearchResult:
        cut = split(len(series))
        values = series.values[: cut.test_start].copy()
        if self.ledger is not None:
            return self._search_into(self.ledger, values, cut, series)
        with tempfile.TemporaryDirectory() as folder:
            try:
                return self._search_into(Path(folder) / "search.sqlite", values, cut, series)
            except SearchInterrupted:
                raise SearchInterrupted(
                    "the search was interrupted, and nothing of it is kept",
                    hint="ledger='search.sqlite' keeps what is finished, resume=True goes on",
                ) from None
            except SearchError as error:
                raise SearchError(
                    error.message, hint="ledger='search.sqlite' keeps the reasons"
                ) from None

    def _search_into(
        self, ledger: str | os.PathLike[str], values: np.ndarray, cut: Split, series: Series
    ) -> SearchResult:
        budget = 120.0 if self.trials is None and self.budget is None else self.budget
        constant = bool(np.ptp(values) == 0)  # then no setting is better than another
        return layered_search(
            Candidate(values, cut, self.horizon, 0.0 if series.counts else None),
            search_space(cut, series.season, transforms(values)),
            ledger=ledger,
            trials=1 if constant else self.trials,
            budget=budget,
            seed=self.seed,
            workers=self.workers,
            resume=self.resume,
            fingerprint={
                "series": hashlib.sha256(series.values.tobytes()).hexdigest(),
                "horizon": self.horizon,
                "counts": series.counts,
            },
            progress=self.progress,
        )

    # What gatework.save and gatework.load need.

    def to_config(self) -> dict[str, Any]:
        """Return all but the weights, as JSON values."""
        if getattr(self, "fitted_", None) is None:
            raise OptionError(
                "a Forecaster can be saved once it is fitted", hint="forecaster.fit(series)"
            )
        settings = {name: getattr(self, name) for name in SAVED_PARAMETERS}
        return {"settings": settings, "fitted": self.fitted_.to_config()}

    def tensors(self) -> Mapping[str, torch.Tensor]:
        """Return the weights of all networks by name."""
        return self.fitted_.tensors()

    @classmethod
    def expected_tensors(
        cls, config: Mapping[str, Any]
    ) -> dict[str, tuple[torch.dtype, tuple[int, ...]]]:
        """Check ``config`` and return dtype and shape of every weight that it asks for.

        Raises:
            OptionError: when ``config`` is not one that ``to_config`` returns.
        """
        if set(config) != {"settings", "fitted"} or not isinstance(config["settings"], dict):
            raise OptionError("a forecaster's configuration has the parts 'settings' and 'fitted'")
        if set(config["settings"]) != set(SAVED_PARAMETERS):
            raise OptionError(f"the settings must be {', '.join(SAVED_PARAMETERS)}")
        fitted = FittedForecast.check_config(config["fitted"])
        loaded = cls(**config["settings"])
        try:
            loaded.check(np.zeros(2 * len(fitted["lower"]) + 24))
        except (GateworkError, TypeError) as error:
            raise OptionError(f"the settings are not sound: {error}") from error
        if loaded.horizon != len(fitted["lower"]):
            raise OptionError("horizon and interval differ in length")
        return FittedForecast.expected_tensors(fitted)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> Self:
        """Build the forecaster around its weights; it has no ``result_``."""
        loaded = cls(**config["settings"])
        loaded.fitted_ = FittedForecast.from_config(config["fitted"], tensors)
        return loaded


PARAMETERS = (
    "horizon",
    "trials",
    "budget",
    "seed",
    "level",
    "workers",
    "ledger",
    "resume",
    "progress",
)
SAVED_PARAMETERS = ("horizon", "trials", "budget", "seed", "level")


def as_series(series: Series | Sequence[float] | np.ndarray) -> Series:
    """Return values as a Series with numbered periods.

    Raises:
        DataError: when a value is no finite number. ShapeError: when they are not one-dimensional.
    """
    if isinstance(series, Series):
        return series
    try:
        values = np.asarray(series)
        real = not np.iscomplexobj(values)
        values = values.astype(np.float64) if real else values
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"the series must be numbers: {error}") from error
    if not real:
        raise DataError("the series must be real numbers, got complex ones")
    if values.ndim != 1:
        raise ShapeError(f"the series must have the shape (n,), got {values.shape}")
    labels = tuple(str(number) for number in range(1, len(values) + 1))
    whole = bool(np.all(np.isfinite(values)) and np.all(values == np.round(values)))
    counts = whole and bool(np.all(values >= 0))
    notes = ()
    if len(values) and np.ptp(values) == 0:
        notes = (f"the series is constant: every value is {values[0]:g}",)
    return Series("series", values, labels, counts=counts, notes=notes)


def _between(value: object, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low < value < high


def transforms(values: np.ndarray) -> tuple[str, ...]:
    """Return the scalings that the search may choose from; a logarithm needs values from 0 up."""
    return ("none", "log") if np.all(values >= 0) else ("none",)
