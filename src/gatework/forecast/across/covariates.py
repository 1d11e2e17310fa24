"""From a panel to what networks learn from: covariates standardised, gaps marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Field, Schema, Values
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.panel.panel import Panel


def _check_scaling(said: Values) -> None:
    if any(len(one) != 2 or not (one[1] > 0).all() for one in (said.past, said.future)):
        raise OptionError("the scaling must have means and positive deviations")


@dataclass(frozen=True, eq=False)
class CovariateScaling:
    """Means and deviations of covariates over the panel that networks were fitted to.

    Attributes:
        past, future: (2, P) and (2, Q), mean and deviation. static: (B, S), standardised.
    """

    past: np.ndarray
    future: np.ndarray
    static: np.ndarray

    FILE: ClassVar[Schema] = Schema(
        config={
            name: Field(js.table, read=lambda rows: np.array(rows, np.float64))
            for name in ("past", "future", "static")
        },
        check=_check_scaling,
        make=lambda said, _: CovariateScaling(said.past, said.future, said.static),
    )

    @classmethod
    def of(cls, panel: Panel) -> CovariateScaling:
        """Return the scaling of a panel's covariates."""
        known = panel.covariates
        static = np.zeros((len(panel), 0)) if known.static is None else known.static
        moments = _moments(static)
        return cls(_moments(known.past), _moments(known.future), (static - moments[0]) / moments[1])

    def covariates(
        self, past: np.ndarray | None, future: np.ndarray | None, count: int, steps: int
    ) -> np.ndarray | None:
        """Return what is known by the end of each period, (B, T, E), None for nothing.

        They are the past ones, 0 where missing, then marks of what is missing, what was known in
        advance of the period, and the static ones.
        """
        parts = []
        if self.past.shape[1]:
            wanted = (count, steps, self.past.shape[1])
            if past is None or past.shape != wanted:
                got = "nothing" if past is None else past.shape
                raise DataError(
                    f"past must have the shape {wanted}, got {got}",
                    hint="give the covariates that the networks were fitted with",
                )
            scaled = (past - self.past[0]) / self.past[1]
            parts += [np.nan_to_num(scaled), np.isnan(scaled).astype(np.float64)]
        if self.future.shape[1] and future is not None:
            scaled = (future[:, :steps] - self.future[0]) / self.future[1]
            parts.append(np.nan_to_num(scaled))
        if self.static.shape[1]:
            rows = np.broadcast_to(self.static[:, None], (count, steps, self.static.shape[1]))
            parts.append(rows)
        return np.concatenate(parts, axis=2) if parts else None

    def step(
        self, past: np.ndarray | None, coming: np.ndarray | None, count: int
    ) -> np.ndarray | None:
        """Return what is known by the end of one period, (B, E).

        Raises:
            DataError: when what was known of the period in advance is not.
        """
        if coming is not None and np.isnan(coming).any():
            raise DataError(
                "the covariates of this period are not known", hint="fit with a panel that has them"
            )
        found = self.covariates(None if past is None else past[:, None], coming, count, 1)
        return None if found is None else found[:, 0]

    def outlook(self, coming: np.ndarray | None, panel: Panel) -> np.ndarray:
        """Return covariates of periods to come as the network takes them, (B, H, Q).

        Raises:
            DataError: naming the series and the first period for which one is not known.
        """
        if coming is None:
            raise DataError("the covariates of the periods to come are not known")
        lacking = np.argwhere(np.isnan(coming))
        if lacking.size:
            row, step, column = (int(place) for place in lacking[0])
            period = panel.future_labels(row, step + 1)[step]
            name = panel.covariates.future_names[column]
            raise DataError(
                f"series {panel.ids[row]!r}: {name!r} is known for "
                f"{step} of {coming.shape[1]} periods ahead, but not for {period}",
                hint="add rows for the periods to come, with the value empty; or "
                "future=FILE has them",
            )
        return (coming - self.future[0]) / self.future[1]


def problem_of(panel: Panel, horizon: int, scaling: CovariateScaling) -> Problem:
    """Return what networks learn of a panel.

    Covariates known in advance end where the file ends; what lies beyond counts as their mean, and
    is never judged, since no value is known there either.
    """
    count, steps = panel.values.shape
    known = panel.covariates
    outlook = None
    if known.future is not None:
        outlook = np.zeros((count, steps + horizon, known.future.shape[2]))
        reach = min(steps + horizon, known.future.shape[1])
        scaled = (known.future[:, :reach] - scaling.future[0]) / scaling.future[1]
        outlook[:, :reach] = np.nan_to_num(scaled)
    return Problem.of(
        panel.values,
        np.asarray(panel.lengths, dtype=np.int64),
        panel.season,
        horizon,
        counts=panel.counts,
        covariates=scaling.covariates(known.past, known.future, count, steps),
        outlook=outlook,
    )


def _moments(values: np.ndarray | None) -> np.ndarray:
    """Return mean and deviation of each covariate, (2, P); 1 where it does not vary."""
    if values is None or not values.shape[-1]:
        return np.empty((2, 0))
    flat = values.reshape(-1, values.shape[-1])
    mean, deviation = np.nanmean(flat, axis=0), np.nanstd(flat, axis=0)
    return np.stack([mean, np.where(deviation > 0, deviation, 1.0)])
