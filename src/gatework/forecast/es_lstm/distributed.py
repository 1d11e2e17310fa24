"""One network trained by several processes, on this machine or on a cluster."""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import torch

from gatework.engine import Pool, open_pool
from gatework.errors import TrainingError
from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS
from gatework.forecast.es_lstm.fit import FittedMember, build_network, fit_member
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.settings import EsLstmSettings
from gatework.forecast.es_lstm.spread import Spread
from gatework.forecast.es_lstm.tensors import widths_of
from gatework.train import Group, Progress, TrainingInterrupted
from gatework.train.group import PrefixStore, Store, TCPStore

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
    """

    processes: int
    engine: str = "local"
    address: str | None = None

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
            TrainingError: when a process fails, or is lost twice.
            TrainingInterrupted: after Ctrl-C, where ``checkpoint`` keeps what was done.
            EngineError: when the cluster cannot be reached.
        """
        path = None if checkpoint is None else str(checkpoint)
        why = ""
        for attempt in range(1, ATTEMPTS + 1):
            part = _Part(problem, settings, seed, path, *_meeting_place(), self.processes)
            store = TCPStore(part.host, part.port, is_master=True, wait_for_workers=False)
            try:
                found, why = self._run(part, store, progress)
            except KeyboardInterrupt:
                if path is None:
                    raise
                raise TrainingInterrupted(
                    f"training was interrupted; {path} keeps the epochs that were done",
                    hint="the same call goes on from there",
                ) from None
            finally:
                del store
                if progress is not None:
                    progress.stop()
            if found is not None:
                return _member(problem, settings, found)
            if attempt == ATTEMPTS or not any(word in why for word in LOST):
                break
        raise TrainingError(f"a process of {self.processes} that train together failed: {why}")

    def _run(
        self, part: _Part, store: TCPStore, progress: Progress | None
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
class _Part:
    """What each of the processes is given."""

    problem: Problem
    settings: EsLstmSettings
    seed: int
    checkpoint: str | None
    host: str
    port: int
    processes: int


@dataclass(frozen=True)
class _Apart:
    """The work of one process: its part of every batch."""

    part: _Part

    def __call__(self, rank: int) -> list[dict[str, np.ndarray]]:
        part = self.part
        torch.set_num_threads(1)
        store = TCPStore(part.host, part.port, is_master=False, timeout=MEETING)
        group = Group(PrefixStore("group", store), rank, part.processes)
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


def _meeting_place() -> tuple[str, int]:
    """Return a host name of this machine and a free port."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        port = probe.getsockname()[1]
    return _own_address(), port


def _own_address() -> str:
    """Return the address by which others reach this machine; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address reserved for documentation, RFC 5737
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"


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
