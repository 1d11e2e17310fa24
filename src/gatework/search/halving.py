"""Successive halving: stopping a trial part of the way when too many others were better there."""

from __future__ import annotations

from collections.abc import Sequence

from gatework.search.trial import Rung

FEWEST = 4
"""A trial is compared with so many others at least; the first ones are never stopped."""


def decide(error: float, others: Sequence[float], reduction_factor: float | None) -> Rung:
    """Return whether a trial goes on from a rung, beside the errors of earlier trials there.

    One of ``reduction_factor`` goes on: the trial, when it is among the best of this share of all
    that reached the rung so far, itself included. With None every trial goes on.

    Example:
        >>> decide(0.5, [0.1, 0.2, 0.3, 0.4, 0.6], 3)
        Rung(error=0.5, beside=5, threshold=0.2, stopped=True)
        >>> decide(0.5, [0.1], 3).stopped
        False

    Source: L. Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020,
        arXiv:1810.05934, algorithm 2; here a trial waits for the earlier ones instead of being
        promoted later, so that the decisions do not depend on the number of workers.
    """
    if reduction_factor is None or len(others) < FEWEST:
        return Rung(error, len(others), None, stopped=False)
    # Best so many of all with the trial: it is among them when fewer of the others were better.
    places = max(1, round((len(others) + 1) / reduction_factor))
    threshold = sorted(others)[places - 1]
    return Rung(error, len(others), threshold, stopped=error > threshold)
