"""The engine of one machine: processes that work side by side, one thread each."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import Any

from gatework.engine.pool import Answer, Work
from gatework.engine.steps import JobStep, steps
from gatework.system.processes import wait_for_end_of_parent
from gatework.system.signals import ignore_interrupts, interrupts_held

ATTEMPTS = 2
"""How often a job is begun whose worker dies: one death may be the system's, two are the job's."""

ONE_THREAD = {
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    )
}


class Processes:
    """Worker processes that each got the work once; see Pool."""

    def __init__(self, work: Work, count: int) -> None:
        self._work = work
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

    def submit(self, job: int, *arguments: Any) -> None:
        """Begin a job on a free worker."""
        worker = next(worker for worker in self._workers if worker.job is None)
        worker.begin(job, arguments, attempt=1)

    def next_answer(self, timeout: float | None = None) -> Answer | None:
        """Wait for one of the running jobs to end or to reach a rung, and return how it stands."""
        until = None if timeout is None else time.perf_counter() + timeout
        while True:
            left = None if until is None else max(0.0, until - time.perf_counter())
            running = {worker.connection: worker for worker in self._workers if worker.running}
            ready = wait(list(running), left) if running else []
            if not ready:
                return None
            worker = running[next(c for c in running if c in ready)]
            answer = self._answer_of(worker)
            if answer is not None:
                return answer

    def go_on(self, job: int, *, stop: bool = False) -> None:
        """Let a job go on, or stop it."""
        worker = next(worker for worker in self._workers if worker.job == job)
        worker.go_on(stop)

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

    def _answer_of(self, worker: _Worker) -> Answer | None:
        """Return what a worker has to say; None when it died and its job was begun anew."""
        job = -1 if worker.job is None else worker.job
        try:
            rung, value, message = worker.connection.recv()
        except (EOFError, OSError):
            return self._replace(worker, job)
        seconds = worker.pause()
        if rung is None:
            worker.job = None
        return Answer(job, value, seconds, message, rung)

    def _replace(self, worker: _Worker, job: int) -> Answer | None:
        worker.process.join()
        self._workers.remove(worker)
        self._workers.append(self._start())
        if worker.attempt < ATTEMPTS:
            self._workers[-1].begin(job, worker.arguments, worker.attempt + 1)
            return None
        death = f"the process died {ATTEMPTS} times ({_death(worker.process)})"
        return Answer(job, None, worker.pause(), death, None)

    def _start(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_serve, args=(theirs, self._work, os.getpid()), daemon=True
        )
        with _environment(ONE_THREAD), _main_hidden(self._work), interrupts_held():
            process.start()
        theirs.close()
        return _Worker(process, ours)


class _Worker:
    def __init__(self, process: Any, connection: Connection) -> None:
        self.process, self.connection = process, connection
        self.job: int | None = None
        self.running = False
        self.arguments: tuple[Any, ...] = ()
        self.attempt = 0
        self._since = self._seconds = 0.0

    def begin(self, job: int, arguments: tuple[Any, ...], attempt: int) -> None:
        self.job, self.arguments, self.attempt = job, arguments, attempt
        self._seconds = 0.0
        self._send(arguments)

    def go_on(self, stop: bool) -> None:
        if stop:
            self.job = None
            with contextlib.suppress(OSError):
                self.connection.send(False)
        else:
            self._send(True)

    def pause(self) -> float:
        """Note that the worker waits; return the seconds that its job has taken."""
        self._seconds += time.perf_counter() - self._since
        self.running = False
        return self._seconds

    def _send(self, what: Any) -> None:
        self._since, self.running = time.perf_counter(), True
        # If the worker is gone already, `next_answer` will find out.
        with contextlib.suppress(OSError):
            self.connection.send(what)


def sending_problem(work: Work, name: str) -> str:
    """Return why some work cannot be sent to another process, or an empty string."""
    try:
        ForkingPickler.dumps(work)
    except Exception as error:  # objects may fail to be pickled in ways of their own
        return f"{name} cannot be sent to other processes ({error}); define it in a module"
    return ""


def _serve(connection: Connection, work: Work, parent: int) -> None:
    ignore_interrupts()
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        while True:
            _do(steps(work, connection.recv()), connection)


def _do(job: Generator[JobStep], connection: Connection) -> None:
    """Do a job, waiting at each rung for the word to go on."""
    for step in job:
        connection.send(step)
        if step.rung is not None and not connection.recv():
            job.close()


def _leave_with(parent: int) -> None:
    wait_for_end_of_parent(parent)
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
def _main_hidden(work: Work) -> Iterator[None]:
    # A spawned process runs the caller's script again to find what it defines, which would start
    # the search anew in scripts without a __main__ guard. Where nothing of the work is defined in
    # the script there is nothing to find in it, so the script is hidden.
    main = sys.modules["__main__"]
    if b"__main__" in bytes(ForkingPickler.dumps(work)) or not hasattr(main, "__file__"):
        yield
        return
    file, spec = main.__file__, main.__spec__
    del main.__file__
    main.__spec__ = None
    try:
        yield
    finally:
        main.__file__, main.__spec__ = file, spec
