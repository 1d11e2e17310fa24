"""What a correction may take: covariates known in advance, and past ones some periods later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gatework.forecast.across.covariates import CovariateScaling
from gatework.forecast.panel.panel import Covariates, Panel
from gatework.forecast.panel.periods import CYCLES, WAVES

MOST_LAG = 6
"""Periods after which a past covariate may still have its effect."""


class Term(NamedTuple):
    """A column of covariates, so many periods later: 0 where it is known in advance."""

    column: int
    lag: int


class TermGroup(NamedTuple):
    """What is taken or left as a whole, by the name of its covariate."""

    name: str
    terms: tuple[Term, ...]


def candidates_of(known: Covariates) -> list[TermGroup]:
    """Return what a correction may take: the waves of the calendar only together."""
    found: dict[str, list[Term]] = {}
    waves = {f"{cycle} {wave}": cycle for cycle in CYCLES for wave in WAVES}
    for column, name in enumerate(known.future_names):
        found.setdefault(waves.get(name, name), []).append(Term(column, 0))
    ahead = [TermGroup(name, tuple(terms)) for name, terms in found.items()]
    lags = range(1, MOST_LAG + 1)
    later = [
        TermGroup(name, (Term(column, lag),))
        for column, name in enumerate(known.past_names)
        for lag in lags
    ]
    return ahead + later


def static_note(panel: Panel) -> tuple[str, ...]:
    """Return the note that static covariates are left aside; none where there are none."""
    names = dict.fromkeys(name.partition("=")[0] for name in panel.covariates.static_names)
    said = ", ".join(map(repr, names))
    return (f"{said} is used where networks are trained, and not here",) if names else ()


@dataclass(frozen=True, eq=False)
class ScaledCovariates:
    """The covariates of a panel in units of their deviations, nan where missing.

    Shapes:
        past: (B, T, P). future: (B, T + F, Q).
    """

    past: np.ndarray
    future: np.ndarray

    @classmethod
    def of(cls, panel: Panel, scaling: CovariateScaling) -> ScaledCovariates:
        """Return those of a panel."""
        known = panel.covariates
        none = np.zeros((*panel.values.shape, 0))
        past, future = known.past, known.future
        return cls(
            none if past is None else (past - scaling.past[0]) / scaling.past[1],
            none if future is None else (future - scaling.future[0]) / scaling.future[1],
        )

    def rows(self, rows: np.ndarray) -> ScaledCovariates:
        """Return those of some of the series."""
        return ScaledCovariates(self.past[rows], self.future[rows])

    def regressors(self, terms: tuple[Term, ...]) -> np.ndarray:
        """Return what terms are in every period of the panel, (B, T, K), 0 where missing."""
        steps = self.past.shape[1]
        parts = []
        for column, lag in terms:
            late = np.zeros(self.past.shape[:2])
            source = self.past if lag else self.future
            late[:, lag:] = np.nan_to_num(source[:, : steps - lag, column])
            parts.append(late)
        return np.stack(parts, axis=-1)
