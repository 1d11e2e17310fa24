"""What every engine offers: workers that hold some work, and do it for one job after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

Work = Callable[..., Any]
"""What a worker does with the arguments of a job. A generator function yields a value at each rung
of its work and returns the last; the worker keeps it where it is until it is told whether to go on,
so that nothing is done twice."""


class Answer(NamedTuple):
    """What came of a job, or what it has come to at a rung.

    Attributes:
        job: its number.
        value: what the work returned or yielded; None when it failed.
        seconds: what the job took so far, without waiting for a decision.
        message: why it failed, or empty.
        rung: the number of the rung from 0, None when the job has ended.
    """

    job: int
    value: Any
    seconds: float
    message: str
    rung: int | None


class Pool(Protocol):
    """Some workers. A job whose worker dies is begun anew, once."""

    def free(self) -> int:
        """Return how many workers have nothing to do."""
        ...

    def submit(self, job: int, *arguments: Any) -> None:
        """Begin a job on a free worker."""
        ...

    def next_answer(self, timeout: float | None = None) -> Answer | None:
        """Return how a running job ended or stands; None when it takes longer, or nothing runs."""
        ...

    def go_on(self, job: int, *, stop: bool = False) -> None:
        """Let a job that answered at a rung go on, or stop it, which makes its worker free."""
        ...

    def close(self) -> None:
        """End all workers at once, whatever they are doing."""
        ...
