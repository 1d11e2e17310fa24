"""Arguments of a Forecaster that ask for a search, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatework.forecast.checks import least_length

SEARCH_USUAL: Mapping[str, Any] = {
    "trials": None,
    "budget": None,
    "exhaustive": False,
    "model": "lstm",
    "workers": None,
    "engine": "local",
    "address": None,
    "ledger": None,
    "resume": False,
}
"""Arguments that ask for a search where they are given, and what they are where they are not."""

OF_RESUMING = ("ledger", "resume")
"""Arguments that a search needs to be kept, and say nothing where others ask for it."""


def said_of(asked: Sequence[str], n: int, horizon: int, *, searched: bool) -> list[str]:
    """Return what is to be said of the arguments that ask for a search in a series of n values."""
    if not asked:
        return []
    names = " and ".join(one for one in asked if one not in OF_RESUMING) or asked[0]
    if searched:
        return [
            f"with {names} a search fits networks to this series alone; without, the pretrained "
            "network forecasts it"
        ]
    return [
        f"{names} ask for a search, but {n} values are too few for one, which needs "
        f"{least_length(horizon)} with a horizon of {horizon}: the pretrained network forecasts "
        "the series"
    ]
