"""The forecaster of many series: one network for all of them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from gatework.checks import below, checked, layer_sizes, one_of, refuse, share, whole, wrong_fields
from gatework.engine import engine_problems
from gatework.errors import OptionError
from gatework.estimator import Estimator, Schema
from gatework.examine import Run
from gatework.forecast.across.backtest import backtest, held_out_backtest
from gatework.forecast.across.checks import check_panel
from gatework.forecast.across.covariates import CovariateScaling, problem_of
from gatework.forecast.across.ends import SeriesEnds, ends_of
from gatework.forecast.across.little import little_note, widened
from gatework.forecast.across.model_file import FILE
from gatework.forecast.checks import check_horizon
from gatework.forecast.coercion import as_panel
from gatework.forecast.es_lstm.distributed import DistributedTraining
from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS
from gatework.forecast.es_lstm.fit import LOSSES, EsLstmSettings, FittedMember, fit_member
from gatework.forecast.es_lstm.introspection import run_member
from gatework.forecast.es_lstm.model import SmoothingModel, fit_model
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.panel import Panel
from gatework.forecast.panel.reading import read_panel
from gatework.forecast.panel.result import PanelForecast
from gatework.forecast.series import Series
from gatework.tabular.style import ReadingStyle
from gatework.train import Progress


@dataclass(eq=False, repr=False)
class GlobalForecaster(Estimator):
    """Forecast many series with one network, trained on all of them.

    The network is an LSTM that weighs the forecasts of many exponential smoothers, at each step
    ahead, for each series, and anew with each value. Missing values are masked. Intervals come from
    a distribution that the network learns, widened or narrowed so that they hold on the last fifth
    of each series, which networks for that purpose have not seen.

    Args:
        horizon: periods to forecast.
        hidden_sizes: units of each LSTM layer.
        dropout: between layers and before the head, while training.
        learning_rate: greatest of a one-cycle schedule.
        weight_decay: of AdamW.
        epochs: passes over all series; None for as many as make about 180 steps, 15 at least.
        batch_size: series in a step.
        members: networks that are averaged, alike but for their seeds.
        loss: "absolute", "squared" (both in units of each series' spread) or "smape".
        correction: whether the network may leave the range of the smoothers.
        distribution: "auto" (negative binomial where all series are counts, otherwise Student's
            t), "normal", "student_t", "negative_binomial", "quantiles", or None for intervals from
            errors alone.
        levels: shares of outcomes that intervals shall hold.
        whole_numbers: round forecasts, and the ends of intervals outwards.
        seed: of everything random.
        progress: told how the training of each network goes; None for silence.
        checkpoint: folder for the networks as they are trained; an interrupted fit goes on there.
        processes: that train each network together, each on a part of every batch; the networks
            are the same up to rounding where there is no dropout.
        engine: "local" for processes on this machine, "ray" for those of a Ray cluster.
        address: of the cluster, host:port.

    Attributes:
        model_: the SmoothingModel, after ``fit``.
        panel_: the series' names and ends.
        held_out_: a Backtest, without intervals, of the last fifth of each series by the networks
            that intervals are calibrated with.

    Raises:
        OptionError, DataError: by ``fit``, before any work: arguments out of range, all at once;
            series that are too short or not finite.

    Example:
        >>> import numpy as np
        >>> from gatework.forecast import Panel, Series
        >>> wave = np.sin(np.arange(60) / 2)
        >>> labels = tuple(str(number) for number in range(1, 61))
        >>> panel = Panel.from_series([Series(n, 5 + k + wave, labels) for k, n in enumerate("ab")])
        >>> forecaster = GlobalForecaster(horizon=3, epochs=5, members=1).fit(panel)
        >>> forecaster.predict().values.shape
        (2, 3)

    Source: see es_lstm.network.SmoothingLSTM.
    """

    horizon: int = checked(12, whole(1))
    _: KW_ONLY
    hidden_sizes: Sequence[int] = checked((64,), layer_sizes())
    dropout: float = checked(0.1, below(0, 1))
    learning_rate: float = checked(3e-3, below(0, 10))
    weight_decay: float = checked(1e-4, below(0, 10))
    epochs: int | None = checked(None, whole(1))
    batch_size: int = checked(32, whole(1))
    members: int = checked(3, whole(1))
    loss: str = checked("absolute", one_of(LOSSES))
    correction: bool = False
    distribution: str | None = checked("auto", one_of(("auto", *DISTRIBUTIONS)))
    levels: Sequence[float] = (0.8, 0.95)
    whole_numbers: bool = False
    seed: int = checked(0, whole(0))
    progress: Progress | None = None
    checkpoint: str | os.PathLike[str] | None = None
    processes: int = checked(1, whole(1))
    engine: str = "local"
    address: str | None = None

    file_kind: ClassVar[str] = "global_forecaster"
    FILE: ClassVar[Schema] = FILE
    OF_A_RUN: ClassVar[tuple[str, ...]] = (
        "progress",
        "checkpoint",
        "processes",
        "engine",
        "address",
    )
    LEARNED: ClassVar[str] = "model_"
    FIT: ClassVar[str] = "forecaster.fit(panel)"
    READS: ClassVar[str] = "panel"
    PICK: ClassVar[str | None] = "series"

    def problems(self) -> list[str]:
        """Return what is wrong with the arguments, in sentences."""
        problems = wrong_fields(self) + engine_problems(self.engine, self.address)
        if not list(self.levels) or any(share("levels", one) for one in self.levels):
            problems.append(f"levels must be numbers between 0 and 1, got {self.levels!r}")
        if self.processes == 1 and self.engine == "ray":
            problems.append(
                "engine 'ray' trains with several processes: processes must be 2 or more"
            )
        return problems

    def check(self, panel: Panel | Sequence[Series] | Any) -> Panel:
        """Return the panel as ``fit`` would take it, after checking it and all arguments.

        A data frame, or the path of a table, is read like the table that was fitted before.

        Raises:
            OptionError, DataError: as ``fit`` does.
        """
        refuse(self.problems(), "forecasting cannot begin: ")
        panel = as_panel(panel, self._fitted())
        check_panel(panel, self.horizon, self.distribution)
        told = dict.fromkeys((*panel.notes, *little_note(panel)))
        return dataclasses.replace(panel, notes=tuple(told))

    def fit(self, panel: Panel | Sequence[Series] | Any) -> Self:
        """Train the networks, calibrate the intervals, and keep where every series stands.

        Args:
            panel: from read_panel, or some Series of one frequency, or what read_panel takes with
            its columns called unique_id, ds and y.

        Raises:
            OptionError, DataError: for arguments and data that cannot be used.
            TrainingInterrupted: after Ctrl-C, where ``checkpoint`` keeps what was done.
        """
        panel = self.check(panel)
        settings = self._settings(panel)
        scaling = CovariateScaling.of(panel)
        problem = problem_of(panel, self.horizon, scaling)
        self._periods = int(problem.lengths.sum())
        seeds = [self.seed + member for member in range(self.members)]
        levels, fit = tuple(self.levels), self._fit_member
        model, held_out = fit_model(problem, settings, seeds, levels, fit=fit)
        self.scaling_, self.model_, self.panel_ = scaling, model, ends_of(panel)
        self.passed_ = 0
        self.held_out_ = held_out_backtest(panel, held_out)
        return self

    def predict(self, horizon: int | None = None, *, future: Any = None) -> PanelForecast:
        """Return the forecasts of the next periods of every series.

        Shapes:
            future: (B, horizon fitted for, Q), covariates of these periods; where they are left
            out, those that came with the panel. They may be a table, too, read like that of the
            panel: a data frame or the path of a file, with a row for each series and period.

        Raises:
            NotFittedError: when nothing was fitted. OptionError: when the horizon is out of range.
            DataError: when covariates of these periods are needed and not known.
        """
        self.check_fitted()
        model = self.model_
        horizon = model.horizon if horizon is None else horizon
        check_horizon(horizon, model.horizon, f"GlobalForecaster(horizon={horizon}).fit(panel)")
        ends = SeriesEnds(self.panel_, self.scaling_, self.passed_)
        forecasts = model.forecasts(ends.outlook(future, model.horizon))
        values = forecasts.values[:, :horizon]
        lower, upper = {}, {}
        for level in model.margins.levels:
            low, high = widened(model, forecasts.values, *model.interval(forecasts, level))
            lower[level], upper[level] = low[:, :horizon], high[:, :horizon]
        if self.whole_numbers:
            values = np.round(values)
            lower = {level: np.floor(ends) for level, ends in lower.items()}
            upper = {level: np.ceil(ends) for level, ends in upper.items()}
        panel = self.panel_
        periods = tuple(tuple(panel.future_labels(row, horizon)) for row in range(len(panel)))
        ids, frequency = panel.id_columns, panel.frequency
        return PanelForecast(panel.ids, periods, values, lower, upper, frequency, ids)

    def update(
        self,
        values: Mapping[str, float] | Sequence[float] | np.ndarray,
        *,
        past: np.ndarray | None = None,
    ) -> Self:
        """Go on by the next period of every series, without fitting anything anew.

        A period costs the same however long the series are.

        Args:
            values: the value of each series, by id or in the order of ``panel_.ids``; nan, or left
                out by id, where it is missing.
            past: (B, P), the covariates known by the end of the period, where there are any.

        Raises:
            NotFittedError: when nothing was fitted.
            DataError: for an unknown id, values that are infinite or not as many as the series,
                or covariates that are missing.
        """
        self.check_fitted()
        model, ends = self.model_, SeriesEnds(self.panel_, self.scaling_, self.passed_)
        model.live.advance(model.members, ends.values(values), ends.covariates(past))
        self.panel_, self.passed_ = ends.following(), self.passed_ + 1
        return self

    def backtest(
        self,
        panel: Panel | Sequence[Series] | Any,
        starts: Sequence[int] | np.ndarray | None = None,
        *,
        refit_every: int | None = None,
    ) -> Backtest:
        """Return what would have been forecast in the last part of each series; nothing is kept.

        Networks are fitted to what comes before ``starts`` and then forecast from each of the
        later periods in turn, with everything before it known. Forecasts overlap.

        Args:
            panel: as for ``fit``.
            starts: (B,), the first origin of each series; its last fifth where left out.
            refit_every: fit anew after so many periods; None for never.

        Raises:
            OptionError, DataError: as ``fit``; for starts that leave nothing to learn or to score.
        """

        def fit(part: Panel) -> tuple[SmoothingModel, CovariateScaling]:
            fitted = type(self)(**self.get_params()).fit(part)
            return fitted.model_, fitted.scaling_

        return backtest(fit, self.check(panel), starts, refit_every, self.levels)

    def _networks(self) -> list[Any]:
        return [member.network for member in self.model_.members]

    def read(
        self,
        path: Any,
        *,
        id_column: str | None = None,
        time_column: str | None = None,
        column: str | None = None,
        style: ReadingStyle | None = None,
    ) -> Panel:
        """Read a panel from a table as the fitted one was read, its columns by the same names.

        ``style`` stands above what is kept of that.

        Raises:
            OptionError: when no column is named or known.
        """
        fitted = self._fitted()
        like = {} if fitted is None else fitted.reading
        if style is not None:
            like |= {"style": style.over(like.get("style", ReadingStyle()))}
        named = {"id_column": id_column, "time_column": time_column, "column": column}
        if not any(named.values()) and not (fitted and fitted.style.time_column):
            raise OptionError(
                "a GlobalForecaster reads many series",
                hint="--id-column ID --time-column DATE --column VALUE",
            )
        return read_panel(path, **named, **like)

    def _fitted(self) -> Panel | None:
        """Return what is kept of the panel that it was fitted to."""
        return getattr(self, "panel_", None)

    def examine(
        self,
        data: Panel | Sequence[Series] | None = None,
        *,
        series: str | None = None,
        member: int = 0,
    ) -> Run:
        """Return a run of one of its networks over one series, to be looked into.

        Args:
            data: a panel of the kind that was fitted.
            series: the id of the series; the first one when not given.
            member: which of the averaged networks.

        Raises:
            NotFittedError: when nothing was fitted.
            OptionError: when data are missing, or there is no such series or network.
        """
        panel, model = self.check(self._needed(data)), self.model_
        row = self._picked(series, panel.ids)
        self._member(member)
        problem = problem_of(panel, model.horizon, self.scaling_).rows(np.array([row]))
        return run_member(model, problem, panel.series(panel.ids[row]), member)

    def _settings(self, panel: Panel) -> EsLstmSettings:
        given = {field.name: getattr(self, field.name) for field in fields(EsLstmSettings)}
        given["hidden_sizes"] = tuple(self.hidden_sizes)
        if self.distribution == "auto":
            given["distribution"] = "negative_binomial" if panel.counts.all() else "student_t"
        return EsLstmSettings(**given)

    def _fit_member(self, problem: Problem, settings: EsLstmSettings, seed: int) -> FittedMember:
        checkpoint = None
        if self.checkpoint is not None:
            folder = Path(self.checkpoint)
            folder.mkdir(parents=True, exist_ok=True)
            part = "all" if int(problem.lengths.sum()) == self._periods else "calibration"
            checkpoint = folder / f"{part}-{seed}.checkpoint"
        fit = fit_member
        if self.processes > 1:
            fit = DistributedTraining(self.processes, self.engine, self.address).fit
        return fit(problem, settings, seed, progress=self.progress, checkpoint=checkpoint)
