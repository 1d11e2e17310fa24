"""Arguments of a GlobalForecaster, and what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, ClassVar

from gatework.checks import below, checked, layer_sizes, one_of, whole, wrong_fields
from gatework.engine import engine_problems
from gatework.estimator import Estimator
from gatework.forecast.across.training import contradictions
from gatework.forecast.checks import MOST_AHEAD, wrong_levels
from gatework.forecast.es_lstm.settings import DISTRIBUTION_NAMES, LOSSES

if TYPE_CHECKING:
    from gatework.train import Progress


@dataclass(eq=False, repr=False)
class GlobalForecasterArguments(Estimator):
    """What a GlobalForecaster is told; see there."""

    horizon: int = checked(12, whole(1, MOST_AHEAD))
    _: KW_ONLY
    train: bool | None = None
    hidden_sizes: Sequence[int] = checked((64,), layer_sizes())
    dropout: float = checked(0.1, below(0, 1))
    learning_rate: float = checked(3e-3, below(0, 10))
    weight_decay: float = checked(1e-4, below(0, 10))
    epochs: int | None = checked(None, whole(1))
    batch_size: int = checked(32, whole(1))
    members: int = checked(3, whole(1))
    loss: str = checked("absolute", one_of(LOSSES))
    correction: bool = False
    distribution: str | None = checked("auto", one_of(("auto", *DISTRIBUTION_NAMES)))
    levels: Sequence[float] | float = (0.8, 0.95)
    whole_numbers: bool = False
    seed: int = checked(0, whole(0))
    progress: Progress | None = None
    checkpoint: str | os.PathLike[str] | None = None
    processes: int = checked(1, whole(1))
    engine: str = "local"
    address: str | None = None
    interface: str | None = None
    tune: bool = False
    network: str | os.PathLike[str] | None = None

    OF_A_RUN: ClassVar[tuple[str, ...]] = (
        "progress",
        "checkpoint",
        "processes",
        "engine",
        "address",
        "interface",
        "network",
    )

    def problems(self) -> list[str]:
        """Return what is wrong with the arguments, in sentences."""
        problems = wrong_fields(self) + engine_problems(self.engine, self.address)
        problems += wrong_levels("levels", self.levels) + contradictions(self)
        if self.processes == 1 and self.engine == "ray":
            problems.append(
                "engine 'ray' trains with several processes: processes must be 2 or more"
            )
        if self.interface is not None and self.engine != "ray":
            problems.append("interface is of a network between machines: it needs engine='ray'")
        return problems
