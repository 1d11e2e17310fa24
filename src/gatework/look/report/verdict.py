"""Whether the LSTM won, in words: at which horizons, against which model, and by how much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatework.look.numerals import percent, show, show_all

if TYPE_CHECKING:
    from gatework.forecast.backtest import Score

MODEL = "LSTM"
"""The model that the report is about."""

BLEND = "auto"
"""The choice or blend of the LSTM and a classical model, which is no rival of its own."""

_FEW = 10


@dataclass(frozen=True)
class Duel:
    """The LSTM and the best of the other models at one number of steps ahead, by RMSE."""

    steps: int
    error: float
    rival: str
    rival_error: float

    @property
    def tied(self) -> bool:
        """Whether the two errors are equal, to rounding."""
        return math.isclose(self.error, self.rival_error, rel_tol=1e-9, abs_tol=0.0)

    @property
    def won(self) -> bool:
        """Whether the LSTM's error is the lesser."""
        return self.error < self.rival_error and not self.tied

    @property
    def sentence(self) -> str:
        """The duel in words."""
        ahead = "1 step ahead" if self.steps == 1 else f"{self.steps} steps ahead"
        if self.tied:
            return f"{ahead}: {MODEL} and {self.rival} err alike, by {show(self.error)}."
        digits = _digits(self.error, self.rival_error)
        error, rival_error = show_all([self.error, self.rival_error], digits)
        ours, theirs = f"{MODEL} {error}", f"{self.rival} {rival_error}"
        if self.won:
            return f"{ahead}: {ours}, {theirs}: won {self.margin}."
        return f"{ahead}: {theirs}, {ours}: lost {self.margin}."

    @property
    def excess(self) -> float:
        """By what fraction the loser's error is greater; infinite where the winner has none."""
        least, most = sorted((self.error, self.rival_error))
        return most / least - 1 if least > 0 else math.inf

    @property
    def margin(self) -> str:
        """The excess in words."""
        if math.isinf(self.excess):
            return "to a model without any error" if not self.won else "without any error"
        return f"by {_amount(self.excess)}"


def duels(scores: Mapping[str, Mapping[int, Score]]) -> list[Duel]:
    """Return the duel at each number of steps at which the LSTM and some other model have a score.

    Example:
        >>> from gatework.forecast.backtest import Score
        >>> scores = {"LSTM": {1: Score(2.0, 1.5)}, "last value": {1: Score(2.5, 2.0)}}
        >>> duels(scores)[0].won
        True
    """
    found = []
    for steps, own in sorted(scores.get(MODEL, {}).items()):
        rivals = {
            name: by_steps[steps].rmse
            for name, by_steps in scores.items()
            if name not in (MODEL, BLEND)
            and steps in by_steps
            and math.isfinite(by_steps[steps].rmse)
        }
        if rivals and math.isfinite(own.rmse):
            rival = min(rivals, key=lambda name: rivals[name])
            found.append(Duel(steps, own.rmse, rival, rivals[rival]))
    return found


def headline(met: Sequence[Duel]) -> str:
    """Return the verdict in a sentence or two, as plain about a loss as about a win."""
    if not met:
        return f"The {MODEL} could not be compared with other models: nothing was scored."
    won = [duel.steps for duel in met if duel.won]
    tied = [duel.steps for duel in met if duel.tied]
    lost = [duel for duel in met if not duel.won and not duel.tied]
    if len(tied) == len(met):
        return f"The {MODEL} and the best other model err alike at {steps_ahead(tied)}."
    if not lost and not tied:
        return f"The {MODEL} won: it has the least RMSE at {steps_ahead(won)}."
    said = f"The {MODEL} has the least RMSE at {steps_ahead(won)}." if won else ""
    if lost:
        start = " It lost at " if won else f"The {MODEL} lost at "
        said += f"{start}{steps_ahead([duel.steps for duel in lost])}: {_rivals(lost)}."
        if not won:
            names = list(dict.fromkeys(duel.rival for duel in lost))
            said += f" On this series {listed(names)} served better."
    if tied:
        said += f" They err alike at {steps_ahead(tied)}."
    return said.strip()


def caution(origins: int) -> str | None:
    """Return a warning where the scores rest on too few forecasts to mean much."""
    if origins >= _FEW:
        return None
    forecasts = "forecast" if origins == 1 else "forecasts"
    return f"Only {origins} {forecasts} could be scored: the differences may be chance."


def steps_ahead(steps: Sequence[int]) -> str:
    """Write numbers of steps as people list them.

    Example:
        >>> steps_ahead([1]), steps_ahead([1, 2, 12])
        ('1 step ahead', '1, 2 and 12 steps ahead')
    """
    if list(steps) == [1]:
        return "1 step ahead"
    return f"{listed([str(step) for step in steps])} steps ahead"


def listed(names: Sequence[str]) -> str:
    """Join names with commas and a last "and".

    Example:
        >>> listed(["a", "b", "c"])
        'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _rivals(lost: Sequence[Duel]) -> str:
    by_name: dict[str, list[float]] = {}
    for duel in lost:
        by_name.setdefault(duel.rival, []).append(duel.excess)
    return listed([f"to {name} {_between(excesses)}" for name, excesses in by_name.items()])


def _between(excesses: Sequence[float]) -> str:
    least, most = min(excesses), max(excesses)
    if math.isinf(most):
        return "without any error of its own"
    if _amount(least) == _amount(most):
        return f"by {_amount(most)}"
    return f"by {_amount(least)} to {_amount(most)}"


def _amount(excess: float) -> str:
    if excess < 0.0005:
        return "under 0.1 %"
    return percent(excess) if excess < 10 else f"a factor of {show(excess + 1)}"


def _digits(one: float, other: float) -> int:
    """Return with how many digits two numbers can be told apart."""
    pairs = {digits: show_all([one, other], digits) for digits in range(3, 9)}
    return next((digits for digits, pair in pairs.items() if pair[0] != pair[1]), 8)
