"""Many small pieces of work on an engine, in chunks so that handing them out costs little."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from gatework.checks import optional, refuse, whole
from gatework.engine.factory import engine_problems, open_pool
from gatework.engine.pool import Pool
from gatework.system.processes import processors

CHUNKS = 16
"""Chunks that a worker gets, roughly: few enough to cost little, enough that none waits long for
the last one."""

MOST = 500
"""Items of a chunk at most: what a worker that dies had not told yet is done again."""


@dataclass(frozen=True)
class Result:
    """What came of an item: its number, the value, or why there is none."""

    index: int
    value: Any
    message: str


def _each(work: Callable[[Any], Any], items: Sequence[Any]) -> list[tuple[Any, str]]:
    """Work on some items one after the other; an item that fails does not stop the others."""
    found: list[tuple[Any, str]] = []
    for item in items:
        try:
            found.append((work(item), ""))
        except (Exception, SystemExit) as error:
            found.append((None, f"{type(error).__name__}: {error}"))
    return found


def map_over(
    work: Callable[[Any], Any],
    items: Sequence[Any],
    *,
    engine: str = "local",
    workers: int | None = None,
    address: str | None = None,
    chunk: int | None = None,
) -> Iterator[Result]:
    """Yield the result of ``work(item)`` for each item, in the order in which they come.

    Args:
        work: sent to every worker once, so it must be picklable.
        items: sent in chunks, a few at a time.
        engine: "local" or "ray"; as workers and address see open_pool.
        workers: how many.
        address: of the Ray cluster.
        chunk: items that are handed out together; chosen by their number if not given.

    Raises:
        OptionError: when engine, address or chunk are wrong.
        EngineError, MissingDependencyError: when the engine cannot be used.

    Example:
        >>> sorted(found.value for found in map_over(abs, [-1, 2, -3], workers=1))
        [1, 2, 3]
    """
    refuse(engine_problems(engine, address) + optional(whole(1))("chunk", chunk))
    pool = open_pool(partial(_each, work), engine, workers, address)
    size = chunk or min(MOST, max(1, len(items) // (CHUNKS * (workers or processors()))))
    return _mapped(pool, items, size)


def _mapped(pool: Pool, items: Sequence[Any], size: int) -> Iterator[Result]:
    waiting = iter(range(0, len(items), size))
    running: set[int] = set()
    try:
        start = next(waiting, None)
        while running or start is not None:
            while start is not None and pool.free():
                pool.submit(start, items[start : start + size])
                running.add(start)
                start = next(waiting, None)
            answer = pool.next_answer(1.0)
            if answer is None:
                continue
            running.discard(answer.job)
            length = len(items[answer.job : answer.job + size])
            found = answer.value or [(None, answer.message)] * length
            for place, (value, message) in enumerate(found):
                yield Result(answer.job + place, value, message)
    finally:
        pool.close()
