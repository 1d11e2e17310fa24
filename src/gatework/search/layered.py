"""The layered grid search: a coarse grid, then finer ones around its best points."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatework.errors import FileFormatError, GateworkError, OptionError
from gatework.search.axes import AnyAxis
from gatework.search.grid import Point, coarse_points, finer_points
from gatework.search.ledger import Ledger
from gatework.search.progress import Progress
from gatework.search.trial import Trial
from gatework.search.workers import Answer, Evaluate, InProcess, Processes, sending_problem

SHARES = (0.5, 0.3, 0.2)
"""What the first layers get of the budget; further ones get what is left."""

CENTRES = 3
"""How many of the best points a finer grid is laid around."""

DEEPEST = 8


class SearchInterrupted(GateworkError):
    """The search was stopped with Ctrl-C; everything finished is in the ledger."""


class SearchError(GateworkError, RuntimeError):
    """No trial succeeded, so there is nothing to choose from."""


@dataclass(frozen=True)
class SearchResult:
    """What a search has found.

    Attributes:
        best: the trial with the least error; of equal ones, the earliest.
        trials: all trials by their number.
        layers: how many grids were laid.
        stopped: "trials" or "budget" when that was used up, "exhausted" when nothing new was left.
    """

    best: Trial
    trials: tuple[Trial, ...]
    layers: int
    stopped: str


def layered_search(
    evaluate: Evaluate,
    axes: Sequence[AnyAxis],
    *,
    ledger: str | os.PathLike[str],
    trials: int | None = None,
    budget: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    resume: bool = False,
    fingerprint: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> SearchResult:
    """Find the parameters with the least error on ever finer grids.

    The first layer is the coarse grid of all axes, in a balanced order where the budget does not
    reach for all of it. Each further layer lays grids of half the step around the best points so
    far. A layer begins when the one before has ended, so that with a number of trials the same
    seed gives the same trials whatever the number of workers.

    Args:
        evaluate: called as ``evaluate(parameters, seed)``, with the same seed for all trials, so
            that trials differ by their parameters alone; returns an Outcome. It is sent to each
            worker once, so it must be picklable.
        axes: Axis, Choice or Sizes; at least one.
        ledger: path of the file that holds every result as soon as it is known.
        trials: how many evaluations at most; needed where there is no budget.
        budget: how many seconds at most. No evaluation begins that would probably end further
            after this time than before it; those that run are finished, and at least one is.
        seed: of the order, and what ``evaluate`` gets.
        workers: processes; one for each processor if not given. 1 evaluates in this process.
        resume: go on with the search in ``ledger``.
        fingerprint: JSON values that tell this search from others, such as a digest of the data.
        progress: told after each trial; None for silence.

    Raises:
        OptionError: when arguments are wrong, all at once; or when ``ledger`` belongs to another
            search.
        OutputError: when ``ledger`` exists and ``resume`` is False, or cannot be written.
        FileFormatError: when ``ledger`` is damaged.
        SearchInterrupted: after Ctrl-C; the finished trials are kept.
        SearchError: when every evaluation failed.

    Example:
        >>> import tempfile
        >>> from gatework.search import Axis, Outcome
        >>> def error(parameters, seed):
        ...     return Outcome((parameters["x"] - 1.3) ** 2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     found = layered_search(
        ...         error, [Axis("x", (0, 1, 2, 3))], trials=12, workers=1,
        ...         ledger=Path(folder) / "search.sqlite",
        ...     )
        >>> abs(found.best.parameters["x"] - 1.3) < 0.1
        True
    """
    count = _processors() if workers is None else workers
    problems = _problems(axes, trials, budget, workers) + _call_problems(seed, fingerprint)
    if count != 1 and (problem := sending_problem(evaluate)):
        problems.append(problem)
    if problems:
        raise OptionError("the search cannot begin: " + "; ".join(problems))
    description = {
        "axes": [axis.describe() for axis in axes],
        "seed": seed,
        "trials": trials,
        "budget": budget,
        "fingerprint": dict(fingerprint or {}),
    }
    opened = (Ledger.resume if resume else Ledger.create)(Path(ledger), description)
    pool: Processes | InProcess | None = None
    try:
        search = _Search(axes, opened, trials, budget, seed, progress, count)
        if not search.finished():
            pool = InProcess(evaluate, seed) if count == 1 else Processes(evaluate, seed, count)
        return search.run(pool)
    except KeyboardInterrupt:
        kept = len(opened.trials())
        raise SearchInterrupted(
            f"the search was interrupted; {kept} finished trials are kept in {opened.path}",
            hint="the same call with resume=True goes on from there",
        ) from None
    finally:
        if progress is not None:
            progress.stop()
        if pool is not None:
            pool.close()
        opened.close()


class _Search:
    def __init__(
        self,
        axes: Sequence[AnyAxis],
        ledger: Ledger,
        trials: int | None,
        budget: float | None,
        seed: int,
        progress: Progress | None,
        workers: int,
    ) -> None:
        self.axes, self.ledger, self.seed, self.progress = axes, ledger, seed, progress
        self.limit, self.budget = trials, budget
        self.earlier = {trial.index: trial for trial in ledger.trials()}
        self.last_layer = max((trial.layer for trial in self.earlier.values()), default=0)
        self.results: dict[int, Trial] = {}
        self.seen: set[Point] = set()
        self.handed = 0
        self._check_numbers()
        spent = sum(trial.seconds for trial in self.earlier.values()) / workers
        self.began = time.perf_counter() - spent

    def finished(self) -> bool:
        """Tell whether the ledger holds all trials already."""
        return self.limit is not None and len(self.earlier) == self.limit

    def _check_numbers(self) -> None:
        """Refuse numbers and layers of trials that no search leaves behind."""
        layers = [self.earlier[index].layer for index in sorted(self.earlier)]
        beyond = self.limit is not None and max(self.earlier, default=-1) >= self.limit
        if beyond or layers != sorted(layers) or self.last_layer > DEEPEST:
            raise FileFormatError(
                f"{self.ledger.path} is damaged: its trials are not in an order that a search has",
                hint="put it aside and begin a new search",
            )

    def run(self, pool: Processes | InProcess | None) -> SearchResult:
        if self.progress is not None:
            self.progress.start(self.limit, self.budget)
        stopped, layer = "exhausted", 0
        while layer <= DEEPEST:
            before = self.handed
            if self.progress is not None:
                self.progress.layer(layer)
            nothing_left = self._run_layer(layer, pool)
            if self._used_up():
                stopped, layer = self._used_up(), layer + 1
                break
            if nothing_left and self.handed == before:
                break
            layer += 1
        trials = tuple(self.results[index] for index in sorted(self.results))
        best = self._best()
        if best is None:
            raise SearchError(
                f"all {len(trials)} trials failed; the first: {trials[0].message}",
                hint=f"the reasons are in {self.ledger.path}",
            )
        return SearchResult(best, trials, layer, stopped)

    def _used_up(self) -> str:
        if self.limit is not None and self.handed >= self.limit:
            return "trials"
        return "budget" if self.results and self._out_of_time(1.0) else ""

    def _out_of_time(self, share: float) -> bool:
        """Tell whether one more trial would rather end after a share of the budget than in it."""
        if self.budget is None:
            return False
        taken = [trial.seconds for trial in self.results.values()]
        half_a_trial = sum(taken) / len(taken) / 2 if taken else 0.0
        return time.perf_counter() - self.began + half_a_trial >= share * self.budget

    def _run_layer(self, layer: int, pool: Processes | InProcess | None) -> bool:
        """Hand out the layer's share of trials; tell whether its grid ran out before."""
        points = self._points(layer)
        running: dict[int, Point] = {}
        closed = nothing_left = False
        try:
            while running or not closed:
                while not closed and (pool is None or pool.free()):
                    if not self._may_hand_out(layer):
                        closed = True
                        break
                    point = next(points, None)
                    if point is None:
                        closed = nothing_left = True
                    elif self.handed in self.earlier:
                        self._keep(self.earlier[self.handed], point)
                    elif pool is None:
                        raise RuntimeError("a finished search asked for another trial")
                    else:
                        running[self.handed] = point
                        self.seen.add(point)
                        pool.submit(self.handed, self._named(point))
                        self.handed += 1
                if running and pool is not None:
                    answer = pool.next_answer()
                    self._record(answer, layer, running.pop(answer.job))
        finally:
            points.close()
        return nothing_left

    def _points(self, layer: int) -> Generator[Point]:
        ranked = sorted(
            (t for t in self.results.values() if t.error is not None),
            key=lambda t: (t.error, t.index),
        )
        centres = [tuple(t.parameters[a.name] for a in self.axes) for t in ranked[:CENTRES]]
        if layer == 0 or not centres:
            candidates = coarse_points(self.axes, self.seed)
        else:
            candidates = finer_points(self.axes, centres, layer, self.seed)
        return (point for point in candidates if point not in self.seen)

    def _may_hand_out(self, layer: int) -> bool:
        if self.handed in self.earlier:
            return self.earlier[self.handed].layer == layer
        if self.earlier and layer < self.last_layer:
            return False  # this layer was closed before the interruption
        if self.earlier and self.handed < max(self.earlier):
            return True  # it was running at the interruption, beside others that finished
        used = sum(SHARES[: layer + 1]) if layer < len(SHARES) else 1.0
        if self.limit is not None and self.handed >= max(1, round(used * self.limit)):
            return False
        return self.handed == 0 or not self._out_of_time(used)

    def _keep(self, trial: Trial, point: Point) -> None:
        if trial.parameters != self._named(point):
            raise OptionError(
                f"{self.ledger.path} holds other parameters for trial {trial.index} than this "
                "version of Gatework would try",
                hint="begin a new search with another ledger",
            )
        self.seen.add(point)
        self.results[trial.index] = trial
        self.handed += 1
        self._tell(trial)

    def _record(self, answer: Answer, layer: int, point: Point) -> None:
        outcome = answer.outcome
        trial = Trial(
            index=answer.job,
            layer=layer,
            parameters=self._named(point),
            error=None if outcome is None else outcome.error,
            seconds=answer.seconds,
            status="failed" if outcome is None else "done",
            details={} if outcome is None else outcome.details,
            message=answer.message,
        )
        self.ledger.add(trial)
        self.results[trial.index] = trial
        self._tell(trial)

    def _tell(self, trial: Trial) -> None:
        if self.progress is not None:
            self.progress.trial(trial, len(self.results), self._best())

    def _best(self) -> Trial | None:
        done = [t for t in self.results.values() if t.error is not None]
        return min(done, key=lambda t: (t.error, t.index), default=None)

    def _named(self, point: Point) -> dict[str, Any]:
        return {axis.name: value for axis, value in zip(self.axes, point, strict=True)}


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _call_problems(seed: int, fingerprint: Mapping[str, Any] | None) -> list[str]:
    problems = []
    if isinstance(seed, bool) or not isinstance(seed, int):
        problems.append(f"seed must be a whole number, got {seed!r}")
    try:
        json.dumps(dict(fingerprint or {}))
    except (TypeError, ValueError) as error:
        problems.append(f"fingerprint must hold JSON values: {error}")
    return problems


def _problems(
    axes: Sequence[AnyAxis], trials: int | None, budget: float | None, workers: int | None
) -> list[str]:
    problems = [] if axes else ["there are no axes to search along"]
    names = [axis.name for axis in axes]
    problems += [
        f"the axis {name!r} occurs twice"
        for name, group in itertools.groupby(sorted(names))
        if len(list(group)) > 1
    ]
    problems += [problem for axis in axes for problem in axis.problems()]
    if trials is None and budget is None:
        problems.append("trials or budget must be given")
    for name, value in (("trials", trials), ("workers", workers)):
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int) or value < 1
        ):
            problems.append(f"{name} must be a whole number of at least 1, got {value!r}")
    if budget is not None and not 0 < budget < float("inf"):
        problems.append(f"budget must be a positive number of seconds, got {budget!r}")
    return problems
