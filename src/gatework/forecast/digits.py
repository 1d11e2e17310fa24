"""The digits of numbers that stand together: enough to tell them apart, and to read them."""

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


def column_texts(values: Iterable[float], digits: int = 4) -> list[str]:
    """Return the numbers of a column, the largest with so many digits, all with its decimals.

    Example:
        >>> column_texts([57, 57.51]), column_texts([3.75, 14.94]), column_texts([34, 46])
        (['57.00', '57.51'], ['3.75', '14.94'], ['34', '46'])
    """
    values = list(values)
    known = [value for value in values if math.isfinite(value)]
    largest = max(map(abs, known), default=0.0)
    if not all(value == round(value) for value in known) and 1e-4 <= largest < 10**_MOST:
        decimals = max(0, digits - 1 - math.floor(math.log10(largest)))
        return [f"{round(value, decimals) + 0.0:.{decimals}f}" for value in values]
    return [number_text(value, digits) for value in values]


def number_text(value: float, digits: int = 4) -> str:
    """Return a number with so many significant digits, but all of those before its point.

    Example:
        >>> number_text(10283.4), number_text(0.12345), number_text(1e18)
        ('10283', '0.1235', '1e+18')
    """
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < 10**_MOST else text
