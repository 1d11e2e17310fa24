"""The estimator: trained on units that ran until they failed, asked about units that still run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Self

import numpy as np

from gatework.checks import below, checked, layer_sizes, or_auto, refuse, share, whole
from gatework.errors import DataError, counted
from gatework.estimator import Estimator, Schema
from gatework.examine import Run
from gatework.forecast.metrics import rmse
from gatework.life.fit import fit_network, life_left, predict_all
from gatework.life.fleet import Fleet, Gaps
from gatework.life.held_out import HeldOut, linear_life
from gatework.life.intervals import LifePoint, Margins, conformal_margins
from gatework.life.model_file import FILE
from gatework.life.network import LifeNetwork
from gatework.life.reading import read_fleet
from gatework.life.signals import Signals
from gatework.life.tracker import LifeTracker
from gatework.tabular.missing import Missing
from gatework.tabular.style import ReadingStyle
from gatework.train import Progress

LEAST_UNITS = 5
MOST_UNITS = 2**16


@dataclass(eq=False, repr=False)
class LifeEstimator(Estimator):
    """Estimate the remaining useful life of units from the histories of units that failed.

    An LSTM reads the whole history of a unit and says after every cycle how many are left, up to a
    cap: before wear shows, no network can tell 200 cycles from 150. Several networks are averaged.
    Intervals come from their errors on a fifth of the units, by networks that have not seen these.

    Args:
        cap: most cycles that are predicted.
        hidden_sizes: units of each LSTM layer.
        dropout: between layers and before the head, while training.
        learning_rate: greatest of a one-cycle schedule.
        weight_decay: of AdamW.
        epochs: passes over all units.
        batch_size: units in a step; "auto" for what gatework.life.fit.units_in_a_step says.
        members: networks that are averaged, alike but for their seeds.
        level: share of outcomes that intervals shall hold.
        seed: of everything random.
        progress: told how the training of each network goes; None for silence.

    Attributes:
        networks_, signals_, margins_: what predicts, after ``fit``.
        style_, step_, missing_, gaps_: how the table of its fleet was read, the step from cycle to
            cycle, and what became of readings and cycles that lacked.
        held_out_: how far off predictions were on the units held out, a HeldOut; None where a
            file does not say.

    Raises:
        OptionError, DataError: by ``fit``, before any work.

    Example:
        >>> import numpy as np
        >>> from gatework.life import Fleet
        >>> draw = np.random.default_rng(0)
        >>> ages = [np.arange(1.0, n + 1) for n in (30, 40, 35, 45, 38)]
        >>> wear = tuple(np.exp(age / age[-1] * 3)[:, None] for age in ages)
        >>> fleet = Fleet(tuple("abcde"), ("heat",), wear, tuple(ages))
        >>> estimator = LifeEstimator(epochs=2, members=1).fit(fleet)
        >>> [point.unit for point in estimator.predict(fleet)]
        ['a', 'b', 'c', 'd', 'e']
    """

    cap: float = checked(125.0, below(1, 1e9))
    _: KW_ONLY
    hidden_sizes: Sequence[int] = checked((64, 64), layer_sizes(MOST_UNITS))
    dropout: float = checked(0.3, below(0, 1))
    learning_rate: float = checked(5e-3, below(0, 10))
    weight_decay: float = checked(1e-3, below(0, 10))
    epochs: int = checked(60, whole(1))
    batch_size: int | str = checked("auto", or_auto(whole(1)))
    members: int = checked(3, whole(1))
    level: float = checked(0.9, share)
    seed: int = checked(0, whole(0))
    progress: Progress | None = None

    file_kind: ClassVar[str] = "life"
    FILE: ClassVar[Schema] = FILE
    OF_A_RUN: ClassVar[tuple[str, ...]] = ("progress",)
    LEARNED: ClassVar[str] = "networks_"
    FIT: ClassVar[str] = "estimator.fit(fleet)"
    READS: ClassVar[str] = "fleet"
    PICK: ClassVar[str | None] = "unit"

    def check(self, fleet: Fleet | Any) -> Fleet:
        """Return the fleet as ``fit`` would take it, after checking it and all arguments.

        Raises:
            OptionError, DataError: as ``fit`` does.
        """
        refuse(self.problems(), "training cannot begin: ")
        fleet = fleet if isinstance(fleet, Fleet) else read_fleet(fleet)
        if len(fleet) < LEAST_UNITS:
            raise DataError(
                f"there are {counted(len(fleet), 'unit')}, expected at least {LEAST_UNITS} "
                f"that ran until they failed",
                hint="add units",
            )
        for unit, length in zip(fleet.units, fleet.lengths, strict=True):
            if length < 2:
                raise DataError(f"unit {unit!r} has {length} cycle, expected at least 2")
        return fleet

    def fit(self, fleet: Fleet | Any) -> Self:
        """Train on units of which each ran until it failed, at its last cycle.

        Args:
            fleet: a Fleet, or what read_fleet reads.

        Raises:
            OptionError, DataError: for arguments and data that cannot be used.
        """
        fleet = self.check(fleet)
        self.signals_ = Signals.of(fleet)
        if not self.signals_.names:
            raise DataError("no column varies, so nothing can be learned from them")
        self.margins_, self.held_out_ = self._calibrate(fleet)
        self.networks_ = self._fit(fleet, self.signals_)
        self.style_, self.step_ = fleet.style, fleet.step
        self.missing_: Missing = fleet.missing
        self.gaps_: Gaps = fleet.gaps
        return self

    def _calibrate(self, fleet: Fleet) -> tuple[Margins, HeldOut]:
        """Return margins from a fifth of the units, by networks that have not seen them, and more.

        This is how far off these networks were, beside two simple models.
        """
        order = np.random.default_rng(self.seed).permutation(len(fleet))
        held = max(1, len(fleet) // 5)
        unseen, seen = fleet.rows(order[:held]), fleet.rows(order[held:])
        signals = Signals.of(seen)
        cap = float(self.cap)
        predicted = np.concatenate(predict_all(self._fit(seen, signals), signals, unseen, cap))
        actual, known = np.concatenate(life_left(unseen, cap)), life_left(seen, cap)
        linear = linear_life(seen, known, unseen, signals, cap)
        simple = rmse(actual, linear), rmse(actual, np.concatenate(known).mean())
        held_out = HeldOut(held, rmse(actual, predicted), *simple)
        return conformal_margins(predicted, actual, self.level, cap), held_out

    def _fit(self, fleet: Fleet, signals: Signals) -> list[LifeNetwork]:
        """Return the networks, trained on a fleet."""
        seeds = range(self.seed, self.seed + self.members)
        return [fit_network(fleet, signals, self, seed) for seed in seeds]

    def predict(self, fleet: Fleet | Any) -> list[LifePoint]:
        """Return the life left of each unit after its last known cycle.

        Raises:
            NotFittedError: when nothing was fitted. DataError: when a column is missing.
        """
        return [points[-1] for points in self.predict_all(fleet).values()]

    def predict_all(self, fleet: Fleet | Any) -> dict[str, list[LifePoint]]:
        """Return the life left of each unit after every cycle, by unit."""
        self.check_fitted()
        fleet = fleet if isinstance(fleet, Fleet) else self.read(fleet)
        values = predict_all(self.networks_, self.signals_, fleet, float(self.cap))
        found = {}
        for unit, cycles, predicted in zip(fleet.units, fleet.cycles, values, strict=True):
            lower, upper = self.margins_.interval(predicted)
            found[unit] = [
                LifePoint(unit, *map(float, row))
                for row in zip(cycles, predicted, lower, upper, strict=True)
            ]
        return found

    def track(self, unit: str) -> LifeTracker:
        """Return what follows a unit cycle by cycle, from before its first.

        Raises:
            NotFittedError: when nothing was fitted.
        """
        self.check_fitted()
        return LifeTracker(unit, self.networks_, self.signals_, float(self.cap), self.margins_)

    def read(
        self,
        path: Any,
        *,
        id_column: str | None = None,
        time_column: str | None = None,
        missing: Missing | None = None,
        gaps: Gaps | None = None,
        style: ReadingStyle | None = None,
        like: Fleet | None = None,
    ) -> Fleet:
        """Read a fleet as read_fleet does, in the way that the fitted one, or another, was read.

        Args:
            path: of the table.
            id_column: of units; that of before where left out.
            time_column: of cycles; that of before where left out.
            missing: what becomes of readings that lack; as before where left out.
            gaps: what becomes of cycles that lack; as before where left out.
            style: what is known of the table, above what was known before.
            like: the fleet before; the fitted one where left out.
        """
        known, step = ReadingStyle(), None
        filled: Missing = "error"
        gapped: Gaps = "error"
        if like is not None:
            known, filled, gapped, step = like.style, like.missing, like.gaps, like.step
        elif self.__sklearn_is_fitted__():
            known, filled, gapped, step = self.style_, self.missing_, self.gaps_, self.step_
        return read_fleet(
            path,
            unit_column=id_column,
            cycle_column=time_column,
            missing=missing or filled,
            gaps=gaps or gapped,
            style=known if style is None else style.over(known),
            step=step,
        )

    def examine(self, data: Fleet | Any = None, *, unit: str | None = None, member: int = 0) -> Run:
        """Return a run of one of its networks over the history of a unit, to be looked into.

        Args:
            data: a fleet with the columns that were fitted.
            unit: whose history; the first one's when not given.
            member: which of the averaged networks.

        Raises:
            NotFittedError: when nothing was fitted.
            OptionError: when data are missing, or there is no such unit or network.
        """
        from gatework.life.introspection import run_unit

        data = self._needed(data)
        fleet = data if isinstance(data, Fleet) else self.read(data)
        name = fleet.units[self._picked(unit, fleet.units)]
        network = self._member(member)
        return run_unit(network, self.signals_, fleet, name, float(self.cap))
