"""Values of a single series that are missing: told where the network takes them, else refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gatework.errors import DataError
from gatework.forecast.series import Series
from gatework.tabular.missing import GOES_ON, missing_note


def check_whole(series: Series) -> None:
    """Check that no value is missing, as networks that are fitted to a series need it.

    Raises:
        DataError: naming the first that is.
    """
    gaps = np.flatnonzero(np.isnan(series.values))
    if gaps.size:
        raise DataError(
            f"value {gaps[0] + 1} of {series.name!r} must be finite, got nan",
            hint="--missing interpolate fills it; or leave the search out: the pretrained network "
            "goes on over it",
        )


def with_gaps_told(series: Series) -> Series:
    """Return a series from its first value on, with a note that says which values are missing."""
    known = np.flatnonzero(~np.isnan(series.values))
    first, name = int(known[0]), series.name
    if first:
        start = f"the series begins with {series.labels[first]}, not {series.labels[0]}"
        what = "1 empty period" if first == 1 else f"{first} empty periods"
        are = "is" if first == 1 else "are"
        note = f"{what} before the first value {are} left out: {start}"
        labels, notes = series.labels[first:], (*series.notes, note)
        series = replace(series, values=series.values[first:], labels=labels, notes=notes)
    gaps = np.flatnonzero(np.isnan(series.values))
    if not gaps.size or any(GOES_ON in note for note in series.notes):
        return series
    dated = series.frequency is not None
    places = [series.labels[gap] if dated else str(gap + 1 + first) for gap in gaps.tolist()]
    note = missing_note(name, places, "" if dated else "value")
    return replace(series, notes=(*series.notes, note))
