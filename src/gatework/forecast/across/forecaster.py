"""The forecaster of many series: one network for all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from gatework.checks import refuse
from gatework.errors import OptionError
from gatework.estimator.model_file import elsewhere
from gatework.forecast.across import answers, serving
from gatework.forecast.across.asked import GlobalForecasterArguments
from gatework.forecast.across.checks import check_learnable, check_values
from gatework.forecast.across.corrected import CovariateEffect, pretrained_model
from gatework.forecast.across.covariates import CovariateScaling
from gatework.forecast.across.ends import SeriesEnds, ends_of
from gatework.forecast.across.little import little_note
from gatework.forecast.across.terms import static_note
from gatework.forecast.across.training import training_note, trains
from gatework.forecast.across.untrained import PretrainedModel
from gatework.forecast.coercion import as_panel
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.missing import missing_notes
from gatework.forecast.panel.panel import Panel
from gatework.forecast.panel.reading import read_panel
from gatework.forecast.panel.result import PanelForecast, TotalForecast
from gatework.forecast.series import Series
from gatework.tabular.style import ReadingStyle

if TYPE_CHECKING:
    from gatework.examine import Run


class GlobalForecaster(GlobalForecasterArguments):
    """Forecast many series with one network: the pretrained one, or one trained on all of them.

    The network is an LSTM that weighs the forecasts of many exponential smoothers, at each step
    ahead, for each series, and anew with each value. The one that comes with the package knows
    every kind of series from their first value on: ``fit`` trains nothing, and says at once where
    the series stand. It forecasts any horizon, at any level, with intervals of its own.

    Where networks are trained, missing values are masked, and intervals come from a distribution
    that the network learns, widened or narrowed so that they hold on the last fifth of each series,
    which networks for that purpose have not seen.

    Args:
        horizon: periods to forecast.
        train: whether to train networks on these series. None for where one of the options from
            ``hidden_sizes`` to ``distribution``, ``checkpoint``, ``processes`` or ``engine`` says
            how.
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
        interface: network interface, such as "eth0", by which processes on several machines of the
            cluster meet; without it only those of this machine can. Whoever reaches it may join.
        tune: whether the pretrained network is tuned on these series; it serves where it surely
            forecasts better, as ``judged_`` says. ``checkpoint`` keeps what is done of it.
        network: file of networks that forecast instead of those that come with the package, as
            ``gatework pretrain`` writes it; the forecaster's own file holds them.

    Attributes:
        model_: the PretrainedModel or the SmoothingModel, after ``fit``.
        panel_: the series' names and ends.
        covariates_: what each covariate adds to the pretrained network's forecast, and whether it
            is taken into account; see CovariateEffect.

    Raises:
        OptionError, DataError: by ``fit``, before any work: arguments out of range, all at once;
            series that are too short or not finite.

    Example:
        >>> import numpy as np
        >>> from gatework.forecast import Panel, Series
        >>> wave = np.sin(np.arange(60) / 2)
        >>> labels = tuple(str(number) for number in range(1, 61))
        >>> panel = Panel.from_series([Series(n, 5 + k + wave, labels) for k, n in enumerate("ab")])
        >>> forecaster = GlobalForecaster(horizon=3).fit(panel)
        >>> forecaster.predict().values.shape, forecaster.predict(24, levels=[0.5]).values.shape
        ((2, 3), (2, 24))

    Source: see es_lstm.network.SmoothingLSTM.
    """

    file_kind: ClassVar[str] = "global_forecaster"
    FILE = elsewhere("gatework.forecast.across.model_file")
    LEARNED: ClassVar[str] = "model_"
    FIT: ClassVar[str] = "forecaster.fit(panel)"
    READS: ClassVar[str] = "panel"
    PICK: ClassVar[str | None] = "series"

    def check(self, panel: Panel | Sequence[Series] | Any) -> Panel:
        """Return the panel as ``fit`` would take it, after checking it and all arguments.

        A data frame, or the path of a table, is read like the table that was fitted before.

        Raises:
            OptionError, DataError: as ``fit`` does.
        """
        refuse(self.problems(), "forecasting cannot begin: ")
        panel = as_panel(panel, self._fitted())
        trained = trains(self)
        check_values(panel)
        if trained:
            check_learnable(panel, self.horizon, self.distribution)
        why = training_note(self) if trained else (*serving.who(self), *static_note(panel))
        said = (*panel.notes, *missing_notes(panel), *why, *little_note(panel, trained))
        return dataclasses.replace(panel, notes=tuple(dict.fromkeys(said)))

    def fit(self, panel: Panel | Sequence[Series] | Any) -> Self:
        """Keep where every series stands; train networks for that only where it is asked for.

        Args:
            panel: from read_panel, or some Series of one frequency, or what read_panel takes with
            its columns called unique_id, ds and y.

        Raises:
            OptionError, DataError: for arguments and data that cannot be used.
            TrainingInterrupted: after Ctrl-C, where ``checkpoint`` keeps what was done.
        """
        panel = self.check(panel)
        self.covariates_: tuple[CovariateEffect, ...] = ()
        if trains(self):
            from gatework.forecast.across.trained import fit_networks

            self.model_, self.scaling_, self._held_out = fit_networks(self, panel)
        else:
            self.scaling_ = CovariateScaling.of(panel)
            network, self._held_out = serving.network_and_held_out(self, panel)
            starts = None if self.tune else serving.held_out_starts(panel)
            how = (self.scaling_, self.horizon, network, starts)
            self.model_, self.covariates_ = pretrained_model(panel, *how)
        self.panel_, self.passed_ = ends_of(panel), 0
        return self

    @property
    def served_(self) -> str:
        """What forecasts: the "pretrained" network, "tuned" or "trained" ones, or the "plain mean".

        Networks of a file are "pretrained, from FILE". The plain mean of the smoothers stands in
        where the pretrained network is damaged.
        """
        self.check_fitted()
        return self.model_.served if isinstance(self.model_, PretrainedModel) else "trained"

    @property
    def held_out_(self) -> Backtest:
        """A Backtest of the last fifth of each series, by networks that had not seen it.

        Trained networks are those that intervals are calibrated with, so there are none here.
        """
        found = self.__dict__.get("_held_out")
        if found is None:
            raise AttributeError("held_out_ is known once fit was called, and in no file")
        if isinstance(found, Panel):
            self._held_out = found = serving.untrained_held_out(self, found)
        return found

    @property
    def judged_(self) -> str:
        """What was found of the tuned network beside the pretrained one, or nothing."""
        self.check_fitted()
        model = self.model_
        return model.judged if isinstance(model, PretrainedModel) else ""

    @property
    def verdict_(self) -> dict[str, Any] | None:
        """The same with its numbers, as JSON values; None where nothing was tuned."""
        self.check_fitted()
        model = self.model_
        return model.verdict if isinstance(model, PretrainedModel) else None

    def __repr__(self) -> str:
        said = super().__repr__()
        return f"{said}  # {serving.told(self)}" if self.__sklearn_is_fitted__() else said

    def predict(
        self,
        horizon: int | None = None,
        *,
        level: float | None = None,
        levels: Sequence[float] | float | None = None,
        panel: Panel | Sequence[Series] | Any = None,
        series: Series | Any = None,
        future: Any = None,
    ) -> PanelForecast:
        """Return the forecasts of the next periods of every series.

        Args:
            horizon: periods to forecast; any number with the pretrained network, those fitted for
                or fewer with trained ones.
            level: share of outcomes that the interval shall hold, instead of ``levels``.
            levels: several of them, of trained networks some of those fitted for; those of the
                constructor where left out.
            panel: other series than those fitted, which the pretrained network forecasts without
                a fit; nothing is kept. Covariates of the names that were fitted have the effects
                that were fitted, as the notes of the result say.
            series: a single other series, likewise.
            future: covariates of these periods where they did not come with the panel, (B, H, Q),
                of trained networks as many as were fitted for; or a table of them, or its path.

        Raises:
            NotFittedError: when nothing was fitted, and no panel is given.
            OptionError: when the horizon or a level is out of range, or trained networks are asked
                for other series.
            DataError: when covariates of these periods are needed and not known.
        """
        taken = serving.others(panel, series)
        return answers.forecast_of(self, taken, horizon, levels, level, future)

    def predict_total(
        self,
        horizon: int | None = None,
        *,
        levels: Sequence[float] | float | None = None,
        at_least: Sequence[float] | float = (),
        panel: Panel | Sequence[Series] | Any = None,
        series: Series | Any = None,
        future: Any = None,
    ) -> TotalForecast:
        """Return what the next periods of each series come to together.

        Intervals and chances come from paths that the pretrained network draws through the periods,
        so that what goes together is counted together; the same seed gives the same.

        Args:
            horizon: as for ``predict``.
            levels: as for ``predict``.
            at_least: totals of which the chance is wanted that so much or more comes.
            panel: as for ``predict``.
            series: as for ``predict``.
            future: as for ``predict``.

        Raises:
            NotFittedError, DataError: as ``predict``.
            OptionError: as ``predict``; for trained networks, which draw no paths.
        """
        taken = serving.others(panel, series)
        return answers.total_of(self, taken, horizon, levels, at_least, future)

    def sample_paths(
        self,
        horizon: int | None = None,
        *,
        count: int = 1000,
        panel: Panel | Sequence[Series] | Any = None,
        series: Series | Any = None,
        future: Any = None,
    ) -> np.ndarray:
        """Return paths drawn through the next periods of each series, (count, B, H).

        The same seed gives the same paths of a series, whatever others are beside it.

        Args:
            horizon: as for ``predict``.
            count: of paths.
            panel: as for ``predict``.
            series: as for ``predict``.
            future: as for ``predict``.

        Raises:
            NotFittedError, DataError, OptionError: as ``predict_total``.
        """
        return answers.paths_of(self, serving.others(panel, series), horizon, count, future)

    def update(
        self,
        values: Mapping[str, float] | Sequence[float] | np.ndarray,
        *,
        past: np.ndarray | None = None,
        future: np.ndarray | None = None,
    ) -> Self:
        """Go on by the next period of every series, without fitting anything anew.

        A period costs the same however long the series are.

        Args:
            values: the value of each series, by id or in the order of ``panel_.ids``; nan, or left
                out by id, where it is missing.
            past: (B, P), the covariates known by the end of the period, where there are any.
            future: (B, 1, Q), those that were known of it in advance; where they are left out,
                those that came with the panel.

        Raises:
            NotFittedError: when nothing was fitted.
            DataError: for an unknown id, values that are infinite or not as many as the series,
                or covariates that are missing.
        """
        self.check_fitted()
        model, ends = self.model_, SeriesEnds(self.panel_, self.scaling_, self.passed_)
        if isinstance(model, PretrainedModel):
            new, beside = ends.values(values), ends.past(past)
            model.advance(new, beside, ends.outlook(future, 1))
        else:
            known = ends.covariates(past, future)
            model.live.advance(model.members, ends.values(values), known)
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

        Forecasts are made from each of the periods from ``starts`` on in turn, with everything
        before it known; they overlap. Networks that are trained, and the effects of covariates,
        are fitted to what comes before ``starts``.

        Args:
            panel: as for ``fit``.
            starts: (B,), the first origin of each series; its last fifth where left out.
            refit_every: train anew after so many periods; None for never.

        Raises:
            OptionError, DataError: as ``fit``; for starts that leave nothing to learn or to score,
                and for refit_every where nothing is trained.
        """
        return serving.backtest_of(self, self.check(panel), starts, refit_every)

    def _networks(self) -> list[Any]:
        return serving.networks_of(self.model_)

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
        panel = self.check(self._needed(data))
        row = self._picked(series, panel.ids)
        self._member(member)
        return serving.run_of(self, panel, row, member)
