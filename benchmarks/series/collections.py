"""The public collections of series: what is known of each, what came, and how forecasts are scored.

A forecast is made once, from all that is known. Its scores: sMAPE and MASE as in the competitions,
the share of outcomes in its intervals, and the pinball loss, mean over the ends of the intervals,
in the unit of MASE.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.forecast.pretrained.collections import PERIODS
from series import data_folder

LEVELS = (0.8, 0.9, 0.95)
ENDS = [tail for level in LEVELS for tail in ((1 - level) / 2, (1 + level) / 2)]
COMPARED = ("M1 yearly", "tourism yearly", "M1 quarterly", "M3 other", "M3 yearly")
COMPARED += ("tourism quarterly", "M3 quarterly", "M1 monthly", "M3 monthly")
"""The collections that the networks left out in turn, those of the least work first."""

DRAWN = 10


@dataclass(frozen=True, eq=False)
class Task:
    """A series of a collection: what is known, and what came."""

    name: str
    known: np.ndarray
    came: np.ndarray
    season: int


@dataclass(frozen=True)
class Scores:
    """Of a forecast of one series; those of intervals are None where it has none.

    Shapes:
        held: (levels, steps), 1 where the outcome was in the interval, nan where none is known.
    """

    smape: float
    mase: float
    held: np.ndarray | None = None
    pinball: float | None = None


def tasks_of() -> dict[str, list[Task]]:
    """Return each collection, by name, with its series of at least eight known values."""
    found: dict[str, list[Task]] = defaultdict(list)
    for path in (data_folder("pool") / "series.csv", data_folder("m3") / "M3_monthly.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        first = header.index("values...")
        for row in rows:
            said = dict(zip(header[:first], row, strict=False))
            known, ahead = int(said["n_train"]), int(said["h"])
            cells = row[first : first + known + ahead]
            values = np.array([float(cell) if cell else np.nan for cell in cells])
            period = said.get("period", "monthly")
            if known >= 8:
                task = Task(said["id"], values[:known], values[known:], PERIODS.get(period, 1))
                found[f"{said.get('source', 'M3')} {period}"].append(task)
    return dict(sorted(found.items()))


def drawn(tasks: Sequence[Task], count: int = DRAWN) -> list[Task]:
    """Return some of the series, drawn with seed 0."""
    return [tasks[row] for row in np.random.default_rng(0).permutation(len(tasks))[:count]]


def alike(tasks: Iterable[Task]) -> list[list[Task]]:
    """Return the tasks by season and number of values to come."""
    found: dict[Any, list[Task]] = defaultdict(list)
    for task in tasks:
        found[task.season, len(task.came)].append(task)
    return list(found.values())


def usual_change(task: Task) -> float:
    """Return the mean change of what is known over a season, by which MASE divides."""
    if len(task.known) <= task.season:
        return math.nan
    return float(np.nanmean(np.abs(task.known[task.season :] - task.known[: -task.season])))


def scored(task: Task, location: np.ndarray, ends: np.ndarray | None = None) -> Scores:
    """Return the scores of a forecast, and of its intervals where their ends are given.

    Shapes:
        location: (steps,). ends: (len(ENDS), steps), the quantiles ENDS.
    """
    error, both = np.abs(task.came - location), np.abs(task.came) + np.abs(location)
    smape = float(np.nanmean(200 * error / np.maximum(both, 1e-12)))
    usual = usual_change(task) or math.nan
    mase = float(np.nanmean(error) / usual)
    if ends is None:
        return Scores(smape, mase)
    inside = (ends[::2] <= task.came) & (task.came <= ends[1::2])
    above = task.came - ends
    loss = np.maximum(above * np.array(ENDS)[:, None], above * (np.array(ENDS)[:, None] - 1))
    held = np.where(np.isnan(task.came), np.nan, inside)
    return Scores(smape, mase, held, float(np.nanmean(loss) / usual))


def summed_up(scores: Sequence[Scores]) -> dict[str, Any]:
    """Return the means over series: sMAPE, MASE, and what intervals held, in %, by step at 90 %."""
    found: dict[str, Any] = {
        "series": len(scores),
        "smape": round(float(np.mean([one.smape for one in scores])), 4),
        "mase": round(float(np.nanmean([one.mase for one in scores])), 5),
    }
    held = [one.held for one in scores if one.held is not None]
    if not held:
        return found
    longest = max(one.shape[1] for one in held)
    by_step = np.nanmean([one for one in held if one.shape[1] == longest], axis=0)
    every = [np.concatenate([one[place] for one in held]) for place in range(len(LEVELS))]
    found["pinball"] = round(float(np.nanmean([one.pinball or 0.0 for one in scores])), 5)
    found["held"] = [round(100 * float(np.nanmean(one)), 2) for one in every]
    found["by_step"] = [round(100 * float(share)) for share in by_step[LEVELS.index(0.9)]]
    return found
