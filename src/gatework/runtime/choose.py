"""The specification of sampling: from log-probabilities and one number each row to a token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.errors import DataError
from gatework.runtime import filters
from gatework.runtime.words import END, UNKNOWN


@dataclass(frozen=True)
class ChoiceSettings:
    """How a token is chosen; None leaves a filter out. See gatework.write.Sampling."""

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    typical: float | None = None
    repetition_penalty: float = 1.0
    forbid_unknown: bool = True


def choose(
    logs: np.ndarray,
    sampling: ChoiceSettings,
    draws: np.ndarray,
    *,
    recent: np.ndarray,
    allow_end: bool = True,
) -> np.ndarray:
    """Return the next token of each row, (B), int64.

    All is computed in float64, each row by itself, in this order:

    1. Repetition penalty: the log-probability of each token in ``recent`` is multiplied by
       ``repetition_penalty``, once; END is spared.
    2. Forbidden tokens get probability 0: UNKNOWN where ``forbid_unknown``, END unless
       ``allow_end``. Where nothing possible is left, all tokens not forbidden are equally likely.
    3. Temperature: l = (x - max x) / temperature, and from l its log-sum-exp, so that l is
       normalised. At temperature 0 the token of the largest x is the answer, of several the one
       with the lowest number; the filters and the draw are left out.
    4. ``top_k``, ``top_p``, ``min_p`` and ``typical``, each on the same l; a token stays where all
       of them keep it. The most likely token, of several the one with the lowest number, always
       stays.
    5. The draw: the kept probabilities exp(l) are added up in the order of the token numbers; the
       answer is the first kept token at which the sum is above ``draws`` times the whole sum.

    A path that follows these steps gives the same tokens, except where a sum comes so near to a
    border that rounding in float64 decides.

    Args:
        logs: log-probabilities of the next token; they need not be normalised.
        sampling: the settings.
        draws: random numbers, at least 0 and below 1.
        recent: the last ``repetition_window`` tokens that were read or written, filled up with
            END; END is never penalised.
        allow_end: whether END may be drawn.

    Shapes:
        logs: (B, V), any floating dtype. draws: (B), float64. recent: (B, W), int64.

    Raises:
        DataError: a log-probability is not a number, or every token is forbidden.
    """
    scores = logs.astype(np.float64)
    if sampling.repetition_penalty != 1.0:
        scores = filters.penalised(scores, recent, sampling.repetition_penalty, spare=END)
    scores = allowed(scores, forbid_unknown=sampling.forbid_unknown, allow_end=allow_end)
    if sampling.temperature == 0:
        return scores.argmax(axis=1)
    tempered_logs = tempered(scores, sampling.temperature)
    return drawn(tempered_logs, kept(tempered_logs, sampling), draws)


def allowed(scores: np.ndarray, *, forbid_unknown: bool, allow_end: bool) -> np.ndarray:
    """Return the scores with forbidden tokens at minus infinity (step 2 of ``choose``).

    Raises:
        DataError: a score is not a number, or every token is forbidden.
    """
    forbidden = [UNKNOWN] * forbid_unknown + [END] * (not allow_end)
    if len(forbidden) == scores.shape[1]:
        raise DataError(
            "the vocabulary holds no token but the marks END and UNKNOWN, and both are forbidden",
            hint="train on a text that is not empty",
        )
    scores = scores.copy()
    scores[:, forbidden] = -np.inf
    most = scores.max(axis=1)
    if np.isnan(most).any():
        row = int(np.isnan(most).argmax())
        raise DataError(f"the log-probabilities of row {row} are not numbers")
    if (lost := np.isneginf(most)).any():
        level = np.zeros(scores.shape[1])
        level[forbidden] = -np.inf
        scores[lost] = level
    return scores


def tempered(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Return normalised log-probabilities at a temperature above 0 (step 3 of ``choose``)."""
    with np.errstate(over="ignore"):  # what is far below the most likely becomes impossible
        logs = (scores - scores.max(axis=1, keepdims=True)) / temperature
    return logs - np.log(np.exp(logs).sum(axis=1, keepdims=True))


def kept(logs: np.ndarray, sampling: ChoiceSettings) -> np.ndarray:
    """Return which tokens the filters leave, (B, V), bool (step 4 of ``choose``)."""
    stays = np.ones(logs.shape, bool)
    for name in ("top_k", "top_p", "min_p", "typical"):
        value = getattr(sampling, name)
        if value is not None:
            stays &= getattr(filters, name)(logs, value)
    stays[np.arange(len(logs)), logs.argmax(axis=1)] = True
    return stays


def drawn(logs: np.ndarray, stays: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return a token of each row by its random number, (B) (step 5 of ``choose``)."""
    sums = np.where(stays, np.exp(logs), 0.0).cumsum(axis=1)
    return (sums > draws[:, None] * sums[:, -1:]).argmax(axis=1)
