"""Processes that evaluate trials side by side, one thread each."""

from __future__ import annotations

import contextlib
import json
import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import Any, NamedTuple

from gatework.search.trial import Outcome

Evaluate = Callable[[dict[str, Any], int], Outcome]

_ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    )
}


class Answer(NamedTuple):
    """What became of one evaluation; ``message`` says why it failed, or is empty."""

    job: int
    outcome: Outcome | None
    seconds: float
    message: str


class Processes:
    """Worker processes that each got the evaluation once, and evaluate parameters on demand.

    A worker that dies is replaced; the evaluation that it died of is answered as failed.
    """

    def __init__(self, evaluate: Evaluate, seed: int, count: int) -> None:
        self._evaluate, self._seed = evaluate, seed
        self._workers: list[_Worker] = []
        try:
            for _ in range(count):
                self._workers.append(self._start())
        except BaseException:
            self.close()
            raise

    def free(self) -> int:
        """Return how many workers have nothing to do."""
        return sum(worker.job is None for worker in self._workers)

    def busy(self) -> int:
        """Return how many evaluations are running."""
        return len(self._workers) - self.free()

    def submit(self, job: int, parameters: dict[str, Any]) -> None:
        """Begin an evaluation on a free worker."""
        worker = next(worker for worker in self._workers if worker.job is None)
        worker.job, worker.since = job, time.perf_counter()
        # If the worker is gone already, `next_answer` will find out.
        with contextlib.suppress(OSError):
            worker.connection.send(parameters)

    def next_answer(self) -> Answer:
        """Wait for one of the running evaluations to end, and return how it ended."""
        running = {worker.connection: worker for worker in self._workers if worker.job is not None}
        ready = wait(list(running))
        worker = running[next(c for c in running if c in ready)]
        job = -1 if worker.job is None else worker.job
        seconds = time.perf_counter() - worker.since
        try:
            outcome, message = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join()
            self._workers.remove(worker)
            self._workers.append(self._start())
            return Answer(job, None, seconds, f"the process died ({_death(worker.process)})")
        worker.job = None
        return Answer(job, outcome, seconds, message)

    def close(self) -> None:
        """End all workers at once, whatever they are doing."""
        for worker in self._workers:
            worker.process.terminate()
            worker.connection.close()
        for worker in self._workers:
            worker.process.join(5)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_work, args=(theirs, self._evaluate, self._seed, os.getpid()), daemon=True
        )
        with _environment(_ONE_THREAD), _main_hidden(self._evaluate), _interrupts_held():
            process.start()
        theirs.close()
        return _Worker(process, ours)


class InProcess:
    """The same face without processes: an evaluation runs when its answer is asked for."""

    def __init__(self, evaluate: Evaluate, seed: int) -> None:
        self._evaluate, self._seed = evaluate, seed
        self._waiting: tuple[int, dict[str, Any]] | None = None

    def free(self) -> int:
        """Return 1 when there is nothing to do."""
        return int(self._waiting is None)

    def busy(self) -> int:
        """Return 1 when an evaluation waits for its turn."""
        return int(self._waiting is not None)

    def submit(self, job: int, parameters: dict[str, Any]) -> None:
        """Put an evaluation in line."""
        self._waiting = (job, parameters)

    def next_answer(self) -> Answer:
        """Evaluate, and return how it ended."""
        if self._waiting is None:
            raise RuntimeError("nothing was submitted")
        job, parameters = self._waiting
        since = time.perf_counter()
        outcome, message = attempt(self._evaluate, parameters, self._seed)
        self._waiting = None
        return Answer(job, outcome, time.perf_counter() - since, message)

    def close(self) -> None:
        """Forget what waits."""
        self._waiting = None


class _Worker:
    def __init__(self, process: Any, connection: Connection) -> None:
        self.process, self.connection = process, connection
        self.job: int | None = None
        self.since = 0.0


def attempt(
    evaluate: Evaluate, parameters: dict[str, Any], seed: int
) -> tuple[Outcome | None, str]:
    """Evaluate, and return the outcome, or None and the reason why there is none."""
    try:
        outcome = evaluate(dict(parameters), seed)
    except (Exception, SystemExit) as error:
        return None, f"{type(error).__name__}: {error}"
    if not isinstance(outcome, Outcome):
        return None, f"the evaluation returned {type(outcome).__name__}, expected an Outcome"
    try:
        error = float(outcome.error)
        details = json.loads(json.dumps(outcome.details))  # as the ledger gives them back
    except (TypeError, ValueError, RecursionError) as unusable:
        return None, f"the outcome cannot be kept: {unusable}"
    if not math.isfinite(error):
        return None, f"the error is {error}, expected a number"
    return Outcome(error, details), ""


def sending_problem(evaluate: Evaluate) -> str:
    """Return why an evaluation cannot be sent to another process, or an empty string."""
    try:
        ForkingPickler.dumps(evaluate)
    except Exception as error:  # objects may fail to be pickled in ways of their own
        return f"evaluate cannot be sent to other processes ({error}); define it in a module"
    return ""


def _work(connection: Connection, evaluate: Evaluate, seed: int, parent: int) -> None:
    # Ctrl-C reaches the whole group; the parent alone decides what then happens. Until here the
    # signal was held back, see `_interrupts_held`.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    while True:
        try:
            parameters = connection.recv()
            connection.send(attempt(evaluate, parameters, seed))
        except (EOFError, OSError):
            return


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _death(process: Any) -> str:
    code = process.exitcode
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


@contextlib.contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    # A process inherits which signals are held back, so that Ctrl-C while it imports what it
    # needs does not end it with a traceback. The caller gets its own Ctrl-C a moment later.
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # when it is started later, it lets the signal through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _main_hidden(evaluate: Evaluate) -> Iterator[None]:
    # A spawned process runs the caller's script again to find what it defines, which would start
    # the search anew in scripts without a __main__ guard. Where nothing of the evaluation is
    # defined in the script there is nothing to find in it, so the script is hidden.
    main = sys.modules["__main__"]
    if b"__main__" in bytes(ForkingPickler.dumps(evaluate)) or not hasattr(main, "__file__"):
        yield
        return
    file, spec = main.__file__, main.__spec__
    del main.__file__
    main.__spec__ = None
    try:
        yield
    finally:
        main.__file__, main.__spec__ = file, spec
