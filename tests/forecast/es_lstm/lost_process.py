"""A part of a distributed training that is lost at one step, once."""

import os
import signal
from pathlib import Path

from gatework.forecast.es_lstm import distributed
from gatework.train import Group

STEPS = 6
"""Steps that are done by all; the process dies before it takes part in the next one."""


class LosesOne(distributed._Apart):
    """The work of each process; the second one is killed, as by the system, at a step."""

    def __call__(self, rank: int) -> list:
        if rank == 1:
            assert self.part.checkpoint is not None
            Dying.mark = Path(self.part.checkpoint).parent.with_name("died")
            distributed.Group = Dying
        return super().__call__(rank)


class Dying(Group):
    """Kills this process at a step, unless there is a mark that it was done."""

    mark: Path
    calls = 0

    def average(self, parameters, loss: float, items: int) -> tuple[float, int]:
        self.calls += 1
        if self.calls > STEPS and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().average(parameters, loss, items)
