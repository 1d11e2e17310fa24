"""A series to learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Example:
    """A series as the network is shown it.

    Attributes:
        name, source: of the series, and of the collection it comes from.
        values: (n,), nan where missing. season: periods of one, 1 for none.
    """

    name: str
    source: str
    values: np.ndarray
    season: int
