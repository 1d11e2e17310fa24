"""Arguments of a Forecaster, which of them ask for a search, and what is said of these."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from gatework.checks import checked, one_of, refuse, share, whole, wrong_fields
from gatework.engine import engine_problems
from gatework.errors import counted
from gatework.estimator import Estimator
from gatework.forecast.checks import MOST_AHEAD, least_length
from gatework.forecast.local.methods import DEFAULT_METHOD, METHODS, SEARCHED_METHOD
from gatework.forecast.series import Series
from gatework.search import SearchProgress
from gatework.search.layered import SECONDS

if TYPE_CHECKING:
    from gatework.train import Progress

MODELS = ("lstm", "auto")

SEARCH_USUAL: Mapping[str, Any] = {
    "trials": None,
    "budget": None,
    "exhaustive": False,
    "workers": None,
    "engine": "local",
    "address": None,
    "ledger": None,
    "resume": False,
}
"""Arguments that ask for a search where they are given, and what they are where they are not."""

OF_RESUMING = ("ledger", "resume")
"""Arguments that a search needs to be kept, and say nothing where others ask for it."""


def wrong_tuning(forecaster: Any) -> list[str]:
    """Return what is wrong with asking for a tuning, in sentences."""
    if forecaster.checkpoint is not None and not forecaster.tune:
        return ["checkpoint is for tune=True; a search is kept in its ledger"]
    if forecaster.tune and forecaster.searched:
        return [
            "tune is for the method 'pretrained' without a search, whose networks learn from the "
            "series alone"
        ]
    return []


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
        f"{names} ask for a search, but {counted(n, 'value', be=True)} too few for one, which "
        f"needs {least_length(horizon)} with a horizon of {horizon}: the pretrained network "
        "forecasts the series"
    ]


@dataclass(eq=False, repr=False)
class ForecasterArguments(Estimator):
    """What a Forecaster is told; see there."""

    horizon: int = checked(12, whole(1, MOST_AHEAD))
    _: KW_ONLY
    trials: int | None = checked(None, whole(1))
    budget: float | None = checked(None, SECONDS)
    exhaustive: bool = False
    seed: int = checked(0, whole(0))
    level: float = checked(0.9, share)
    method: str = checked(DEFAULT_METHOD, one_of(METHODS))
    model: str = checked("lstm", one_of(MODELS))
    workers: int | None = checked(None, whole(1))
    engine: str = "local"
    address: str | None = None
    ledger: str | os.PathLike[str] | None = None
    resume: bool = False
    classics: float | None = checked(None, SECONDS)
    network: str | os.PathLike[str] | None = None
    origin: Mapping[str, Any] | None = None
    progress: SearchProgress | Progress | None = None
    tune: bool = False
    checkpoint: str | os.PathLike[str] | None = None

    OF_A_RUN: ClassVar[tuple[str, ...]] = (
        "workers",
        "engine",
        "address",
        "ledger",
        "resume",
        "classics",
        "network",
        "origin",
        "progress",
        "checkpoint",
    )

    @property
    def search_asked(self) -> list[str]:
        """The arguments that ask for a search, where no method does."""
        asked = [name for name, usual in SEARCH_USUAL.items() if getattr(self, name) != usual]
        return asked if self.method == DEFAULT_METHOD else []

    @property
    def searched(self) -> bool:
        """Whether ``fit`` searches for networks of its own to this series."""
        return self.method_taken != DEFAULT_METHOD

    @property
    def method_taken(self) -> str:
        """The method that ``fit`` takes of a series that is long enough for a search."""
        return SEARCHED_METHOD if self.search_asked else self.method

    def method_for(self, series: Series) -> str:
        """Return the method that ``fit`` takes; one that no search can learn from is pretrained."""
        short = len(series) < least_length(self.horizon)
        return self.method if short and self.search_asked else self.method_taken

    def check_settings(self) -> None:
        """Check all arguments of the constructor.

        Raises:
            OptionError: naming everything that is wrong.
        """
        refuse(self.problems(), "forecasting cannot begin: ")

    def problems(self) -> list[str]:
        """Return what is wrong with the arguments, in sentences."""
        problems = wrong_fields(self) + engine_problems(self.engine, self.address)
        if self.exhaustive and (self.trials is not None or self.budget is not None):
            problems.append("exhaustive excludes trials and budget")
        if self.network is not None and self.searched:
            problems.append("network is for the method 'pretrained', which does not search")
        problems += wrong_tuning(self)
        if self.resume and self.ledger is None:
            problems.append("resume needs the ledger of the interrupted search")
        return problems
