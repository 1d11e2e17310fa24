"""Drawing from few tokens of many: a draw that does not sort the whole vocabulary."""

from __future__ import annotations

import numpy as np

_FEW = 256


def draw(scores: np.ndarray, draws: np.ndarray, *, temperature: float, top_p: float) -> np.ndarray:
    """Return a token of each row, (B), int64; one without any finite score gets 0.

    It draws from the same tokens as ``gatework.write.sampling.choose`` with this temperature and
    ``top_p``; but it adds up their probabilities from the most likely one down.

    Args:
        scores: log-probabilities, minus infinity for what may not be drawn.
        draws: random numbers, at least 0 and below 1.
        temperature: at least 0; 0 takes the most likely token.
        top_p: draw from the fewest tokens that together have this probability.

    Shapes:
        scores: (B, V). draws: (B).

    Example:
        >>> scores = np.log(np.array([[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]]))
        >>> draw(scores, np.array([0.6, 0.7]), temperature=1.0, top_p=0.8).tolist()
        [1, 2]
    """
    likely = scores.argmax(axis=1)
    if temperature == 0:
        return likely
    most = np.take_along_axis(scores, likely[:, None], axis=1)
    most[~np.isfinite(most)] = 0.0
    with np.errstate(over="ignore", under="ignore"):
        shares = np.exp((scores - most) / temperature)
    total = shares.sum(axis=1)
    few = min(_FEW, scores.shape[1])
    order = np.argpartition(-shares, few - 1, axis=1)[:, :few]
    tokens, done = _from(shares, order, total, draws, top_p)
    if not done.all():
        rows = np.flatnonzero(~done)
        order = np.argsort(-shares[rows], axis=1)
        tokens[rows], _ = _from(shares[rows], order, total[rows], draws[rows], top_p)
    return tokens


def _from(
    shares: np.ndarray, order: np.ndarray, total: np.ndarray, draws: np.ndarray, top_p: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return tokens out of those in ``order``, (B), and for which rows these are enough, (B)."""
    some = np.take_along_axis(shares, order, axis=1)
    ranks = np.argsort(-some, axis=1, kind="stable")
    some = np.take_along_axis(some, ranks, axis=1)
    sums = some.cumsum(axis=1)
    wanted = top_p * total
    kept = np.maximum((sums - some < wanted[:, None]).sum(axis=1), 1) - 1
    mass = np.take_along_axis(sums, kept[:, None], axis=1)[:, 0]
    places = np.minimum((sums <= (draws * mass)[:, None]).sum(axis=1), kept)
    chosen = np.take_along_axis(ranks, places[:, None], axis=1)
    enough = (sums[:, -1] >= wanted) | (order.shape[1] == shares.shape[1])
    return np.take_along_axis(order, chosen, axis=1)[:, 0], enough
