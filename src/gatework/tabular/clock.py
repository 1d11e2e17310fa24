"""Many times written as text: 2005-03-07 12:00."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np

DAY = 86_400_000_000
"""Microseconds of a day."""

_MINUTE, _SECOND = 60_000_000, 1_000_000
_FOUR_DIGITS = range(-719_162, 2_500_000)  # days whose years are written so
_FEW = 100


def clock_texts(times: np.ndarray, unit: Literal["m", "s", "ms", "us"]) -> list[str]:
    """Return times as text down to a unit.

    Shapes:
        times: (n,), datetime64[us]

    Example:
        >>> clock_texts(np.array(["2005-03-07T12:00:30"], "datetime64[us]"), "m")
        ['2005-03-07 12:00']
    """
    micros = times.astype(np.int64)
    days = micros // DAY
    first = int(days.min()) if len(days) >= _FEW else 0
    span = int(days.max()) - first + 1 if len(days) >= _FEW else 0
    if not 0 < span <= len(times) or first not in _FOUR_DIGITS:
        return [text.replace("T", " ") for text in np.datetime_as_string(times, unit).tolist()]
    dates = np.datetime_as_string((first + np.arange(span)).astype("datetime64[D]")).astype("S10")
    passed = micros - days * DAY
    minutes = passed // _MINUTE
    parts = [dates[days - first], _texts(" {0:02d}:{1:02d}", 24, 60)[minutes]]
    if unit != "m":
        passed -= minutes * _MINUTE
        seconds = passed // _SECOND
        parts.append(_texts(":{1:02d}", 1, 60)[seconds])
        passed -= seconds * _SECOND
    if unit in ("ms", "us"):
        millis = passed // 1000
        parts.append(_texts(".{1:03d}", 1, 1000)[millis])
        passed -= millis * 1000
    if unit == "us":
        parts.append(_texts("{1:03d}", 1, 1000)[passed])
    kinds = [(str(at), part.dtype) for at, part in enumerate(parts)]
    rows = np.empty(len(times), np.dtype([*kinds, ("end", "S1")]))
    rows["end"] = b"\n"
    for (name, _), part in zip(kinds, parts, strict=True):
        rows[name] = part
    return rows.tobytes().decode("ascii").split("\n")[:-1]


@cache
def _texts(form: str, outer: int, inner: int) -> np.ndarray:
    """Return the texts of two numbers, the second one counting faster, (outer * inner,)."""
    return np.array([form.format(n // inner, n % inner) for n in range(outer * inner)], "S")
