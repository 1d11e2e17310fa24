"""Choosing an engine by its name."""

from __future__ import annotations

from gatework.checks import one_of
from gatework.engine.local import Processes
from gatework.engine.pool import Pool, Work
from gatework.engine.serial import InProcess
from gatework.system.processes import processors

ENGINES = ("local", "ray")


def open_pool(
    work: Work, engine: str = "local", workers: int | None = None, address: str | None = None
) -> Pool:
    """Return a pool that does some work on an engine.

    Args:
        work: sent to every worker once.
        engine: "local" for processes on this machine (with one worker, this very process), or
            "ray" for actors on a Ray cluster.
        workers: how many; one for each processor, of this machine or of the cluster, if not given.
        address: of the Ray cluster, host:port.

    Raises:
        EngineError: when the cluster cannot be reached.
        MissingDependencyError: when ray is not installed.

    Example:
        >>> pool = open_pool(len, workers=1)
        >>> pool.submit(0, "four")
        >>> pool.next_answer().value
        4
    """
    if engine == "ray":
        from gatework.engine.remote import RayPool

        return RayPool(work, workers, address)
    count = processors() if workers is None else workers
    return InProcess(work) if count == 1 else Processes(work, count)


def engine_problems(engine: str, address: str | None) -> list[str]:
    """Return what is wrong with the choice of an engine, a sentence each."""
    if engine not in ENGINES:
        return one_of(ENGINES)("engine", engine)
    if address is not None and engine != "ray":
        return ["address is of a Ray cluster, so it needs engine='ray'"]
    return []
