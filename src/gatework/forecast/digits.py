"""How many digits numbers need that stand together: enough to tell them apart."""

from __future__ import annotations

import math
from collections.abc import Iterable

_MOST = 15


def digits_within(values: Iterable[float], least: int) -> int:
    """Return the significant digits that show two digits of what lies between the values.

    Example:
        >>> digits_within([1012.94, 1012.45, 1013.49], 4), digits_within([10.44, 5.1, 15.9], 4)
        (5, 4)
    """
    known = [value for value in values if math.isfinite(value)]
    apart = max(known) - min(known) if known else 0.0
    if not apart:
        return least
    largest = max(map(abs, known))
    needed = math.floor(math.log10(largest)) - math.floor(math.log10(apart)) + 2
    return min(max(least, needed), _MOST)
