"""Small tables of real data that ship with the package, each with its citation."""

from gatework.datasets.lanl import LANL_CITATION, WeeklyCounts, lanl_failures

__all__ = ["LANL_CITATION", "WeeklyCounts", "lanl_failures"]
