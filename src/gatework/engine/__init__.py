"""Where work runs: in this process or in processes beside it."""

from gatework.engine.inside import InProcess
from gatework.engine.local import Processes, processors, sending_problem
from gatework.engine.pool import Answer, Pool, Work

__all__ = ["Answer", "InProcess", "Pool", "Processes", "Work", "processors", "sending_problem"]
