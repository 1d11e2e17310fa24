"""Numbers that stand for times: years, months, seconds of Unix, serial numbers of spreadsheets."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from gatework.tabular.time_names import serials_under

YEARS = range(1500, 2201)
"""Whole numbers outside it are no years."""

_UNIX = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
_UNIX_YEARS = (np.datetime64("1980-01-01"), np.datetime64("2100-01-01"))
_SPREADSHEET = np.datetime64("1899-12-30", "us")
_MONTH_FIRST = re.compile(r"\d{1,2}\.\d{4}")


def read_time_numbers(
    numbers: np.ndarray, name: str, cells: Sequence[object]
) -> tuple[np.ndarray, str, str]:
    """Return the times that numbers in a column of periods mean, their unit, and a note.

    Years, quarters as 20213, months as 202101 or 2021.05, decimal years (2005.25 is April), Unix
    time, and serial numbers of spreadsheets where the column is called after a date, are read;
    other numbers count periods, and their unit is "number".

    Shapes:
        numbers: (n,), finite; result: (n,), datetime64[us], or float64 where they count periods

    Example:
        >>> read_time_numbers(np.array([2005.0, 2005.0833]), "time", ["2005", "2005.0833"])[1:]
        ('month', "the decimal years of column 'time' are read as months")
        >>> str(read_time_numbers(np.array([1699999200.0]), "ts", ["1699999200"])[0][0])
        '2023-11-14T22:00:00.000000'
    """
    whole = bool((numbers == np.floor(numbers)).all())
    if all(isinstance(cell, str) and _MONTH_FIRST.fullmatch(cell.strip()) for cell in cells):
        month, year = np.divmod(np.round(numbers * 10_000).astype(np.int64), 10_000)
        if ((month >= 1) & (month <= 12) & (year >= 1900) & (year <= 2100)).all():
            note = f"the numbers of column {name!r} are read as month and year"
            return _months(12 * year + month - 1), "month", note
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 0.0)
    if low >= YEARS.start and high < YEARS.stop:
        return _years(numbers, name, cells, whole=whole)
    if whole and low >= 100 * YEARS.start and high < 100 * YEARS.stop:
        year, month = np.divmod(numbers.astype(np.int64), 100)
        if ((month >= 1) & (month <= 12)).all():
            note = f"the numbers of column {name!r} are read as year and month"
            return _months(12 * year + month - 1), "month", note
    if whole and low >= 10 * 1900 and high < 10 * 2101:
        year, quarter = np.divmod(numbers.astype(np.int64), 10)
        if ((quarter >= 1) & (quarter <= 4)).all() and np.ptp(year):
            note = f"the numbers of column {name!r} are read as year and quarter"
            return _months(12 * year + 3 * quarter - 3), "quarter", note
    for unit, called in _UNIX.items():
        begin, end = (edge.astype(f"datetime64[{unit}]").astype(np.int64) for edge in _UNIX_YEARS)
        if begin <= low and high < end:
            times = (numbers * {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}[unit]).round()
            note = f"the numbers of column {name!r} are read as Unix time in {called}, in UTC"
            return times.astype(np.int64).astype("datetime64[us]"), "second", note
    serials = serials_under(name)
    if low >= serials.start and high < serials.stop:
        seconds = np.round(numbers * 86400).astype("timedelta64[s]")
        note = f"the numbers of column {name!r} are read as dates of a spreadsheet"
        return _SPREADSHEET + seconds, "day" if whole else "second", note
    return numbers, "number", ""


def _years(
    numbers: np.ndarray, name: str, cells: Sequence[object], *, whole: bool
) -> tuple[np.ndarray, str, str]:
    if all(isinstance(cell, str) and re.fullmatch(r"\s*\d{4}\.\d{2}\s*", cell) for cell in cells):
        year, month = np.divmod(np.round(numbers * 100).astype(np.int64), 100)
        if ((month >= 1) & (month <= 12)).all():
            note = f"the numbers of column {name!r} are read as year and month"
            return _months(12 * year + month - 1), "month", note
    if whole:
        return _months(12 * numbers.astype(np.int64)), "year", ""
    months = np.round(numbers * 12)
    if (np.abs(numbers * 12 - months) > 0.1).any():
        return numbers, "number", ""
    note = f"the decimal years of column {name!r} are read as months"
    return _months(months.astype(np.int64)), "month", note


def _months(months: np.ndarray) -> np.ndarray:
    """Return the starts of months that are counted from the year 0."""
    return (months - 12 * 1970).astype("datetime64[M]").astype("datetime64[us]")
