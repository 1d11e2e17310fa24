"""Beam search: the most probable ways to go on with a text, rather than a drawn one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gatework.checks import number, refuse, whole
from gatework.runtime.choose import allowed
from gatework.write.sampling.generate import read_start
from gatework.write.sampling.pieces import Pieces
from gatework.write.token_model import TokenModel
from gatework.write.vocabulary import Vocabulary


class Completion(NamedTuple):
    """A way to go on with a text.

    Attributes:
        text: what follows the start.
        log_probability: of its tokens after the start, in nats; END counts where it was reached.
        score: what completions are ranked by: the log-probability over the length penalty.
        tokens: the tokens of the text, END not among them.
        ended: whether the model ended its document there.
    """

    text: str
    log_probability: float
    score: float
    tokens: tuple[int, ...]
    ended: bool


def beam_search(
    model: TokenModel,
    start: str = "",
    *,
    length: int = 40,
    width: int = 8,
    length_penalty: float = 1.0,
    diversity: float = 0.0,
    count: int = 1,
    forbid_unknown: bool = True,
    stop_at_end: bool = True,
) -> list[Completion]:
    """Return the best completions that a beam finds, the best first, each text once.

    At each step every open text is followed by every token; the ``width`` most probable of these
    texts stay, and those that came to END among them leave the beam for the list of results. The
    search is over when no text is open, when all have their length, or when no open text can
    still overtake the worst of ``count`` results. It is deterministic: of equally probable texts
    the one from the better text before goes first, then the one with the lower token number.

    Args:
        model: the language model.
        start: how the text begins; read as for write_on.
        length: how many tokens are written at most.
        width: how many texts stay at each step; 1 takes the most likely token each time.
        length_penalty: alpha of the score, log-probability / ((5 + n) / 6)^alpha for n tokens, END
            counted; 0 favours short texts, 1 comes to the mean over the tokens in long ones.
        diversity: nats that the continuations of one text lose for each better one of the same
            text when the beam is chosen, so that it holds texts that branched early; 0 for none.
            It changes which texts stay, never their log-probabilities.
        count: how many completions are wanted; fewer come where the beam has no more.
        forbid_unknown: never write the mark of what is not in the vocabulary.
        stop_at_end: whether END may be written.

    Raises:
        OptionError: naming all arguments that are out of range.
        DataError: the log-probabilities of the model are not numbers.

    Source: the beam of Sutskever, Vinyals, Le 2014, arXiv:1409.3215, section 3.2; the length
    penalty of Wu et al. 2016, arXiv:1609.08144, equation 14; the diversity of Li, Monroe, Jurafsky
    2016, arXiv:1611.08562, section 2.
    """
    counts = {"length": length, "width": width, "count": count}
    shares = {"length_penalty": length_penalty, "diversity": diversity}
    problems = [wrong for name in counts for wrong in whole(1)(name, counts[name])]
    problems += [wrong for name in shares for wrong in number(0, 100)(name, shares[name])]
    if not problems and count > width:
        problems = [f"count must be at most width, got {count} and {width}"]
    refuse(problems, "a beam search is not possible so: ")

    def score(log_probability: float, tokens: int) -> float:
        return log_probability / ((5 + tokens) / 6) ** length_penalty

    search = _Search(model, start, width, diversity, score)
    for step in range(1, length + 1):
        search.step(step, forbid_unknown=forbid_unknown, allow_end=stop_at_end)
        if not search.open or search.settled(count, length):
            break
    search.close()
    return search.best(count)


class _Search:
    """The beam: open texts, best first, and those that ended."""

    def __init__(
        self,
        model: TokenModel,
        start: str,
        width: int,
        diversity: float,
        score: Callable[[float, int], float],
    ) -> None:
        self.model, self.width, self.diversity, self.score = model, width, diversity, score
        self.next = read_start(model, start, 1)[-1:]
        self.open: list[tuple[int, ...]] = [()]
        self.sums = np.zeros(1)
        self.ended: list[Completion] = []

    def step(self, number: int, *, forbid_unknown: bool, allow_end: bool) -> None:
        """Put a token behind each open text in every way, and keep the best."""
        logs = self.model.step(self.next).astype(np.float64)
        logs = allowed(logs, forbid_unknown=forbid_unknown, allow_end=allow_end)
        order = np.argsort(-logs, axis=1, kind="stable")[:, : self.width]  # siblings, best first
        sums = self.sums[:, None] + np.take_along_axis(logs, order, axis=1)
        ranks = sums - self.diversity * np.arange(order.shape[1])
        chosen = np.argsort(-ranks, axis=None, kind="stable")[: self.width]
        chosen = chosen[np.isfinite(sums.flat[chosen])]
        # The beam itself is in the order of the true sums, whatever diversity chose.
        chosen = chosen[np.argsort(-sums.flat[chosen], kind="stable")]
        parents, tokens, sums = chosen // order.shape[1], order.flat[chosen], sums.flat[chosen]
        going = tokens != Vocabulary.END
        for parent, total in zip(parents[~going], sums[~going], strict=True):
            self._finish(self.open[parent], float(total), number, ended=True)
        self.open = [
            (*self.open[parent], int(token))
            for parent, token in zip(parents[going], tokens[going], strict=True)
        ]
        self.sums, self.next = sums[going], tokens[going]
        if self.open:
            self.model.keep(parents[going])

    def settled(self, count: int, length: int) -> bool:
        """Return whether no open text can become better than the results that are wanted.

        A sum only falls, and the longest text has the mildest penalty.
        """
        results = self.best(count)
        return len(results) == count and results[-1].score >= self.score(self.sums[0], length)

    def close(self) -> None:
        """Take the open texts for results as they are."""
        for tokens, total in zip(self.open, self.sums, strict=True):
            self._finish(tokens, float(total), len(tokens), ended=False)

    def best(self, count: int) -> list[Completion]:
        """Return the best results, each text once."""
        kept: dict[str, Completion] = {}
        for one in sorted(self.ended, key=lambda one: -one.score):  # stable: the earlier first
            kept.setdefault(one.text, one)
        return list(kept.values())[:count]

    def _finish(self, tokens: tuple[int, ...], total: float, steps: int, *, ended: bool) -> None:
        text = Pieces(self.model.vocabulary)(tokens)
        self.ended.append(Completion(text, total, self.score(total, steps), tokens, ended))
