"""Whether the LSTM won, in words: at which horizons, against which model, and by how much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatework.forecast.scores import HANDFUL, alike, tells
from gatework.look.canvas.numerals import percent, show, show_all
from gatework.look.language import ENGLISH, Words
from gatework.look.report.words import listed, model_text

if TYPE_CHECKING:
    from gatework.forecast.backtest import Accuracy

MODEL = "LSTM"
"""The model that the report is about."""

BLEND = "auto"
"""The mean of the LSTM and classical models, which is no rival of the LSTM's."""

_FEW = 10


@dataclass(frozen=True)
class Duel:
    """A model and the best of the others at one number of steps ahead, by RMSE."""

    steps: int
    error: float
    rival: str
    rival_error: float
    model: str = MODEL

    @property
    def tied(self) -> bool:
        """Whether the two errors are equal, to rounding."""
        return alike(self.error, self.rival_error)

    @property
    def won(self) -> bool:
        """Whether the model's error is the lesser."""
        return self.error < self.rival_error and not self.tied

    def sentence(self, words: Words = ENGLISH, among: Sequence[float] = ()) -> str:
        """Return the duel in words; ``among`` are the errors that are told beside its own."""
        ahead = steps_ahead([self.steps], words)
        model, rival = model_text(self.model, words), model_text(self.rival, words)
        if self.tied:
            return words(
                "{ahead}: {model} and {rival} err alike, by {error}.",
                ahead=ahead,
                model=model,
                rival=rival,
                error=show(self.error),
            )
        digits = _digits(self.error, self.rival_error)
        error, rival_error = show_all([self.error, self.rival_error], digits, among)
        told = {
            "ahead": ahead,
            "ours": f"{model} {error}",
            "theirs": f"{rival} {rival_error}",
            "margin": self.margin(words),
        }
        if self.won:
            return words("{ahead}: {ours}, {theirs}: won {margin}.", **told)
        return words("{ahead}: {theirs}, {ours}: lost {margin}.", **told)

    @property
    def excess(self) -> float:
        """By what fraction the loser's error is greater; infinite where the winner has none."""
        least, most = sorted((self.error, self.rival_error))
        return most / least - 1 if least > 0 else math.inf

    def margin(self, words: Words = ENGLISH) -> str:
        """Return the excess in words."""
        if math.isinf(self.excess):
            return words("without any error" if self.won else "to a model without any error")
        return words("by {amount}", amount=_amount(self.excess, words))


def duels(scores: Mapping[str, Mapping[int, Accuracy]], model: str = MODEL) -> list[Duel]:
    """Return the duel at each number of steps at which a model and some other one have a score.

    The mean "auto" meets all others, and is no rival of theirs. Steps with too few outcomes to
    tell are left out.

    Example:
        >>> from gatework.forecast.backtest import Accuracy
        >>> scores = {"LSTM": {1: Accuracy(2.0, 1.5)}, "last value": {1: Accuracy(2.5, 2.0)}}
        >>> duels(scores)[0].won
        True
    """
    found = []
    for steps, own in sorted(scores.get(model, {}).items()):
        rivals = {
            name: by_steps[steps].rmse
            for name, by_steps in scores.items()
            if name not in (model, BLEND)
            and steps in by_steps
            and math.isfinite(by_steps[steps].rmse)
        }
        if rivals and math.isfinite(own.rmse) and tells(own):
            rival = min(rivals, key=lambda name: rivals[name])
            found.append(Duel(steps, own.rmse, rival, rivals[rival], model))
    return found


def sentences(met: Sequence[Duel], words: Words) -> list[str]:
    """Return duels in words, their errors written alike."""
    errors = [error for duel in met for error in (duel.error, duel.rival_error)]
    return [duel.sentence(words, errors) for duel in met]


def headline(
    met: Sequence[Duel],
    words: Words = ENGLISH,
    *,
    untold: bool = False,
    several: bool = False,
    advice: bool = True,
) -> str:
    """Return the verdict in a sentence or two, as plain about a loss as about a win.

    ``untold`` says that there are scores, over too few outcomes to tell; ``several``, that they are
    of several series; ``advice``, that after nothing but losses it is to be said what did better.
    """
    if untold and not met:
        return words(
            "Fewer than {least} outcomes could be scored, too few to say which model is better.",
            least=HANDFUL,
        )
    if not met:
        return words(
            "The {model} could not be compared with other models: nothing was scored.", model=MODEL
        )
    model = called(met[0].model, words)
    won = [duel.steps for duel in met if duel.won]
    tied = [duel.steps for duel in met if duel.tied]
    lost = [duel for duel in met if not duel.won and not duel.tied]
    if len(tied) == len(met):
        return words(
            "The {model} and the best other model err alike at {ahead}.",
            model=model,
            ahead=steps_ahead(tied, words),
        )
    if not lost and not tied:
        return words(
            "The {model} won: it has the least RMSE at {ahead}.",
            model=model,
            ahead=steps_ahead(won, words),
        )
    said = []
    if won:
        ahead = steps_ahead(won, words)
        said.append(words("The {model} has the least RMSE at {ahead}.", model=model, ahead=ahead))
    if lost:
        told = {
            "ahead": steps_ahead([duel.steps for duel in lost], words),
            "rivals": _rivals(lost, words),
        }
        if won:
            said.append(words("It lost at {ahead}: {rivals}.", **told))
        else:
            names = [model_text(name, words) for name in dict.fromkeys(d.rival for d in lost)]
            said.append(words("The {model} lost at {ahead}: {rivals}.", model=model, **told))
            better = words("On this series {names} served better.", names=listed(names, words))
            if several:
                better = words("On these series {names} served better.", names=listed(names, words))
            said += [better] if advice else []
    if tied:
        said.append(words("They err alike at {ahead}.", ahead=steps_ahead(tied, words)))
    return words.told(*said)


def called(model: str, words: Words = ENGLISH) -> str:
    """Return what sentences call the model that a report is about."""
    return words("mean auto") if model == BLEND else model


def silence(untold: Sequence[int], words: Words = ENGLISH) -> str | None:
    """Return where nothing is said of a winner, as too few outcomes are there; None for nowhere."""
    if not untold:
        return None
    return words(
        "Fewer than {least} outcomes say nothing of which model is better {ahead}.",
        least=HANDFUL,
        ahead=steps_ahead(untold, words),
    )


def caution(origins: int, words: Words = ENGLISH) -> str | None:
    """Return a warning where the scores rest on too few forecasts to mean much."""
    if origins >= _FEW:
        return None
    return words.many(
        origins,
        "Only 1 forecast could be scored: the differences may be chance.",
        "Only {count} forecasts could be scored: the differences may be chance.",
    )


def steps_ahead(steps: Sequence[int], words: Words = ENGLISH) -> str:
    """Write numbers of steps as people list them.

    Example:
        >>> steps_ahead([1]), steps_ahead([1, 2, 12])
        ('1 step ahead', '1, 2 and 12 steps ahead')
    """
    if list(steps) == [1]:
        return words("1 step ahead")
    return words("{steps} steps ahead", steps=listed([str(step) for step in steps], words))


def _rivals(lost: Sequence[Duel], words: Words) -> str:
    by_name: dict[str, list[float]] = {}
    for duel in lost:
        by_name.setdefault(duel.rival, []).append(duel.excess)
    told = [
        words("to {name} {excess}", name=model_text(name, words), excess=_between(excesses, words))
        for name, excesses in by_name.items()
    ]
    return listed(told, words)


def _between(excesses: Sequence[float], words: Words) -> str:
    least, most = min(excesses), max(excesses)
    if math.isinf(most):
        return words("without any error of its own")
    low, high = _amount(least, words), _amount(most, words)
    if low == high:
        return words("by {amount}", amount=high)
    return words("by {low} to {high}", low=low, high=high)


def _amount(excess: float, words: Words) -> str:
    if excess < 0.0005:
        return words("under 0.1%")
    if excess < 10:
        return f"{excess:.0%}" if excess >= 0.1 else percent(excess)
    return words("a factor of {times}", times=show(excess + 1))


def _digits(one: float, other: float) -> int:
    """Return with how many digits two numbers can be told apart."""
    pairs = {digits: show_all([one, other], digits) for digits in range(3, 9)}
    return next((digits for digits, pair in pairs.items() if pair[0] != pair[1]), 8)
