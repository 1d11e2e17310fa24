"""The layered grid search: a coarse grid, then finer ones around its best points."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatework.checks import is_number, must, number, optional, refuse, whole
from gatework.engine import Pool, engine_problems, open_pool, sending_problem
from gatework.errors import GateworkError, Interrupted
from gatework.search.axes import AnyAxis
from gatework.search.evaluation import Checked, Evaluate
from gatework.search.grid import grid_size
from gatework.search.lease import Heartbeat
from gatework.search.ledger import Ledger
from gatework.search.plan import SearchLimits, SearchPlan
from gatework.search.progress import SearchProgress
from gatework.search.ranking import Candidate, ranking
from gatework.search.running import Search
from gatework.search.trial import START, Outcome, Trial
from gatework.system.processes import processors

SECONDS = must("a positive number of seconds", lambda value: is_number(value) and value > 0)
MOST_LISTED = 100_000
"""Points that an exhaustive search may have."""


class SearchInterrupted(Interrupted):
    """The search was stopped with Ctrl-C; everything finished is in the ledger."""


class SearchError(GateworkError, RuntimeError):
    """No trial succeeded, so there is nothing to choose from."""


@dataclass(frozen=True)
class SearchResult:
    """What a search has found.

    Attributes:
        best: the first trial of the best parameters; see ``ranking``.
        trials: all trials by their number.
        layers: how many grids were laid.
        stopped: "trials" or "budget" when that was used up, "exhausted" when nothing new was left.
        ranking: all parameters, the best first, with mean and standard error over their seeds.
        start: what the search began with, where it was told.
    """

    best: Trial
    trials: tuple[Trial, ...]
    layers: int
    stopped: str
    ranking: tuple[Candidate, ...]
    start: Trial | None = None


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
    reduction_factor: float | None = 3.0,
    repeats: int = 4,
    exhaustive: bool = False,
    engine: str = "local",
    address: str | None = None,
    fingerprint: Mapping[str, Any] | None = None,
    origin: Mapping[str, Any] | None = None,
    start: Callable[[], Outcome] | None = None,
    progress: SearchProgress | None = None,
) -> SearchResult:
    """Find the parameters with the least error on ever finer grids.

    The first layer is the coarse grid of all axes, in a balanced order where the budget does not
    reach for all of it. Each further layer lays grids of half the step around the best points so
    far. A layer begins when the one before has ended, so that with a number of trials the same
    seed gives the same trials whatever the number of workers.

    A fifth of the trials or of the time repeats the leading candidates with other seeds, as long as
    another seed could still change which is best; see ``ranking`` for what best means then. An
    evaluation that may stop on the way is a generator function: it yields an Outcome at each rung
    and returns the last one; see ``halving.decide`` for who is stopped.

    Several processes may work on one ledger: each but the first calls with ``resume``.

    Args:
        evaluate: called as ``evaluate(parameters, seed)``, with the same seed for all trials but
            repeats, so that trials differ by their parameters alone; returns an Outcome. It is
            sent to each worker once, so it must be picklable.
        axes: Axis, Choice or Sizes; at least one.
        ledger: path of the file that holds every result as soon as it is known.
        trials: how many evaluations at most; needed where there is no budget.
        budget: how many seconds at most. No evaluation begins that would probably end further
            after this time than before it; those that run are finished, and at least one is.
        seed: of the order, and what ``evaluate`` gets.
        workers: processes; one for each processor if not given. 1 evaluates in this process.
        resume: go on with the search in ``ledger``; trials and budget may be others than before.
        reduction_factor: of the trials at a rung one in so many goes on; None stops none.
        repeats: how often leading candidates are repeated at most; 0 for never.
        exhaustive: try every point of the coarse grid, and no others; trials and budget must be
            left out.
        engine: "local" for processes on this machine, "ray" for the actors of a Ray cluster; the
            trials are the same.
        address: of the cluster, host:port; see engine.RayPool.
        fingerprint: JSON values that tell this search from others, such as a digest of the data.
        origin: JSON values on how the search was begun, for whoever resumes it.
        start: values what is there already, beside which the trials stand. It is called in this
            process, once, before the first trial, and kept as a row of its own that is in no
            ranking.
        progress: told after each trial; None for silence.

    Raises:
        OptionError: when arguments are wrong, all at once; or when ``ledger`` belongs to another
            search.
        OutputError: when ``ledger`` exists and ``resume`` is False, or cannot be written.
        FileFormatError: when ``ledger`` is damaged.
        EngineError, MissingDependencyError: when the cluster cannot be reached, or ray is missing.
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
    count = processors() if workers is None else workers
    work = Checked(evaluate)
    problems = _axis_problems(axes) + _limit_problems(axes, trials, budget, exhaustive)
    problems += _value_problems(seed, workers, reduction_factor, repeats)
    for name, values in (("fingerprint", fingerprint), ("origin", origin)):
        try:
            json.dumps(dict(values or {}))
        except (TypeError, ValueError) as error:
            problems.append(f"{name} must hold JSON values: {error}")
    problems += engine_problems(engine, address)
    if (count != 1 or engine == "ray") and (problem := sending_problem(work, "evaluate")):
        problems.append(problem)
    refuse(problems, "the search cannot begin: ")
    description = {
        "axes": [axis.describe() for axis in axes],
        "seed": seed,
        "trials": trials,
        "budget": budget,
        "reduction_factor": reduction_factor,
        "repeats": repeats,
        "exhaustive": exhaustive,
        "fingerprint": dict(fingerprint or {}),
        "origin": dict(origin or {}),
    }
    opened = (Ledger.resume if resume else Ledger.create)(Path(ledger), description)
    pool: Pool | None = None
    heartbeat: Heartbeat | None = None
    try:
        began = _begun(opened, start)
        plan = SearchPlan(axes, SearchLimits(trials, budget, repeats, exhaustive), seed)
        search = Search(
            plan, opened, reduction_factor=reduction_factor, progress=progress, workers=count
        )
        if not search.finished():
            heartbeat = Heartbeat(opened.renew)
            pool = open_pool(work, engine, workers, address)
        search.run(pool)
        return _result(plan, opened.path, began)
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
        if heartbeat is not None:
            heartbeat.stop()
        opened.close()


def _begun(ledger: Ledger, start: Callable[[], Outcome] | None) -> Trial | None:
    """Return what the search began with, as the ledger has it; it is valued where that lacks it."""
    found = ledger.start()
    if found is not None or start is None:
        return found
    began = time.perf_counter()
    outcome = start()
    seconds = time.perf_counter() - began
    told = (outcome.error, seconds, "start", outcome.details)
    return ledger.add(Trial(START, START, {}, *told))


def _result(plan: SearchPlan, path: Path, start: Trial | None) -> SearchResult:
    trials = tuple(plan.results[index] for index in sorted(plan.results))
    ranked = ranking(trials)
    if not ranked:
        raise SearchError(
            f"all {len(trials)} trials failed; the first: {trials[0].message}",
            hint=f"the reasons are in {path}",
        )
    stopped = plan.used_up() or "exhausted"
    return SearchResult(ranked[0].trial, trials, plan.grids, stopped, tuple(ranked), start)


def _axis_problems(axes: Sequence[AnyAxis]) -> list[str]:
    counts = Counter(axis.name for axis in axes)
    problems = [] if axes else ["there are no axes to search along"]
    problems += [f"the axis {name!r} occurs twice" for name, n in sorted(counts.items()) if n > 1]
    return problems + [problem for axis in axes for problem in axis.problems()]


def _limit_problems(
    axes: Sequence[AnyAxis], trials: int | None, budget: float | None, exhaustive: bool
) -> list[str]:
    problems = optional(whole(1))("trials", trials)
    problems += optional(SECONDS)("budget", budget)
    if exhaustive and (trials is not None or budget is not None):
        problems.append("an exhaustive search has no limits: leave out trials and budget")
    elif exhaustive and grid_size(axes) > MOST_LISTED:
        problems.append(
            f"the grid has {grid_size(axes):,} points, an exhaustive search takes up to "
            f"{MOST_LISTED:,}"
        )
    elif not exhaustive and trials is None and budget is None:
        problems.append("trials or budget must be given")
    return problems


def _value_problems(
    seed: int, workers: int | None, reduction_factor: float | None, repeats: int
) -> list[str]:
    problems = whole()("seed", seed) + whole(0)("repeats", repeats)
    problems += optional(whole(1))("workers", workers)
    return problems + optional(number(above=1))("reduction_factor", reduction_factor)
