"""The engine without processes: a job is done in this one, when its answer is asked for."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

from gatework.engine.pool import Answer, Work
from gatework.engine.steps import JobStep, steps


class InProcess:
    """A pool of one worker, which is this process; see Pool."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._job: int | None = None
        self._steps: Generator[JobStep] | None = None
        self._seconds = 0.0

    def free(self) -> int:
        """Return 1 when there is nothing to do."""
        return int(self._job is None)

    def submit(self, job: int, *arguments: Any) -> None:
        """Put a job in line."""
        self._job, self._steps, self._seconds = job, steps(self._work, arguments), 0.0

    def next_answer(self, timeout: float | None = None) -> Answer | None:
        """Do the job to its next rung or its end; ``timeout`` cannot stop it."""
        if self._job is None or self._steps is None:
            return None
        since = time.perf_counter()
        job, (rung, value, message) = self._job, next(self._steps)
        self._seconds += time.perf_counter() - since
        if rung is None:
            self.close()
        return Answer(job, value, self._seconds, message, rung)

    def go_on(self, job: int, *, stop: bool = False) -> None:
        """Let the job go on, or forget it."""
        if job != self._job:
            raise RuntimeError(f"job {job} is not running")
        if stop:
            self.close()

    def close(self) -> None:
        """Forget the job."""
        self._job = self._steps = None
