"""A forecaster of one series with covariates, as a stream goes on by it value by value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gatework.errors import DataError, OptionError, nearest
from gatework.forecast import ForecastPoint, GlobalForecaster, Panel, Series
from gatework.forecast.across.corrected import CorrectedModel
from gatework.forecast.across.untrained import PretrainedModel
from gatework.forecast.checks import several
from gatework.forecast.panel.periods import calendar_features

if TYPE_CHECKING:
    from gatework.cell.summary import LayerSummary
    from gatework.examine import Run


class Informed:
    """A GlobalForecaster of one series by a pretrained network, watched with its covariates.

    What is known of periods to come is kept in the forecaster, and so in its file.

    Args:
        forecaster: it is updated.

    Attributes:
        ahead, beside: names of the covariates that its correction takes, known in advance but for
            the calendar's, and by the end of their period.

    Raises:
        OptionError: it is of several series, or its networks were trained on them.
    """

    method_taken: ClassVar[str] = "pretrained"

    def __init__(self, forecaster: GlobalForecaster) -> None:
        forecaster.check_fitted()
        self.forecaster, self.level = forecaster, float(several(forecaster.levels)[0])
        model, panel = forecaster.model_, forecaster.panel_
        if len(panel) > 1 or panel.id_columns:
            told = f"{len(panel)} series" if len(panel) > 1 else f"series {panel.ids[0]!r} of a key"
            raise OptionError(
                f"a stream is one series, and the model is of {told}",
                hint="gatework forecast a table of one series, without --id-column",
            )
        if not isinstance(model, PretrainedModel):
            raise OptionError(
                "the networks of the model were trained on its series, and go on with no stream",
                hint="gatework forecast without --train and the options of training",
            )
        self._names = panel.covariates
        corrected = isinstance(model, CorrectedModel)
        terms = model.learned.terms if corrected else ()
        late = [self._names.past_names[column] for column, lag in terms if lag]
        known = [self._names.future_names[column] for column, lag in terms if not lag]
        self.beside = tuple(dict.fromkeys(late))
        self.ahead = tuple(name for name in dict.fromkeys(known) if name in panel.columns_ahead)
        self._seen: dict[str, float] = {}

    @property
    def fitted_(self) -> Informed:
        """Return what tells of the series: itself."""
        return self

    @property
    def tail(self) -> Series:
        """Return the end of the series, of which the values do not count."""
        panel = self.forecaster.panel_
        return replace(panel.tail(0), style=panel.style)

    @tail.setter
    def tail(self, tail: Series) -> None:
        panel = self.forecaster.panel_
        self.forecaster.panel_ = replace(panel, counts=np.array([tail.counts]))

    @property
    def counts(self) -> bool:
        """Return whether the series is one of counts."""
        return bool(self.forecaster.panel_.counts[0])

    @property
    def seen(self) -> int:
        """Return how many values it has seen, without those that were missing."""
        model = self.forecaster.model_
        return int(model.standing.state.age[0]) if isinstance(model, PretrainedModel) else 0

    @property
    def lacks(self) -> tuple[str, ...]:
        """Return the covariates whose numbers the forecast of the next period still waits for."""
        numbers = self._coming(1)[0]
        places = [self._names.future_names.index(name) for name in self.ahead]
        return tuple(
            name for name, place in zip(self.ahead, places, strict=True) if np.isnan(numbers[place])
        )

    def learn(self, numbers: Mapping[str, float], later: int = 0) -> None:
        """Take in covariates of the next period, or of one so many ``later``; nan tells nothing.

        Raises:
            DataError: for one that the model does not have.
        """
        names = self._names
        for name in numbers:
            if name not in (every := (*names.past_names, *names.future_names)):
                alike = nearest(name, every)
                raise DataError(
                    f"the model has no covariate {name!r}",
                    hint=f"did you mean {alike!r}?" if alike else None,
                )
        coming = self._coming(later + 1)
        for name, number in numbers.items():
            if name in names.future_names and not math.isnan(number):
                coming[later, names.future_names.index(name)] = number
            elif name in names.past_names and not later:
                self._seen[name] = number
        if names.future_names:
            forecaster = self.forecaster
            forecaster.panel_, forecaster.passed_ = forecaster.panel_.with_future(coming[None]), 0

    def complete(self) -> list[str]:
        """Let means stand in for what is not known of the next period; return the names."""
        lacking, means = self.lacks, self.forecaster.scaling_.future[0]
        places = {name: self._names.future_names.index(name) for name in lacking}
        self.learn({name: float(means[place]) for name, place in places.items()})
        unseen = [one for one in self.beside if math.isnan(self._seen.get(one, math.nan))]
        return [*lacking, *unseen]

    def predict(self, horizon: int) -> Sequence[ForecastPoint]:
        """Return the forecast of the next periods, nan where covariates of them are not known."""
        labels = self.tail.future_labels(horizon)
        if self.lacks:
            return [ForecastPoint(label, *[math.nan] * 3) for label in labels]
        found = self.forecaster.predict(horizon, levels=[self.level], future=self._filled(horizon))
        ends = found.lower[self.level][0], found.upper[self.level][0]
        return [
            ForecastPoint(label, *map(float, numbers))
            for label, *numbers in zip(labels, found.values[0], *ends, strict=True)
        ]

    def update(self, values: Any, labels: Sequence[str] | None = None) -> None:
        """Go on by the value of the next period, nan where missing, with what is known of it.

        The mean of a covariate stands in where it is not known.
        """
        past = [[self._seen.get(name, math.nan) for name in self._names.past_names]]
        given = np.array(past) if self._names.past_names else None
        self.forecaster.update([float(values)], past=given, future=self._filled(1))
        self._seen = {}

    def read(self, path: Any, *, missing: Any, **how: Any) -> Panel:
        """Read a table as that of the series was, with its covariates; what is missing stays so."""
        return self.forecaster.read(path, **how)

    def examine(self, data: Any = None, **options: Any) -> Run:
        """Return a run of one of the networks over the series of a panel."""
        return self.forecaster.examine(data, **options)

    def layer_summary(self) -> Sequence[LayerSummary]:
        """Return a description of each layer of one of the networks."""
        return self.forecaster.layer_summary()

    def _filled(self, periods: int) -> np.ndarray | None:
        """Return what is known in advance of the next periods, (1, H, Q), with means for gaps."""
        if not self._names.future_names:
            return None
        numbers = self._coming(periods)[:periods]
        return np.where(np.isnan(numbers), self.forecaster.scaling_.future[0], numbers)[None]

    def _coming(self, periods: int) -> np.ndarray:
        """Return what is known of so many next periods or more, (F, Q), nan where it is not."""
        forecaster, names = self.forecaster, self._names.future_names
        panel = forecaster.panel_
        future = panel.covariates.future
        known = np.zeros((0, len(names))) if future is None else future[0, forecaster.passed_ :]
        found = np.full((max(periods, len(known)), len(names)), np.nan)
        found[: len(known)] = known
        if panel.calendar and np.isnan(found).any():
            kind = (str(panel.frequency), panel.calendar)
            waves = calendar_features(panel.ends[0][-1], 1, len(found), *kind)[1:]
            found[:, len(panel.columns_ahead) :] = waves
        return found
