"""One network trained by several processes, on this machine or on a cluster."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gatework.engine import Pool, open_pool
from gatework.errors import OptionError, TrainingError
from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS
from gatework.forecast.es_lstm.fit import FittedMember, build_network, fit_member
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.settings import EsLstmSettings
from gatework.forecast.es_lstm.spread import Spread
from gatework.forecast.es_lstm.tensors import widths_of
from gatework.system import sockets
from gatework.train import Group, Progress, TrainingInterrupted
from gatework.train.group import FileStore, PrefixStore, Store, TCPStore

ATTEMPTS = 2
"""How often training is begun when a process is lost; with a checkpoint it goes on from there."""

LOST = ("died", "peer", "Connection", "reset")
"""Words by which a failure is that of a lost process, told by the pool or by those left."""

MEETING = timedelta(seconds=60)
"""How long the processes may take to find each other."""

LOOK = 0.2
"""Seconds between two looks at what the first process tells."""


@dataclass(frozen=True)
class DistributedTraining:
    """How many processes train a network together, and where.

    Attributes:
        processes: each takes a part of every batch.
        engine: "local" or "ray". address: of the Ray cluster.
        interface: of the network between the machines of the cluster; None for processes of one.
    """

    processes: int
    engine: str = "local"
    address: str | None = None
    interface: str | None = None

    def fit(
        self,
        problem: Problem,
        settings: EsLstmSettings,
        seed: int,
        *,
        progress: Progress | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
    ) -> FittedMember:
        """Return what fit_member returns, up to rounding where there is no dropout.

        Raises:
            OptionError: when this machine has no such interface.
            TrainingError: when a process fails, or is lost twice.
            TrainingInterrupted: after Ctrl-C, where ``checkpoint`` keeps what was done.
            EngineError: when the cluster cannot be reached.
        """
        path = None if checkpoint is None else str(checkpoint)
        why, lost = "", False
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with self._meeting() as (meeting, store):
                    part = _Part(problem, settings, seed, path, meeting, self.processes)
                    found, why = self._run(part, store, progress)
            except KeyboardInterrupt:
                if path is None:
                    raise
                raise TrainingInterrupted(
                    f"training was interrupted; {path} keeps the epochs that were done",
                    hint="the same call goes on from there",
                ) from None
            finally:
                if progress is not None:
                    progress.stop()
            if found is not None:
                return _member(problem, settings, found)
            lost = any(word in why for word in LOST)
            if attempt == ATTEMPTS or not lost:
                break
        raise self._failed(why, lost, path)

    def _failed(self, why: str, lost: bool, path: str | None) -> TrainingError:
        hint = 'across machines they meet by interface="eth0", or what the network between them is'
        hint = f"{hint} called there" if self.engine == "ray" and self.interface is None else None
        if lost:  # torch's own words for that are many
            kept = "" if path is None else f"; {path} keeps the epochs that were done"
            why = f"one was lost {ATTEMPTS} times, killed or out of memory{kept}"
            hint = hint or f"processes={max(1, self.processes // 2)}, which takes less memory"
        return TrainingError(
            f"a process of {self.processes} that train together failed: {why}", hint=hint
        )

    @contextlib.contextmanager
    def _meeting(self) -> Iterator[tuple[_Meeting, Store]]:
        """Open the place where the processes find each other, for so long as they train.

        On this machine that is a file that nobody else may open; only for a cluster does something
        listen, at the one interface that was named.
        """
        if self.engine == "local":
            with tempfile.TemporaryDirectory(prefix="gatework-") as folder:
                meeting = _Meeting(file=str(Path(folder, "store")))
                yield meeting, meeting.store()
            return
        listening = sockets.listen_on(self._address_here())
        host, port = listening.getsockname()
        # The socket itself is handed over: nobody can take the port meanwhile.
        store = TCPStore(
            host,
            port,
            is_master=True,
            wait_for_workers=False,
            master_listen_fd=listening.detach(),
        )
        yield _Meeting(host=host, port=port, interface=self.interface), store

    def _address_here(self) -> str:
        if self.interface is None:
            return sockets.LOOPBACK
        known = sockets.interfaces()
        if self.interface not in known:
            raise OptionError(
                f"this machine has no network interface {self.interface!r} with an IPv4 address, "
                f"it has {', '.join(map(repr, known)) or 'none that can be asked for'}",
                hint="`ip address` lists them",
            )
        return known[self.interface]

    def _run(
        self, part: _Part, store: Store, progress: Progress | None
    ) -> tuple[list[dict[str, np.ndarray]] | None, str]:
        """Return the weights from the first process, or why there are none."""
        pool = open_pool(_Apart(part), self.engine, max(2, self.processes), self.address)
        told = _Told(store, progress)
        try:
            if not _started(pool, self.processes):
                return None, f"there is room for {pool.free()} processes only"
            for rank in range(self.processes):
                pool.submit(rank, rank)
            while True:
                answer = pool.next_answer(LOOK)
                told.look()
                if answer is None:
                    continue
                if answer.message:
                    return None, answer.message
                if answer.job == 0:
                    return answer.value, ""
        finally:
            pool.close()


@dataclass(frozen=True)
class _Meeting:
    """Where processes find each other: a file of this machine, or a port on an interface."""

    file: str | None = None
    host: str = sockets.LOOPBACK
    port: int = 0
    interface: str | None = None

    def store(self) -> Store:
        if self.file is not None:
            return FileStore(self.file)
        return TCPStore(self.host, self.port, is_master=False, timeout=MEETING)


@dataclass(frozen=True)
class _Part:
    """What each of the processes is given."""

    problem: Problem
    settings: EsLstmSettings
    seed: int
    checkpoint: str | None
    meeting: _Meeting
    processes: int


@dataclass(frozen=True)
class _Apart:
    """The work of one process: its part of every batch."""

    part: _Part

    def __call__(self, rank: int) -> list[dict[str, np.ndarray]]:
        part = self.part
        torch.set_num_threads(1)
        store = part.meeting.store()
        meet = PrefixStore("group", store)
        group = Group(meet, rank, part.processes, part.meeting.interface)
        try:
            member = fit_member(
                part.problem,
                part.settings,
                part.seed,
                progress=_Teller(store) if rank == 0 else None,
                checkpoint=part.checkpoint,
                group=group,
            )
        finally:
            group.close()
        return _arrays(member)


class _Teller:
    """Progress of the first process, put into the store for the one that waits."""

    def __init__(self, store: Store) -> None:
        self.store, self.count = store, 0

    def start(self, epochs: int, batches: int, done: int) -> None:
        self._tell("start", epochs, batches, done)

    def step(self, loss: float, items: int) -> None:
        """Tell nothing: an epoch says enough at a distance."""

    def epoch(self, number: int, loss: float, validation: float | None) -> None:
        self._tell("epoch", number, loss, validation)

    def stop(self) -> None:
        """Tell nothing: the one that waits knows when the process has ended."""

    def _tell(self, *words: Any) -> None:
        self.store.set(f"told {self.count}", json.dumps(words))
        self.count += 1


class _Told:
    """The other end: passes on what was told."""

    def __init__(self, store: Store, progress: Progress | None) -> None:
        self.store, self.progress, self.count = store, progress, 0

    def look(self) -> None:
        while self.progress is not None and self.store.check([f"told {self.count}"]):
            name, *words = json.loads(self.store.get(f"told {self.count}"))
            getattr(self.progress, name)(*words)
            self.count += 1


def _started(pool: Pool, count: int) -> bool:
    """Tell whether so many processes are there; a busy cluster takes some time to start them."""
    until = time.monotonic() + MEETING.total_seconds()
    while pool.free() < count:
        if time.monotonic() > until:
            return False
        time.sleep(LOOK)
    return True


def _arrays(member: FittedMember) -> list[dict[str, np.ndarray]]:
    """Return the weights of the network, and of the head if there is one."""
    modules = [part for part in (member.network, member.spread) if part is not None]
    return [{name: t.numpy() for name, t in one.state_dict().items()} for one in modules]


def _member(
    problem: Problem, settings: EsLstmSettings, arrays: list[dict[str, np.ndarray]]
) -> FittedMember:
    network = build_network(widths_of(problem), settings, 0)
    spread = None
    if settings.distribution is not None:
        spread = Spread(network.features, problem.horizon, DISTRIBUTIONS[settings.distribution])
    for module, weights in zip((network, spread), arrays, strict=False):
        if module is not None:
            module.load_state_dict({n: torch.from_numpy(a.copy()) for n, a in weights.items()})
            module.eval()
    return FittedMember(network, spread)
