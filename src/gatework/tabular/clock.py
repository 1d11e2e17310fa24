"""Many times written as text: 2005-03-07 12:00."""

from __future__ import annotations

from typing import Literal

import numpy as np

DAY = 86_400_000_000
"""Microseconds of a day."""

_DATE, _LENGTHS = 10, {"m": 7, "s": 10, "ms": 14, "us": 17}  # signs; from the blank to the end
_FOUR_DIGITS = range(-719_162, 2_500_000)  # days whose years are written so
_FRACTIONS = {"ms": (1000, 3), "us": (1, 6)}
_FEW = 100


def clock_texts(times: np.ndarray, unit: Literal["m", "s", "ms", "us"]) -> list[str]:
    """Return times as text down to a unit.

    Shapes:
        times: (n,), datetime64[us]

    Example:
        >>> clock_texts(np.array(["2005-03-07T12:00:30"], "datetime64[us]"), "m")
        ['2005-03-07 12:00']
    """
    days, passed = np.divmod(times.astype(np.int64), DAY)
    first = int(days.min()) if len(days) >= _FEW else 0
    span = int(days.max()) - first + 1 if len(days) >= _FEW else 0
    if not 0 < span <= len(times) or first not in _FOUR_DIGITS:
        return [text.replace("T", " ") for text in np.datetime_as_string(times, unit).tolist()]
    names = np.datetime_as_string((first + np.arange(span)).astype("datetime64[D]"))
    signs = np.empty((len(times), _DATE + _LENGTHS[unit]), np.uint8)
    signs[:, :_DATE] = names.astype(f"S{_DATE}").view(np.uint8).reshape(span, _DATE)[days - first]
    clock = signs[:, _DATE:]
    clock[:, 0], clock[:, -1] = ord(" "), ord("\n")
    minutes, rest = np.divmod(passed, 60_000_000)
    parts = [(1, minutes // 60, 2), (4, minutes % 60, 2)]
    if unit != "m":
        clock[:, 6] = ord(":")
        parts.append((7, rest // 1_000_000, 2))
    clock[:, 3] = ord(":")
    if unit in _FRACTIONS:
        length, digits = _FRACTIONS[unit]
        clock[:, 9] = ord(".")
        parts.append((10, rest % 1_000_000 // length, digits))
    for place, number, digits in parts:
        for at in reversed(range(place, place + digits)):
            number, digit = np.divmod(number, 10)
            clock[:, at] = digit + ord("0")
    return signs.tobytes().decode("ascii").split("\n")[:-1]
