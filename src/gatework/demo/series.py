"""The series that `gatework forecast --demo` forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatework.forecast import Series

SYSTEMS = ("system_2", "system_16", "system_18", "system_19")
SYSTEM = "system_18"
TRIALS = 40
"""A fixed number of trials, unlike a span of time, gives everyone the same forecast."""


def demo_series(system: str) -> Series:
    """Return the failures a week of one of the systems that ship with the package."""
    import numpy as np

    from gatework.datasets import lanl_failures
    from gatework.forecast import Series

    counts = lanl_failures()[system]
    return Series(
        f"LANL {system} failures a week",
        np.array(counts.values, dtype=np.float64),
        counts.weeks,
        frequency="W-MON",
        season=52,
        counts=True,
        notes=(counts.citation,),
    )
