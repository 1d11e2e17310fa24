"""The filters of sampling: each tells which tokens of a distribution may be drawn.

A filter takes log-probabilities (B, V), float64, normalised in each row, and returns which tokens
stay, (B, V), bool. Where tokens tie, the one with the lower number counts as the more likely.
"""

from __future__ import annotations

import numpy as np


def top_k(logs: np.ndarray, k: int) -> np.ndarray:
    """Keep the k most likely tokens: exactly k, or all where there are fewer.

    Source: Fan, Lewis, Dauphin 2018, arXiv:1805.04833, section 5.4.
    """
    return _back(_ranked(-logs), np.arange(logs.shape[1]) < k)


def top_p(logs: np.ndarray, mass: float) -> np.ndarray:
    """Keep the fewest most likely tokens that together have at least this probability.

    A token stays where all those that are more likely have less than ``mass`` together.

    Source: Holtzman et al. 2020, arXiv:1904.09751, section 3.1, equation 2.
    """
    order = _ranked(-logs)
    return _back(order, _before(logs, order) < mass)


def min_p(logs: np.ndarray, share: float) -> np.ndarray:
    """Keep the tokens with at least this share of the probability of the most likely one.

    Source: Nguyen et al. 2024, arXiv:2407.01082, section 3.
    """
    return logs >= logs.max(axis=1, keepdims=True) + np.log(share)


def typical(logs: np.ndarray, mass: float) -> np.ndarray:
    """Keep the fewest tokens of most usual surprise that together have at least this probability.

    The tokens are ranked by how far their surprise, -log p, lies from the entropy of the
    distribution, the nearest first; a token stays where those before it have less than ``mass``.

    Source: Meister, Pimentel, Wiher, Cotterell 2023, arXiv:2202.00666, equation 8.
    """
    possible = np.where(np.isneginf(logs), 0.0, logs)
    entropy = -(np.exp(logs) * possible).sum(axis=1, keepdims=True)
    order = _ranked(np.abs(logs + entropy))
    return _back(order, _before(logs, order) < mass)


def penalised(logs: np.ndarray, recent: np.ndarray, penalty: float, *, spare: int) -> np.ndarray:
    """Return log-probabilities with those of recent tokens multiplied by ``penalty``.

    The paper divides the scores of recent tokens where they are positive. Log-probabilities are
    scores that are never positive, so that to make a token rarer is to multiply them. They are no
    longer normalised.

    Args:
        logs: (B, V).
        recent: (B, W), tokens that came lately; a token there twice counts once.
        penalty: at least 1.
        spare: a token that is never penalised, the mark between documents; rows with fewer
            recent tokens are filled up with it.

    Source: Keskar et al. 2019, arXiv:1909.05858, section 4.1.
    """
    rows = np.arange(len(logs))[:, None]
    factor = np.ones_like(logs)
    factor[rows, recent] = penalty
    factor[:, spare] = 1.0
    return logs * factor


def _ranked(values: np.ndarray) -> np.ndarray:
    """Return the tokens by ascending value, ties by ascending number, (B, V)."""
    return np.argsort(values, axis=1, kind="stable")


def _before(logs: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return the probability of all tokens that come before each in an order, (B, V), ordered."""
    mass = np.exp(np.take_along_axis(logs, order, axis=1)).cumsum(axis=1)
    return np.concatenate([np.zeros((len(logs), 1)), mass[:, :-1]], axis=1)


def _back(order: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return by token what ``kept`` says by place in the order."""
    found = np.empty(order.shape, bool)
    np.put_along_axis(found, order, np.broadcast_to(kept, order.shape), axis=1)
    return found
