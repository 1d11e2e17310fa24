"""The engine of a Ray cluster: actors on any of its machines, one processor each."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
import warnings
from typing import Any

from gatework.engine.local import ATTEMPTS
from gatework.engine.pool import Answer, Work
from gatework.engine.steps import JobStep, steps
from gatework.errors import EngineError, OptionError
from gatework.extras import needing

REACH = 5.0
"""Seconds in which the machine of a cluster must take a connection."""

PATIENCE = 20.0
"""Seconds in which a cluster that takes connections must also answer as Ray does."""


class RayPool:
    """Actors on a Ray cluster that each got the work once; see Pool.

    An actor takes one processor. Where one dies, be it with its machine, its job is begun anew by
    whichever worker is free first: another one, or the actor that takes its place as soon as the
    cluster has room for it.
    """

    def __init__(self, work: Work, count: int | None = None, address: str | None = None) -> None:
        """Connect and start.

        Args:
            work: what the actors do; Gatework must be installed on all machines of the cluster.
            count: actors; one for each processor of the cluster if not given.
            address: host and port of the cluster; if not given, that of RAY_ADDRESS or of a cluster
                on this machine, and where there is none one is started.

        Raises:
            EngineError: when the cluster cannot be reached, within 30 seconds; or when its machines
                cannot open the work, as where they lack the module that defines it.
        """
        self._ray = connected(address)
        processors = int(self._ray.cluster_resources().get("CPU", 1))
        self._work = self._ray.put(work)
        self._actor = self._ray.remote(num_cpus=1, max_restarts=0)(_Actor)
        self._orphans: list[_Worker] = []  # dead ones whose jobs wait for another
        wanted = min(count or processors, processors)
        self._workers = [self._start() for _ in range(wanted)]
        starting = [worker.awaited for worker in self._workers]
        self._ray.wait(starting, num_returns=1)
        self._ray.wait(starting, num_returns=wanted, timeout=REACH)  # others may take the rest
        try:
            self._idle()
        except EngineError:
            self.close()
            raise

    def free(self) -> int:
        """Return how many workers have nothing to do; those that have not started are not free."""
        return max(0, len(self._idle()) - len(self._orphans))

    def submit(self, job: int, *arguments: Any) -> None:
        """Begin a job on a free worker."""
        self._idle()[0].begin(job, arguments, attempt=1)

    def next_answer(self, timeout: float | None = None) -> Answer | None:
        """Wait for one of the running jobs to end or to reach a rung, and return how it stands."""
        until = None if timeout is None else time.perf_counter() + timeout
        while True:
            left = None if until is None else max(0.0, until - time.perf_counter())
            for worker in self._idle()[: len(self._orphans)]:
                orphan = self._orphans.pop(0)
                worker.begin(orphan.job, orphan.arguments, orphan.attempt + 1)
            awaited = {w.awaited: w for w in self._workers if w.awaited is not None}
            if not self._orphans and all(worker.job is None for worker in self._workers):
                return None
            ready, _ = self._ray.wait(list(awaited), num_returns=1, timeout=left)
            if not ready:
                return None
            answer = self._answer_of(awaited[ready[0]])
            if answer is not None:
                return answer

    def go_on(self, job: int, *, stop: bool = False) -> None:
        """Let a job go on, or stop it."""
        worker = next(worker for worker in self._workers if worker.job == job)
        worker.go_on(stop)

    def close(self) -> None:
        """End all actors at once; the cluster goes on."""
        for worker in self._workers:
            with contextlib.suppress(Exception):
                self._ray.kill(worker.actor)

    def _idle(self) -> list[_Worker]:
        """Return the workers that have started and have nothing to do."""
        starting = [w.awaited for w in self._workers if w.job is None and w.awaited is not None]
        if starting:
            ready, _ = self._ray.wait(starting, num_returns=len(starting), timeout=0)
            for worker in list(self._workers):
                if worker.awaited in ready:
                    self._answer_of(worker)
        return [w for w in self._workers if w.job is None and w.awaited is None]

    def _answer_of(self, worker: _Worker) -> Answer | None:
        """Return what a worker has to say; None when it has just started, or has died."""
        job = worker.job
        try:
            step = self._ray.get(worker.awaited)
        except self._ray.exceptions.RayActorError as error:
            return self._replace(worker, error)
        seconds = worker.pause()
        if job is None:
            return None
        rung, value, message = step
        if rung is None:
            worker.job = None
        return Answer(job, value, seconds, message, rung)

    def _replace(self, worker: _Worker, error: Exception) -> Answer | None:
        if getattr(error, "actor_init_failed", False):  # its successors would fail alike, for ever
            raise EngineError(
                f"the machines of the cluster cannot open the work: {_last_line(error)}; "
                "the modules that define it must be installed on all of them",
            )
        self._workers.remove(worker)
        self._workers.append(self._start())
        if worker.job is None:
            return None
        if worker.attempt < ATTEMPTS:
            self._orphans.append(worker)
            return None
        why = f"the process died {ATTEMPTS} times ({str(error).strip().splitlines()[0]})"
        return Answer(worker.job, None, worker.pause(), why, None)

    def _start(self) -> _Worker:
        return _Worker(self._actor.remote(self._work))


def _last_line(error: Exception) -> str:
    """Return what an error of an actor comes down to, without the trace of its machine."""
    return str(error).strip().splitlines()[-1].strip()


class _Actor:
    """What runs on the cluster: it holds the work, and the job that it stands in."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._steps: Any = None

    def started(self) -> None:
        """Tell that it has."""

    def begin(self, *arguments: Any) -> JobStep:
        self._steps = steps(self._work, arguments)
        return next(self._steps)

    def go_on(self) -> JobStep:
        return next(self._steps)

    def stop(self) -> None:
        self._steps.close()


class _Worker:
    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self.job: int | None = None
        self.awaited: Any = actor.started.remote()  # the answer that is to come, or None
        self.arguments: tuple[Any, ...] = ()
        self.attempt = 0
        self._since = self._seconds = 0.0

    def begin(self, job: int | None, arguments: tuple[Any, ...], attempt: int) -> None:
        self.job, self.arguments, self.attempt = job, arguments, attempt
        self._since, self._seconds = time.perf_counter(), 0.0
        self.awaited = self.actor.begin.remote(*arguments)

    def go_on(self, stop: bool) -> None:
        if stop:
            self.job = None
            self.actor.stop.remote()
        else:
            self._since = time.perf_counter()
            self.awaited = self.actor.go_on.remote()

    def pause(self) -> float:
        """Note that the worker waits; return the seconds that its job has taken."""
        self._seconds += time.perf_counter() - self._since
        self.awaited = None
        return self._seconds


def connected(address: str | None) -> Any:
    """Return the package ray, connected to a cluster; see RayPool.

    Raises:
        EngineError: when the cluster cannot be reached, or this process is connected to another.
        MissingDependencyError: when ray is not installed.
        OptionError: when the address is none.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with needing("ray", "the engine 'ray' needs the package 'ray'"):
        import ray
        import ray.exceptions
    if address is None and not ray.is_initialized():
        address = _address_known()
    if address is not None:
        _reach(address)
    if ray.is_initialized():
        here = ray.get_runtime_context().gcs_address
        if address is not None and here.rpartition(":")[2] != address.rpartition(":")[2]:
            raise EngineError(
                f"this process is connected to the Ray cluster at {here}, not to {address}",
                hint="ray.shutdown() first",
            )
        return ray
    _connect(ray, address)
    return ray


def _address_known() -> str | None:
    """Return host and port of RAY_ADDRESS, or of the cluster that was started on this machine."""
    address = os.environ.get("RAY_ADDRESS", "")
    if not address:
        with contextlib.suppress(Exception):  # where this Ray keeps it elsewhere, it looks itself
            from ray._private.utils import read_ray_address

            address = read_ray_address() or ""
    host, _, port = address.rpartition(":")
    return address if host and "/" not in host and port.isdigit() else None


def _reach(address: str) -> None:
    """Refuse an address where nothing listens, before Ray waits for minutes."""
    host, colon, port = address.rpartition(":")
    if not colon or "/" in host or not port.isdigit():
        raise OptionError(
            f"the address of a Ray cluster must be host:port, got {address!r}",
            hint="the port is the one of `ray start --head`, 6379 as a rule",
        )
    try:
        socket.create_connection((host, int(port)), timeout=REACH).close()
    except (OSError, OverflowError) as error:
        raise EngineError(
            f"the Ray cluster at {address} cannot be reached: {error}",
            hint="`ray status --address HOST:PORT` tells if it runs, `ray stop` forgets one that "
            "ended; --engine local needs none",
        ) from error


def _connect(ray: Any, address: str | None) -> None:
    """Connect to an address in a thread, for Ray may wait long for what is no Ray cluster.

    Without one Ray may start a cluster here, and this must be in the thread of the caller: its
    processes end with the thread that started them.
    """
    failure: list[BaseException] = []

    def init() -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of Ray's own
                ray.init(
                    address=address,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                    configure_logging=False,
                    **({} if address else {"include_dashboard": False}),
                )
        except BaseException as error:  # told to the caller below, whatever it is
            failure.append(error)

    if address is None:
        init()
    else:
        thread = threading.Thread(target=init, daemon=True)
        thread.start()
        thread.join(PATIENCE)
        if thread.is_alive():
            raise EngineError(
                f"what listens at {address} did not answer as a Ray cluster within "
                f"{PATIENCE:.0f} s",
                hint="the port is the one of `ray start --head`, 6379 as a rule",
            )
    if failure:
        if not isinstance(failure[0], Exception):
            raise failure[0]
        raise EngineError(
            f"the Ray cluster at {address or 'this machine'} cannot be used: {failure[0]}",
            hint="its version of Ray and of Python must be the one here",
        ) from failure[0]
