"""The forecaster: search, fit, score, forecast."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from gatework.checks import refuse, whole
from gatework.estimator.model_file import elsewhere
from gatework.forecast.backtest import split
from gatework.forecast.baselines import FittedClassics
from gatework.forecast.checks import (
    MOST_PATHS,
    check_length,
    check_range,
    check_some,
)
from gatework.forecast.coercion import as_series
from gatework.forecast.local import serving
from gatework.forecast.local.asked import ForecasterArguments, said_of
from gatework.forecast.local.backtest import backtest
from gatework.forecast.local.contest import chosen
from gatework.forecast.local.gaps import check_whole, with_gaps_told
from gatework.forecast.local.methods import DEFAULT_METHOD, method_of
from gatework.forecast.local.refit import FinalRun, served_by
from gatework.forecast.local.streaming import begun, go_on
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.result import TotalForecast
from gatework.forecast.pretrained.plain import verdict_said
from gatework.forecast.reading import read_series
from gatework.forecast.result import ForecastPoints
from gatework.forecast.series import Series
from gatework.forecast.threads import one_thread
from gatework.tabular.missing import Missing
from gatework.tabular.style import ReadingStyle

if TYPE_CHECKING:
    from gatework.examine import Run


class Forecaster(ForecasterArguments):
    """Forecast a series with an LSTM: one that was trained on other series, or one of its own.

    The pretrained network forecasts at once, from the first value on, any number of steps ahead;
    nothing is trained or searched. Of 24 values or more the last fifth is for the scores, and naive
    and classical models stand beside the network there.

    With ``method="es-lstm"`` or "recursive", or where an argument of the search is given, a layered
    grid search chooses the parameters of networks that are fitted to this series alone. It is cut
    in three: the last fifth is for the scores and decides nothing, the last fifth of the rest is
    for validation. A candidate is a few networks, alike but for their seeds, fitted to the training
    part and valued by their mean forecasts from every period of the validation part. With the best
    parameters five networks are fitted and averaged: to everything before the test part for the
    scores, and to the whole series for the forecast.

    Args:
        horizon: periods to forecast.
        trials: parameter settings to try; with it the same seed gives the same forecast.
        budget: seconds that the search may take. Without trials and budget it is 120.
        exhaustive: try every point of the coarse grid, instead of a number of trials or a budget.
        seed: of everything random.
        level: share of outcomes that the interval shall hold.
        method: "pretrained"; "es-lstm", an LSTM that weighs the forecasts of many exponential
            smoothers, fitted to this series; or "recursive", the method of Wang et al. 2018:
            windows, one step ahead, applied again and again.
        model: "lstm", or "auto" for the mean of the LSTM, Holt-Winters and a trailing mean, whose
            weights begin alike and follow the errors on the validation part.
        workers: processes of the search; one for each processor if not given.
        engine: "local", or "ray" to search on a Ray cluster. address: of the cluster, host:port.
        ledger: file that holds each result of the search at once; a temporary one if not given.
        resume: go on with the interrupted search in ``ledger``, or join one that runs.
        classics: seconds for classical models of other packages to be fitted and scored, too, where
            they are installed; None for none.
        network: file of networks that forecast instead of those that come with the package, as
            ``gatework pretrain`` writes it; the forecaster's own file holds them.
        origin: JSON values kept in ``ledger`` for whoever resumes the search.
        progress: told how the search goes, or the tuning; None for silence.
        tune: whether the pretrained network is tuned to the series; it serves where it surely
            forecasts better, as ``judged_`` says.
        checkpoint: folder for what is done of the tuning; an interrupted fit goes on there.

    Attributes:
        result_: the ForecastResult, after ``fit``.
        fitted_: the networks and what is needed to forecast with them.
        blend_: with ``model="auto"`` the models and their weights; otherwise None.

    Raises:
        OptionError, DataError: by ``fit``, before any work: arguments out of range, all at once;
            a series that has no value, is too short for a search, or is not finite.

    Example:
        >>> import numpy as np
        >>> values = 5 + np.sin(np.arange(60) / 2)
        >>> forecaster = Forecaster(horizon=3).fit(values)
        >>> [point.period for point in forecaster.predict()]
        ['61', '62', '63']

    Source: see pretrained.network.WeighingLSTM for "pretrained",
        es_lstm.network.SmoothingLSTM for "es-lstm", recursive.method.Recursive for "recursive".
    """

    file_kind: ClassVar[str] = "forecaster"
    FILE = elsewhere("gatework.forecast.local.model_file")
    LEARNED: ClassVar[str] = "fitted_"
    FIT: ClassVar[str] = "forecaster.fit(series)"
    READS: ClassVar[str] = "series"
    blend_ = None

    @property
    def served_(self) -> str:
        """What forecasts: the "pretrained" network, or the "plain mean" where it is damaged.

        Networks of a file are "pretrained, from FILE"; those that a search fitted "searched".
        """
        self.check_fitted()
        return served_by(self.fitted_)

    def __repr__(self) -> str:
        said = super().__repr__()
        return f"{said}  # {serving.told(self)}" if self.__sklearn_is_fitted__() else said

    def as_fitted(self) -> Self:
        """Return it with the method that was taken, unfitted: what a file says of it."""
        said = type(self)(**self.get_params())
        said.method = self.fitted_.method
        return said

    def check(self, series: Series | Any) -> Series:
        """Return the series as ``fit`` would take it, after checking it and all arguments.

        Raises:
            OptionError, DataError, ShapeError: as ``fit`` does.
        """
        self.check_settings()
        masks = self.method_taken == DEFAULT_METHOD
        checked = as_series(series, missing="mask" if masks else "error")
        if self.method_for(checked) != DEFAULT_METHOD:
            check_whole(checked)
            check_length(len(checked), self.horizon, checked.name)
        check_some(int((~np.isnan(checked.values)).sum()), checked.name)
        check_range(checked.values, checked.name)
        return with_gaps_told(checked)

    def fit(self, series: Series | Any) -> Self:
        """Search, fit and score; afterwards ``result_`` holds all of it.

        Shapes:
            series: a Series, (n,) values, oldest first, a pandas Series over dates, or a data frame
            as read_series takes it.

        Raises:
            OptionError, DataError, ShapeError: for arguments and data that cannot be used.
            SearchInterrupted: after Ctrl-C; what was finished is in ``ledger``.
            InputFileError, FileFormatError: when ``network`` cannot be read, or is damaged.
            OutputError: when ``ledger`` exists without ``resume``, or cannot be written.
        """
        began = time.perf_counter()
        series = self.check(series)
        taken = self.method_for(series)
        searched = taken != DEFAULT_METHOD
        notes = said_of(self.search_asked, len(series), self.horizon, searched=searched)
        serves = chosen(self, series, taken)
        about = (series, self.horizon, self.level, self.seed, serves.parameters, serves.method)
        model = self.model if taken == self.method_taken else "lstm"
        classics = None if self.classics is None else FittedClassics(self.classics)
        with one_thread():
            run = FinalRun(*about, model, notes, classics, serves.verdict, serves.found)
            self.fitted_, self.blend_, self.result_ = run.finish(serves.trials, serves.start, began)
        return self

    def begin(self, start: str | None = None, frequency: str | None = None, **how: Any) -> Self:
        """Begin with a series of which no value came yet; ``update`` then takes the first one.

        The pretrained network forecasts from then on, as if it had been fitted to what came.

        Args:
            start: the first period, such as "2005-03"; the number 1 where left out.
            frequency: of the periods, such as "MS"; without one they are numbered.
            how: ``season``, ``name``; ``step`` of numbers; ``style`` of reading.

        Raises:
            OptionError: arguments are out of range, or ask for a search, which needs a series.

        Example:
            >>> Forecaster().begin("2005-03", "MS").update([5.0, 4.0, 6.0]).predict(1)[0].period
            '2005-06'
        """
        self.fitted_, self.blend_ = begun(self, start, frequency, how), None
        if hasattr(self, "result_"):
            del self.result_
        return self

    @property
    def judged_(self) -> str:
        """What was found of other networks beside the pretrained ones, or nothing."""
        self.check_fitted()
        if (result := getattr(self, "result_", None)) and result.judged:
            return result.judged.sentence()
        found = getattr(self.fitted_, "standing", None)
        return "" if found is None else verdict_said(found.network)

    def grid_size(self, series: Series | Any) -> int:
        """Return how many points an exhaustive search of this series tries.

        Raises:
            OptionError, DataError, ShapeError: as ``fit`` does.
        """
        checked = self.check(series)
        cut = split(len(checked))
        axes = method_of(self.method_for(checked)).axes(checked.first(cut.test_start), cut)
        return math.prod(len(axis.values) for axis in axes)

    def predict(
        self,
        horizon: int | None = None,
        *,
        level: float | None = None,
        levels: Sequence[float] | float | None = None,
        series: Series | Any = None,
    ) -> ForecastPoints:
        """Return the forecast of the next periods.

        Args:
            horizon: any number of periods of the pretrained network, otherwise at most as many as
                were fitted for.
            level: share of outcomes that the interval shall hold, likewise any.
            levels: several of them; the points have the interval of the first, and the result all.
            series: another series, which the pretrained network forecasts without a fit; nothing is
                kept.

        Raises:
            NotFittedError: when nothing was fitted, and no series is given.
            OptionError: when horizon or level is out of range, or another one than was fitted for.
        """
        fitted = serving.fitted_for(self, series)
        horizon, levels = serving.asked_of(self, fitted, horizon, levels, level)
        return serving.points_of(fitted, self.blend_, horizon, levels)

    def predict_total(
        self,
        horizon: int | None = None,
        *,
        levels: Sequence[float] | float | None = None,
        at_least: Sequence[float] | float = (),
        series: Series | Any = None,
    ) -> TotalForecast:
        """Return what the next periods come to together.

        Interval and chances come from paths that the pretrained network draws through the periods;
        the same seed gives the same.

        Args:
            horizon: as for ``predict``.
            levels: of intervals; that of the constructor where left out.
            at_least: totals of which the chance is wanted that so much or more comes.
            series: as for ``predict``.

        Raises:
            NotFittedError, OptionError: as ``predict``; for networks that a search fitted, which
                draw no paths.
        """
        fitted = serving.drawing(serving.fitted_for(self, series), self.blend_)
        horizon, levels = serving.asked_of(self, fitted, horizon, levels)
        return serving.total_of(fitted, horizon, levels, at_least, self.seed)

    def sample_paths(
        self, horizon: int | None = None, *, count: int = 1000, series: Series | Any = None
    ) -> np.ndarray:
        """Return paths drawn through the next periods, (count, H); the same seed gives the same.

        Args:
            horizon: as for ``predict``.
            count: of paths.
            series: as for ``predict``.

        Raises:
            NotFittedError, OptionError: as ``predict_total``.
        """
        fitted = serving.drawing(serving.fitted_for(self, series), self.blend_)
        horizon, _ = serving.asked_of(self, fitted, horizon, None)
        refuse(whole(1, MOST_PATHS)("count", count))
        return serving.paths_of(fitted, horizon, count, self.seed)

    def update(
        self,
        values: Sequence[float] | np.ndarray | float,
        labels: Sequence[str] | None = None,
    ) -> Self:
        """Go on by the values of the next periods, without fitting anything anew.

        The LSTM carries its state, so a value costs the same however long the series is. The
        intervals of networks that a search chose stay as wide as they were calibrated.

        Shapes:
            values: (n,), or one number; nan where a value is missing. labels: n names of the
            periods; they follow from the last one where they are left out.

        Raises:
            NotFittedError: when nothing was fitted yet.
            DataError, ShapeError: when values are infinite, no numbers, negative in a series of
                counts, or not as many as labels.

        Example:
            >>> import numpy as np
            >>> values = 5 + np.sin(np.arange(60) / 2)
            >>> forecaster = Forecaster(horizon=3).fit(values)
            >>> forecaster.update([5.2, 5.6]).predict(1)[0].period
            '63'
        """
        go_on(self, values, labels)
        return self

    def backtest(
        self,
        series: Series | Any,
        start: int | None = None,
        *,
        refit_every: int | None = None,
    ) -> Backtest:
        """Return what would have been forecast in the last part of a series; nothing is kept.

        A Forecaster like this one is fitted to what comes before ``start``, search and intervals
        included, and then forecasts from each later period in turn, with everything before it
        known. Forecasts overlap.

        Args:
            series: as for ``fit``.
            start: the first origin; that of the last fifth where left out.
            refit_every: fit anew after so many periods; None for never.

        Raises:
            OptionError: ``start`` leaves nothing to score, or ``refit_every`` is below 1.
            DataError, ShapeError: as ``fit``, also where too little comes before ``start``.
        """
        # Its own ledger would be that of another search.
        settings = self.get_params() | {"ledger": None, "resume": False}
        return backtest(
            lambda part: type(self)(**settings).fit(part),
            self._series(series),
            start,
            refit_every,
            self.level,
        )

    def _networks(self) -> Sequence[Any]:
        return self.fitted_.networks

    def read(
        self,
        path: Any,
        *,
        column: str | None = None,
        time_column: str | None = None,
        missing: Missing = "previous",
        style: ReadingStyle | None = None,
    ) -> Series:
        """Read a series from a table as the fitted one was read, above which ``style`` stands.

        Gaps repeat the value before unless ``missing`` says otherwise.
        """
        known = self._style()
        return read_series(
            path,
            column=column,
            time_column=time_column,
            missing=missing,
            allow_negative=known is not None and not self.fitted_.tail.counts,
            style=known if style is None else style.over(known or ReadingStyle()),
        )

    def _series(self, series: Series | Any) -> Series:
        """Return a series as it is read that is like the fitted one."""
        masks = self.method_taken == DEFAULT_METHOD
        return as_series(series, self._style(), "mask" if masks else "error")

    def _style(self) -> ReadingStyle | None:
        """Return how the series was read that it was fitted to."""
        return self.fitted_.tail.style if hasattr(self, "fitted_") else None

    def examine(self, data: Series | Any = None, *, member: int = 0) -> Run:
        """Return a run of one of its networks over a series, to be looked into.

        Args:
            data: a series of the kind that was fitted; the fitted one where it is still known.
            member: which of the averaged networks.

        Raises:
            NotFittedError: when nothing was fitted.
            OptionError: when there is no such network, or data are missing.
        """
        if data is None and hasattr(self, "result_"):
            data = self.result_.series
        series = self._series(self._needed(data))
        self._member(member)
        return self.fitted_.examine(series, member)
