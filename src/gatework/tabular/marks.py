"""Marks for missing values: words of several languages, and numbers that measure nothing."""

from __future__ import annotations

import numpy as np

from gatework.tabular.numerals import tidy

MISSING = {"", "na", "nan", "null"}
"""Texts that stand for a missing value, in any case."""

SAID_TO_BE_MISSING = {
    *("-", "--", "---", ".", "..", "...", "…", "?", "??", ":", "*", "n/a", "n.a.", "n. a.", "none"),
    *("nil", "nat", "<na>", "(null)", "\\n", "missing", "unknown", "undefined", "not available"),
    *("no data", "nodata", "#n/a", "#n/a n/a", "#div/0!", "#value!", "#ref!", "#name?", "#num!"),
    *("#null!", "#nv", "#wert!", "#bezug!", "#zahl!", "#valeur!", "#¡valor!", "#¡div/0!", "#n/d"),
    *("k.a.", "k. a.", "keine angabe", "n.v.", "n. v.", "fehlt", "fehlend", "s.o.", "unbekannt"),
    *("n.d.", "n. d.", "nd", "n/d", "n.c.", "manquant", "s/d", "s.d.", "sin dato", "sin datos"),
    *("brak", "b.d.", "mancante", "ontbreekt", "нет", "нет данных", "н/д", "н.д.", "нд"),
    *(
        "无",
        "無",
        "无数据",
        "無數據",
        "缺",
        "缺失",
        "缺测",
        "空",
        "空值",
        "暂无",
        "暂无数据",
        "暫無",
    ),
    *("なし", "欠測", "欠損", "欠損値", "該当なし", "없음", "결측"),
}
"""Texts that stand for one only where the user has said how to fill missing values."""

FAR = 20
"""Robust deviations from the rest beyond which a number may be a mark for missing."""

_LIMITS = {1, 32767, 32768, 65535, 2147483647, 2147483648, 4294967295, 999.25}
"""Least and greatest of the whole numbers that machines hold, and what well logs write."""


def missing_mark(cell: object) -> str | None:
    """Return which of SAID_TO_BE_MISSING the cell holds."""
    text = tidy(cell).strip().casefold() if isinstance(cell, str) else ""
    return text if text in SAID_TO_BE_MISSING else None


def marks_among(values: np.ndarray) -> dict[float, np.ndarray]:
    """Return numbers that look like marks for missing, with the places of each.

    They are nines, limits of whole numbers or 1e20 and more, and lie more than FAR robust
    deviations (1.4826 times the median distance from the median) away from the rest.

    Shapes:
        values: (n,), nan where missing

    Example:
        >>> marks_among(np.array([2.5, 3.1, -999.0, 2.8, 2.9]))
        {-999.0: array([2])}
    """
    known = values[:: len(values) // _SAMPLE + 1]
    known = known[~np.isnan(known)]
    if len(known) < 3:
        return {}
    middle = np.median(known)
    deviation = 1.4826 * np.median(np.abs(known - middle))
    if not deviation:  # most values are equal
        usual = known[~np.isin(known, [one for one in np.unique(known) if looks_like_mark(one)])]
        deviation = max(usual.std(), abs(middle) / 100) if len(usual) else np.inf
    low, high = middle - FAR * deviation, middle + FAR * deviation
    if low <= np.fmin.reduce(values) and np.fmax.reduce(values) <= high:
        return {}
    far = np.unique(values[(values < low) | (values > high)])
    odd = [float(one) for one in far if looks_like_mark(one)] if len(far) <= _MOST_MARKS else []
    return {one: np.flatnonzero(values == one) for one in odd}


_SAMPLE = 100_000
_MOST_MARKS = 1000


def mark_text(value: float) -> str:
    """Return a number as it is typed to say that it stands for missing values.

    Example:
        >>> [mark_text(value) for value in (-999.0, 9999.9, 2147483647.0, 1e20)]
        ['-999', '9999.9', '2147483647', '1e+20']
    """
    return repr(float(value)).removesuffix(".0")


def looks_like_mark(value: float) -> bool:
    """Return whether a number is one of those that stand for missing values.

    Example:
        >>> [looks_like_mark(value) for value in (-999, 9999.9, 65535, 1e20, 9, 12)]
        [True, True, True, True, False, False]
    """
    size = abs(float(value))
    digits = f"{size:.10g}".replace(".", "")
    nines = len(digits) > 1 and set(digits) == {"9"}
    return nines or (size in _LIMITS and value != 1) or size >= 1e20
