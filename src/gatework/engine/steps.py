"""A job step by step: to its next rung, or to its end."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

from gatework.engine.pool import Work


class JobStep(NamedTuple):
    """Where a job stands: the rung or None at its end, the value, and why it failed."""

    rung: int | None
    value: Any
    message: str


def steps(work: Work, arguments: Sequence[Any]) -> Generator[JobStep]:
    """Do some work; yield a step at each rung and one at the end, whatever it raises."""
    try:
        value = work(*arguments)
        if isinstance(value, Generator):
            rung = 0
            while True:
                try:
                    reached = next(value)
                except StopIteration as end:
                    value = end.value
                    break
                yield JobStep(rung, reached, "")
                rung += 1
    except (Exception, SystemExit) as error:
        yield JobStep(None, None, f"{type(error).__name__}: {error}")
    else:
        yield JobStep(None, value, "")
