"""The search for the parameters of one series' networks."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from gatework.forecast.backtest import SeriesSplit, split
from gatework.forecast.local.objective import Objective
from gatework.forecast.method import Method
from gatework.forecast.series import Series
from gatework.search import SearchError, SearchInterrupted, SearchResult, layered_search

SEARCH_ARGUMENTS = (
    *("ledger", "trials", "budget", "exhaustive", "seed"),
    *("workers", "engine", "address", "resume", "origin", "progress"),
)
"""The arguments of a Forecaster that its search takes."""

BUDGET = 120.0
"""Seconds of a search without any other limit."""


def choosing(cut: SeriesSplit) -> SeriesSplit:
    """Return the split by which a search chooses that is to be judged: on half of its validation.

    The test part of that split begins with the other half, which chooses nothing.
    """
    half = (cut.train_end + cut.test_start + 1) // 2
    return SeriesSplit(cut.train_end, half, cut.n)


def search(
    series: Series,
    method: Method,
    horizon: int,
    *,
    ledger: str | os.PathLike[str] | None,
    **how: Any,
) -> SearchResult:
    """Return the parameters with the least error on the validation part; see layered_search.

    Where they are to be ``judged`` it is the first half of it; the other half chooses nothing.

    Raises:
        SearchInterrupted, SearchError: as layered_search; without ``ledger`` nothing is kept.
    """
    if ledger is not None:
        return _search_into(ledger, series, method, horizon, **how)
    with tempfile.TemporaryDirectory() as folder:
        try:
            return _search_into(Path(folder) / "search.sqlite", series, method, horizon, **how)
        except SearchInterrupted:
            raise SearchInterrupted(
                "the search was interrupted, and nothing of it is kept",
                hint="ledger='search.sqlite' keeps what is finished, resume=True goes on",
            ) from None
        except SearchError as error:
            raise SearchError(
                error.message, hint="ledger='search.sqlite' keeps the reasons"
            ) from None


def _search_into(
    ledger: str | os.PathLike[str],
    series: Series,
    method: Method,
    horizon: int,
    *,
    trials: int | None,
    budget: float | None,
    exhaustive: bool,
    judged: bool,
    **how: Any,
) -> SearchResult:
    cut = split(len(series))
    if judged:
        cut = choosing(cut)
    known = series.first(cut.test_start)
    if np.ptp(known.values) == 0:  # then no setting is better than another
        trials, budget, exhaustive = 1, None, False
    elif trials is None and budget is None and not exhaustive:
        budget = BUDGET
    return layered_search(
        Objective(method.name, known, cut, horizon),
        method.axes(known, cut),
        ledger=ledger,
        trials=trials,
        budget=budget,
        exhaustive=exhaustive,
        fingerprint={
            "series": hashlib.sha256(series.values.tobytes()).hexdigest(),
            "horizon": horizon,
            "counts": series.counts,
            "method": method.name,
            **({"chosen_to": cut.test_start} if judged else {}),
        },
        **how,
    )
