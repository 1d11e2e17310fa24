"""Where work runs: in this process, in processes beside it, or on a Ray cluster."""

from gatework.engine.factory import ENGINES, engine_problems, open_pool
from gatework.engine.local import Processes, processors, sending_problem
from gatework.engine.mapping import Result, map_over
from gatework.engine.pool import Answer, Pool, Work
from gatework.engine.serial import InProcess

__all__ = [
    "ENGINES",
    "Answer",
    "InProcess",
    "Pool",
    "Processes",
    "Result",
    "Work",
    "engine_problems",
    "map_over",
    "open_pool",
    "processors",
    "sending_problem",
]
