"""A search at work: layer after layer, each trial claimed, judged at its rungs, and kept."""

from __future__ import annotations

import time
from collections.abc import Iterator

from gatework.engine import Answer, Pool
from gatework.errors import FileFormatError, OptionError
from gatework.search.halving import decide
from gatework.search.ledger import Ledger
from gatework.search.plan import SearchPlan
from gatework.search.progress import SearchProgress
from gatework.search.ranking import ranking
from gatework.search.schema import Layer, TrialTask
from gatework.search.trial import Outcome, Rung, Trial

POLL = 0.1
"""Seconds between two looks at what another process does."""


class Search:
    """A search in one process; what other processes do on it comes from the ledger.

    All processes go through the same layers and numbers, so what a trial evaluates does not depend
    on which of them evaluates it.
    """

    def __init__(
        self,
        plan: SearchPlan,
        ledger: Ledger,
        *,
        reduction_factor: float | None,
        progress: SearchProgress | None,
        workers: int,
    ) -> None:
        self.plan, self.ledger = plan, ledger
        self.reduction_factor, self.progress = reduction_factor, progress
        self.tasks: dict[int, TrialTask] = {}  # of the layer, not ended yet, here or elsewhere
        self.here: set[int] = set()  # those that the pool has
        self.layers: list[Layer] = []
        self.waiting: dict[int, Answer] = {}  # those of the pool that stand at a rung
        self._refresh()
        self._check_order()
        plan.began -= sum(trial.seconds for trial in self.known.values()) / workers

    def finished(self) -> bool:
        """Tell whether the ledger holds all trials already."""
        handed = sum(layer.size or 0 for layer in self.layers)
        closed = all(layer.size is not None for layer in self.layers)
        limit = self.plan.limits.trials
        return closed and limit is not None and handed == len(self.known) >= limit

    def run(self, pool: Pool | None) -> None:
        """Go through all layers, until the limits are reached or nothing is left."""
        if self.progress is not None:
            self.progress.start(self.plan.limits.trials, self.plan.limits.budget)
        number = 0
        while (layer := self._opened(number)) is not None:
            if self.progress is not None:
                self.progress.layer(number)
            self._run_layer(number, layer, pool)
            self.plan.end(layer)
            number += 1

    def _opened(self, number: int) -> Layer | None:
        """Return the next layer, as it was begun or as it is to be; None when all is done."""
        if number >= len(self.layers):
            kind = self.plan.next_kind()
            if not kind:
                return None
            self.ledger.open_layer(number, kind, self.plan.handed, self.plan.tasks(kind))
            self._refresh()
        return self.layers[number]

    def _run_layer(self, number: int, layer: Layer, pool: Pool | None) -> None:
        """Hand out the trials of a layer, and wait until all of them have ended."""
        tasks = self.plan.unplanned(layer.kind) if layer.tasks is None else iter(layer.tasks)
        closed = False
        while self.tasks or not closed:
            if self.ledger.changed() != self.version:
                self._refresh()
            self._follow_others(number, pool)
            while not closed and (pool is None or pool.free()):
                closed = not self._hand_out(number, layer, tasks, pool)
            if pool is not None:
                self._decide(number, pool)
            if self.tasks:
                self._wait(number, pool)
            elif not closed:
                time.sleep(POLL)  # no worker is free, as after a machine of a cluster was lost

    def _hand_out(
        self, number: int, layer: Layer, tasks: Iterator[TrialTask], pool: Pool | None
    ) -> bool:
        """Hand out the next trial of a layer; or close the layer and return False."""
        handed, count = self.plan.handed, self.layers[number].size
        if count is None and not self.plan.may_go_on(layer):
            count = self._close(number, layer)
        if count is not None and handed >= layer.first + count:
            return False
        task = next(tasks, None)
        if task is None:
            self._close(number, layer)
            return False
        index = self.plan.hand_out(task)
        self.tasks[index] = task
        if index in self.known:
            self._keep(index)
        elif pool is None:
            raise RuntimeError("a finished search asked for another trial")
        else:
            self._begin(index, number, pool)
        return True

    def _close(self, number: int, layer: Layer) -> int:
        count = self.ledger.close_layer(number, self.plan.handed - layer.first)
        self._refresh()
        return count

    def _begin(self, index: int, number: int, pool: Pool) -> None:
        """Begin a trial, unless another process has it."""
        if self.ledger.claim(index, number):
            task = self.tasks[index]
            pool.submit(index, self.plan.named(task.point), task.seed)
            self.here.add(index)

    def _follow_others(self, number: int, pool: Pool | None) -> None:
        """Keep what other processes have finished, and begin what they have left behind."""
        for index in sorted(self.tasks.keys() - self.here):
            if index in self.known:
                self._keep(index)
            elif pool is not None and pool.free() and self.ledger.abandoned(index):
                self._begin(index, number, pool)

    def _wait(self, number: int, pool: Pool | None) -> None:
        """Wait for an answer from the pool, but not long where other processes work, too."""
        if pool is None or not self.here - self.waiting.keys():
            if self.waiting or self.tasks.keys() - self.here:
                time.sleep(POLL)
            return
        alone = self.tasks.keys() == self.here
        answer = pool.next_answer(None if alone else POLL)
        if answer is None:
            return
        if answer.rung is not None and isinstance(answer.value, Outcome):
            self.waiting[answer.job] = answer
            self._decide(number, pool)
        else:
            self._record(answer, number)

    # Successive halving.

    def _decide(self, number: int, pool: Pool) -> None:
        """Let go on, or stop, whatever stands at a rung that all earlier trials are past."""
        for job in sorted(self.waiting):
            answer = self.waiting[job]
            rung = self._rung(job, answer)
            if rung is None:
                continue
            del self.waiting[job]
            pool.go_on(job, stop=rung.stopped)
            if rung.stopped:
                self._record(answer._replace(message=_told(rung, answer.rung)), number)

    def _rung(self, job: int, answer: Answer) -> Rung | None:
        """Return the decision about a trial at a rung; None where an earlier one is not there."""
        place, noted = answer.rung or 0, self.rungs.setdefault(job, [])
        if place < len(noted):
            return noted[place]  # from before an interruption
        factor, others = self.reduction_factor, []
        if self.tasks[job].seed != self.plan.seed:
            factor = None  # a repeat is for the mean of a candidate, so it goes on to its end
        for earlier in range(job) if factor is not None else ():
            trial, reached = self.plan.results.get(earlier), self.rungs.get(earlier, [])
            if place < len(reached):
                if trial is None or trial.seed == self.plan.seed:
                    others.append(reached[place].error)
            elif trial is None and (earlier in self.here or not self.ledger.abandoned(earlier)):
                return None
        rung = decide(answer.value.error, others, factor)
        self.ledger.add_rung(job, place, rung)
        noted.append(rung)
        return rung

    # What trials come to.

    def _record(self, answer: Answer, layer: int) -> None:
        index, value = answer.job, answer.value
        task = self.tasks.pop(index)
        self.here.discard(index)
        stopped = answer.rung is not None and isinstance(value, Outcome)
        outcome = value if isinstance(value, Outcome) and not stopped else None
        trial = Trial(
            index=index,
            layer=layer,
            parameters=self.plan.named(task.point),
            error=None if outcome is None else outcome.error,
            seconds=answer.seconds,
            status="stopped" if stopped else "failed" if outcome is None else "done",
            details={} if outcome is None else outcome.details,
            message=value if isinstance(value, str) else answer.message,
            seed=task.seed,
            rungs=tuple(self.rungs.get(index, ())),
        )
        self._take(self.ledger.add(trial))

    def _keep(self, index: int) -> None:
        """Take a trial as the ledger has it."""
        trial, task = self.known[index], self.tasks.pop(index)
        if (trial.parameters, trial.seed) != (self.plan.named(task.point), task.seed):
            raise OptionError(
                f"{self.ledger.path} holds other parameters for trial {index} than this version "
                "of Gatework would try",
                hint="begin a new search with another ledger",
            )
        self._take(trial)

    def _take(self, trial: Trial) -> None:
        self.plan.results[trial.index] = self.known[trial.index] = trial
        if self.progress is not None:
            ranked = ranking(self.plan.results.values())
            best = ranked[0].trial if ranked else None
            self.progress.trial(trial, len(self.plan.results), best)

    # The ledger.

    def _refresh(self) -> None:
        self.version = self.ledger.changed()
        known, self.layers = len(self.layers), self.ledger.layers()
        for wrong in filter(None, map(self.plan.fault, self.layers[known:])):
            raise self._damaged(wrong)
        self.rungs = self.ledger.rungs()
        self.known = {trial.index: trial for trial in self.ledger.trials()}

    def _check_order(self) -> None:
        """Refuse layers, and numbers of trials, that no search leaves behind."""
        for trial in self.known.values():
            if not any(layer.holds(trial.index) for layer in self.layers[trial.layer :][:1]):
                raise self._damaged("its trials are not in an order that a search has")

    def _damaged(self, why: str) -> FileFormatError:
        return FileFormatError(
            f"{self.ledger.path} is damaged: {why}", hint="put it aside and begin a new search"
        )


def _told(rung: Rung, place: int | None) -> str:
    return (
        f"stopped at rung {(place or 0) + 1}: an error of {rung.error:.4g}, beside {rung.beside} "
        f"earlier trials of which the best had at most {rung.threshold or 0:.4g}"
    )
