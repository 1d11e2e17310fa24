"""The monitor: a forecaster, the tests on its residuals, and their state in one file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, ClassVar

from gatework.errors import DataError
from gatework.estimator.model_file import Saved, elsewhere
from gatework.forecast import ForecastPoint, GlobalForecaster
from gatework.forecast.digits import digits_within, number_text
from gatework.forecast.pretrained.fitted import FEWEST_TOLD
from gatework.tabular.marks import looks_like_mark, mark_text
from gatework.tabular.missing import Missing
from gatework.tabular.style import ReadingStyle
from gatework.watch.drift import CLIP, Drift
from gatework.watch.informed import Informed
from gatework.watch.observation import Alarm, Observation, unknown
from gatework.watch.periods import Place, left_out, place
from gatework.watch.protocol import Watched, counts_of, history_of, seen_by, series_of
from gatework.watch.stuck import Stuck

if TYPE_CHECKING:
    from gatework.cell.summary import LayerSummary
    from gatework.examine import Run

GREATEST = 1e30
"""Values beyond it overflow in single precision where they are squared against others."""


FARTHEST = 20.0
"""Standard deviations from its forecast beyond which a value counts as if it were there: a glitch
of 1e20 would otherwise widen the intervals for good, and hide everything after it. Of counts a
deviation is at least 1: after many zeros the first events are no glitch."""


class Watch(Saved):
    """Watch a series live: each value against the forecast made for it.

    After each value the forecaster goes on by it, in constant time; one more than 20 standard
    deviations from its forecast is taken to lie there, so that a glitch does not widen the
    intervals for good. Alarms: the value lies outside
    its interval; values drift away from their forecasts (see Drift); the same value too often
    (see Stuck); a missing value; periods left out; a period that was there before.

    Of a series that began with its first value, alarms that rest on forecasts wait until eight
    values are known, and values count as they are: before, the intervals do not hold.

    Args:
        forecaster: a fitted Forecaster, or one that has begun, or what offers the same (see
            Watched). It is updated. A GlobalForecaster of one series by a pretrained network is
            watched with its covariates.
        rows_per_false_alarm: of drift, and of a stuck sensor, each: rows from one false alarm to
            the next.
        allow_negative: values may be negative, though none was; else a negative one is taken as
            missing where all were counts.

    Attributes:
        rows: rows observed.
        alarms: alarms given, by kind.
        next: the ForecastPoint of the next period.
        position: JSON values that whoever reads the rows wants kept with the state; None or a dict.
        backlog: whether no row of a new period came yet.

    Raises:
        OptionError: the forecaster was not fitted, or an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from gatework import Forecaster
        >>> values = 5 + np.sin(np.arange(60) / 2)
        >>> watch = Watch(Forecaster(horizon=1, trials=1, workers=1).fit(values))
        >>> seen = watch.observe(55.0)
        >>> seen.period, [alarm.kind for alarm in seen.alarms]
        ('61', ['outside'])

    Source: see Drift and Stuck.
    """

    file_kind: ClassVar[str] = "watch"
    FILE = elsewhere("gatework.watch.model_file")
    READS: ClassVar[str] = "series"
    PICK: ClassVar[str | None] = None
    TYPED: ClassVar[bool] = False

    def __init__(
        self,
        forecaster: Watched | GlobalForecaster,
        *,
        rows_per_false_alarm: float = 1000.0,
        allow_negative: bool = False,
    ) -> None:
        informed = isinstance(forecaster, GlobalForecaster)
        self.forecaster = forecaster = Informed(forecaster) if informed else forecaster
        self.allow_negative = allow_negative
        tail = series_of(forecaster)
        if allow_negative and tail is not None:
            forecaster.fitted_.tail = replace(tail, counts=False)  # type: ignore[attr-defined]
        self.rows_per_false_alarm = rows_per_false_alarm
        self.drift = Drift(rows_per_false_alarm)
        self.stuck = Stuck(rows_per_false_alarm)
        self.rows = 0
        self.alarms: dict[str, int] = {}
        self.position: dict[str, Any] | None = None
        self.backlog = seen_by(forecaster) != 0
        self.next = self._predict()

    def observe(
        self,
        value: float,
        period: str | None = None,
        *,
        covariates: Mapping[str, float] | None = None,
        problem: str | None = None,
        written: bool = False,
    ) -> Observation:
        """Take in the next row, and return what is to be said about it.

        Args:
            value: nan where it is missing.
            period: the expected one where it is left out. A later one is a gap: the periods between
                are missing. An earlier one, or none of the calendar, leaves the row out.
            covariates: of the period, where the forecaster has some; nan where one is missing,
                for which its mean stands in.
            problem: why the value could not be read, where it is nan for that.
            written: the period is as a row of a table has it; else a label that a forecast gave is
                one, also without the offset from UTC that the times of the series had.

        Raises:
            DataError: value is infinite, or beyond 1e30; there is no such covariate.
        """
        value = float(value)
        if abs(value) > GREATEST:
            raise DataError(f"a value must be from -1e30 to 1e30 or nan for missing, got {value}")
        if value < 0 and self._counts():
            cure = mark_told(value) or "; --allow-negative takes such values"
            problem = f"{value:g} is negative, but the series is one of counts{cure}"
            value = math.nan
        at_next = Place(label=self.next.period)
        found = self._place(period, written=written) if period else at_next
        if found.problem is not None:
            alarm = Alarm("order", f"{found.problem}; the row is left out")
            return self._emit(found.label or period or "", value, None, [alarm])
        self.backlog = False
        alarms = self._skip(found.ahead) + self._informed(covariates or {})
        expected = self.next
        taken = value
        if math.isnan(value):
            alarms.append(
                Alarm("missing", f"the value of {expected.period} is missing")
                if problem is None
                else Alarm("bad", f"{problem}; the value is taken as missing")
            )
        elif self.waits:
            self.stuck.add(value, 0.0)  # which tells how often values come again
        else:
            judged = self._judge(value, expected)
            taken = self._bounded(value, expected, judged)
            alarms += judged
        self.forecaster.update(taken)
        self.next = self._predict()
        made = None if math.isnan(expected.value) else expected
        return self._emit(found.label or expected.period, value, made, alarms)

    @property
    def waits(self) -> int:
        """How many values are still to come before a value is judged by its forecast."""
        seen = seen_by(self.forecaster)
        return 0 if seen is None else max(FEWEST_TOLD - seen, 0)

    def _counts(self) -> bool:
        return not self.allow_negative and counts_of(self.forecaster)

    def known(self, period: str, *, written: bool = False) -> tuple[str, float] | None:
        """Return what a period is called that the forecaster was fitted to, and its value there.

        The value is nan where it is not known any more. None of other periods: only rows before the
        first new one can be of such; later ones come again. ``written`` is that of ``observe``.
        """
        found = self._place(period, written=written) if self.backlog else Place()
        if found.ahead >= 0:
            return None
        values = history_of(self.forecaster)
        value = float(values[found.ahead]) if -found.ahead <= len(values) else math.nan
        return str(found.label), value

    def leave_out(self, reason: str) -> Observation:
        """Return an observation of a row whose period cannot be told; nothing is updated by it.

        Where it named a period to come, the next row shows that as a gap.
        """
        return self._emit("", math.nan, None, [Alarm("bad", f"{reason}; the row is left out")])

    def announce(
        self, period: str, covariates: Mapping[str, float], *, written: bool = False
    ) -> bool:
        """Take in what is known in advance of a period to come; return whether it is one.

        Args:
            period: the next one, or a later one.
            covariates: of the period; nan where one is not known.
            written: that of ``observe``.

        Raises:
            DataError: there is no such covariate.
        """
        found = self._place(period, written=written)
        told = {name: number for name, number in covariates.items() if not math.isnan(number)}
        if not isinstance(self.forecaster, Informed) or found.problem is not None:
            return False
        if not told.keys() & set(self.forecaster.ahead):
            return False
        self.forecaster.learn(told, found.ahead)
        self.next = self._predict()
        return True

    @property
    def informed_by(self) -> tuple[str, ...]:
        """The covariates that a row should have, by the names of their columns."""
        one = self.forecaster
        return (*one.ahead, *one.beside) if isinstance(one, Informed) else ()

    def _informed(self, covariates: Mapping[str, float]) -> list[Alarm]:
        """Take in covariates of the next period, and return alarms of those that are missing."""
        if not isinstance(self.forecaster, Informed):
            if covariates:
                raise DataError(f"the forecaster has no covariate {next(iter(covariates))!r}")
            return []
        self.forecaster.learn(covariates)
        lacking = self.forecaster.complete()
        self.next = self._predict()
        said = f"of {self.next.period} is missing; its mean stands in"
        return [Alarm("missing", f"{name!r} {said}") for name in lacking]

    def _skip(self, periods: int) -> list[Alarm]:
        """Go over missing periods, and return the alarm that tells of them."""
        if not periods:
            return []
        first = last = self.next.period
        for _ in range(periods):
            last = self.next.period
            self.forecaster.update(math.nan)
            self.next = self._predict()
        which = first if periods == 1 else f"{first} to {last}"
        if periods == 1 and (tail := series_of(self.forecaster)) is not None:
            which += left_out(first, tail.style, tail.frequency)
        missing = "1 period is" if periods == 1 else f"{periods} periods are"
        return [Alarm("gap", f"{missing} missing before {self.next.period}: {which}")]

    def _deviation(self, expected: ForecastPoint) -> float:
        quantile = NormalDist().inv_cdf((1 + self.forecaster.level) / 2)
        return (expected.upper - expected.lower) / 2 / quantile

    def _bounded(self, value: float, expected: ForecastPoint, alarms: list[Alarm]) -> float:
        """Return the value as the forecaster shall see it; the alarm says where it is another."""
        counts_things, deviation = self._counts(), self._deviation(expected)
        farthest = FARTHEST * (max(deviation, 1.0) if counts_things else deviation)
        bounded = min(max(value, expected.value - farthest), expected.value + farthest)
        if bounded == value:
            return value
        counts = ""
        if farthest == 0:
            bounded = value
        else:
            bounded = max(bounded, 0.0) if counts_things else bounded
            if counts_things and getattr(self.forecaster, "method_taken", "") == "pretrained":
                # That it counts things is told from the values alone.
                bounded = float(round(bounded))
            counts = f"; it counts as {number_text(bounded)}"
        alarms[0] = Alarm("outside", f"{alarms[0].reason}{counts}{mark_told(value)}")
        return bounded

    def _judge(self, value: float, expected: ForecastPoint) -> list[Alarm]:
        """Return the alarms that the value itself gives, ``outside`` first."""
        level, alarms = self.forecaster.level, []
        deviation = self._deviation(expected)
        if not expected.lower <= value <= expected.upper:
            side = "above" if value > expected.upper else "below"
            digits = digits_within((expected.lower, expected.upper, value), 4)
            lower, upper = (number_text(end, digits) for end in (expected.lower, expected.upper))
            interval = f"{lower} to {upper}"
            said = f"{number_text(value, 6)} lies {side} its {100 * level:g}% interval, {interval}"
            alarms.append(Alarm("outside", said))
        reason = self.drift.add(_standardised(value - expected.value, deviation))
        if reason is not None:
            alarms.append(Alarm("drift", reason))
        reason = self.stuck.add(value, deviation)
        if reason is not None:
            alarms.append(Alarm("stuck", reason))
        return alarms

    def _emit(
        self, period: str, value: float, forecast: ForecastPoint | None, alarms: list[Alarm]
    ) -> Observation:
        self.rows += 1
        self.count(alarms)
        lacks = self.forecaster.lacks if isinstance(self.forecaster, Informed) else ()
        about = (self.rows, period, value, forecast, self.next, tuple(alarms), self.waits)
        return Observation(*about, lacks)

    def count(self, alarms: list[Alarm]) -> None:
        """Add alarms to those given."""
        for alarm in alarms:
            self.alarms[alarm.kind] = self.alarms.get(alarm.kind, 0) + 1

    def _predict(self) -> ForecastPoint:
        tail = series_of(self.forecaster)
        if seen_by(self.forecaster) == 0 and tail is not None:
            return unknown(tail.future_labels(1)[0])
        return self.forecaster.predict(1)[0]

    def _place(self, period: str, *, written: bool) -> Place:
        tail, expected = series_of(self.forecaster), self.next.period
        if tail is None or tail.frequency is not None:
            known = (None, 1, None) if tail is None else (tail.frequency, 1, tail.style)
            return place(period, expected, *known, written=written)
        try:
            step = int(expected) - int(tail.labels[-1])
        except ValueError:
            step = 1
        return place(period, expected, None, step)

    # Looked into, it is its forecaster, which is taken to be an Estimator.

    def read(
        self,
        path: Any,
        *,
        column: str | None = None,
        time_column: str | None = None,
        missing: Missing = "previous",
        style: ReadingStyle | None = None,
    ) -> Any:
        """Read a series from a table as its Forecaster does."""
        how = {"column": column, "time_column": time_column, "missing": missing, "style": style}
        return self.forecaster.read(path, **how)  # type: ignore[attr-defined]

    def examine(self, data: Any = None, **options: Any) -> Run:
        """Return a run of one of the forecaster's networks over a series."""
        return self.forecaster.examine(data, **options)  # type: ignore[attr-defined]

    def layer_summary(self) -> Sequence[LayerSummary]:
        """Return a description of each layer of one of the forecaster's networks."""
        return self.forecaster.layer_summary()  # type: ignore[attr-defined]


def mark_told(value: float) -> str:
    """Return what is said of a number that looks like a mark for missing; nothing of others.

    Example:
        >>> mark_told(-999.0), mark_told(7.0)
        ('; it looks like a mark for missing: --missing-mark -999 takes it as such', '')
    """
    said = f"; it looks like a mark for missing: --missing-mark {mark_text(value)} takes it as such"
    return said if math.isfinite(value) and looks_like_mark(value) else ""


def _standardised(residual: float, deviation: float) -> float:
    if deviation > 0:
        return residual / deviation
    return math.copysign(CLIP, residual) if residual else 0.0
