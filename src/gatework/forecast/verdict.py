"""Whether other networks forecast better than the pretrained ones by more than chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.errors import counted
from gatework.forecast import metrics

SURE = 0.05
"""Chance of keeping networks that are no better."""

CALLED = {"tuned": "the tuned network", "searched": "the network that the search found"}


@dataclass(frozen=True)
class Verdict:
    """What was found of other networks beside the pretrained ones, on the validation part.

    Attributes:
        challenger: "tuned" or "searched", the other networks. error: mean absolute error of the
        pretrained ones in units of the naive forecast's, over steps, origins and series.
        difference: of the others' from it. p: chance of so much or more where they are no better.
        All three are nan where it cannot be told.
        origins: forecasts of each that are compared. over: what the test is over, in words, or why
        there is none. told: what else is known, in words.
    """

    challenger: str
    difference: float
    error: float
    p: float
    origins: int
    over: str
    told: str = ""

    @property
    def kept(self) -> bool:
        """Whether the other networks serve."""
        return self.p < SURE

    def sentence(self) -> str:
        """Return what serves, and why, in words."""
        new = CALLED[self.challenger]
        who = f"{new} serves" if self.kept else f"the pretrained network serves, not {new}"
        if math.isnan(self.p):
            return f"{who}: {self.over}"
        return (
            f"{who}: on {counted(self.origins, 'origin')} of the validation part the scaled "
            "error of the "
            f"pretrained one is {self.error:.4f}, of the other {self.error + self.difference:.4f} "
            f"(difference {self.difference:+.4f}; p = {self.p:.3g}, one-sided, paired, over "
            f"{self.over}; below {SURE:g} is asked for)"
        )

    def notes(self) -> list[str]:
        """Return all that is to be said, in sentences."""
        return [self.sentence(), *([self.told] if self.told else [])]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, None for what cannot be told."""
        numbers = {"difference": self.difference, "pretrained_error": self.error, "p": self.p}
        return {
            "challenger": self.challenger,
            "kept": self.kept,
            **{name: None if math.isnan(one) else one for name, one in numbers.items()},
            "origins": self.origins,
            "sentence": self.sentence(),
        }


def untold(challenger: str, origins: int, why: str, told: str = "") -> Verdict:
    """Return the verdict where it cannot be told which networks are better."""
    return Verdict(challenger, math.nan, math.nan, math.nan, origins, why, told)


def too_few(origins: int, horizon: int) -> str | None:
    """Return why so many origins of one series cannot tell which networks are better, or None."""
    if origins >= 2 * horizon:
        return None
    return (
        f"forecasts {horizon} steps ahead overlap, so that the {origins} origins of the validation "
        f"part tell nothing for sure; it takes {2 * horizon}"
    )


def judge(
    challenger: str,
    new: np.ndarray,
    old: np.ndarray,
    scales: np.ndarray,
    told: str = "",
) -> Verdict:
    """Return what errors say of other networks beside the pretrained ones.

    The error of an origin is the mean over steps of absolute errors in units of the naive
    forecast's. Of many series, the test is over their means. Of one, whose forecasts overlap, over
    the means of runs of as many origins as there are steps: in simulations of errors that are
    correlated by overlap alone it keeps networks that are no better in 5 to 9 % of cases, where
    the test of Diebold and Mariano as corrected by Harvey et al. does in 8 to 30 %.

    Shapes:
        new, old: errors, (B, O, H), nan where there are none. scales: (B,).

    Source: R. Ibragimov and U. K. Mueller 2010, doi 10.1198/jbes.2009.08046; F. X. Diebold and
        R. S. Mariano 1995, doi 10.1080/07350015.1995.10524599; D. Harvey, S. Leybourne and
        P. Newbold 1997, doi 10.1016/S0169-2070(96)00719-4.
    """
    there = np.asarray(np.isfinite(new - old))
    scored = there.sum(axis=2) > 0  # (B, O)
    steps = np.maximum(there.sum(axis=2), 1) * scales[:, None]
    ours, theirs = (np.where(there, np.abs(e), 0.0).sum(axis=2) / steps for e in (new, old))
    told_of = np.flatnonzero(scored.sum(axis=1))
    origins, horizon = int(scored.sum()), new.shape[2]
    if told_of.size == 0:
        return untold(challenger, 0, "no series has a validation part", told)
    apart = ours - theirs
    if told_of.size == 1:
        row = told_of[0]
        each, error = apart[row, scored[row]], float(theirs[row, scored[row]].mean())
        if why := too_few(len(each), horizon):
            return untold(challenger, origins, why, told)
        runs = np.array_split(each, len(each) // horizon)
        means = np.array([run.mean() for run in runs])
        over = f"{len(means)} runs of {horizon} origins, as forecasts overlap"
        over = f"{len(means)} origins" if horizon == 1 else over
    else:
        count = np.maximum(scored.sum(axis=1), 1)
        means = (np.where(scored, apart, 0.0).sum(axis=1) / count)[told_of]
        error = float((np.where(scored, theirs, 0.0).sum(axis=1) / count)[told_of].mean())
        over = f"the means of {len(means)} series"
    return Verdict(challenger, float(means.mean()), error, chance_below(means), origins, over, told)


def chance_below(means: np.ndarray) -> float:
    """Return the chance of a mean as low as that of some numbers, (n,), where it is 0 in truth.

    Source: Student 1908, doi 10.2307/2331554.
    """
    mean, spread = float(means.mean()), float(means.std(ddof=1))
    if spread == 0:
        return 0.0 if mean < 0 else 1.0
    return student_below(mean / spread * math.sqrt(len(means)), len(means) - 1)


def student_below(t: float, freedom: int) -> float:
    """Return the chance that Student's t is less.

    Example:
        >>> round(student_below(-2.0150, 5), 4), round(student_below(-1.6772, 48), 4)
        (0.05, 0.05)

    Source: M. Abramowitz and I. A. Stegun 1964, 26.7.3 and 26.7.4.
    """
    angle = math.atan2(t, math.sqrt(freedom))
    square = math.cos(angle) ** 2
    odd = freedom % 2
    term, total = (math.cos(angle) if odd else 1.0), 0.0
    for number in range(1 + odd, freedom, 2):
        total += term
        term *= square * number / (number + 1)
    inside = math.sin(angle) * total
    inside = 2 / math.pi * (angle + inside) if odd else inside
    return (1 + inside) / 2


def scales_of(values: np.ndarray, starts: np.ndarray, season: int) -> np.ndarray:
    """Return what errors of each series count in, (B,), from its values before ``starts`` (B,).

    It is the naive forecast's mean error, where that is not there the values' mean size, or 1.
    """
    found = []
    for row, start in zip(values, starts, strict=True):
        known = row[:start]
        sizes = [metrics.naive_error(known, lag) for lag in (season, 1)]
        sizes.append(metrics.mae(0.0, known))
        found.append(next((one for one in sizes if one > 0), 1.0))
    return np.array(found)
