"""Tasks that are drawn at random and ask for long memory, for benchmarks and examples."""

from gatework.recognize.tasks.adding import adding_problem
from gatework.recognize.tasks.copying import copy_memory
from gatework.recognize.tasks.recall import delayed_recall

__all__ = ["adding_problem", "copy_memory", "delayed_recall"]
