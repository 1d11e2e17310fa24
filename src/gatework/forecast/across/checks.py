"""Whether many series can be forecast by one network."""

from __future__ import annotations

import numpy as np

from gatework.errors import DataError
from gatework.forecast.checks import check_range
from gatework.forecast.panel.panel import Panel

LEAST_VALUES = 12
"""The fewest known values that a series of a panel may have."""


def check_panel(panel: Panel, horizon: int, distribution: str | None) -> None:
    """Check the values of a panel.

    Raises:
        DataError: naming the series that cannot be used, and why.
    """
    for row, name in enumerate(panel.ids):
        known = panel.values[row, : panel.lengths[row]]
        known = known[~np.isnan(known)]
        check_range(known, name)
        if len(known) < LEAST_VALUES:
            raise DataError(
                f"series {name!r} has {len(known)} values, but needs at least {LEAST_VALUES}",
                hint="leave it out, or add earlier periods",
            )
    if distribution == "negative_binomial" and not panel.counts.all():
        name = panel.ids[int(np.flatnonzero(~panel.counts)[0])]
        raise DataError(
            f"series {name!r} is not one of counts, as a negative binomial needs",
            hint="distribution='auto', or 'student_t'",
        )
    longest = int(panel.lengths.max())
    if longest < 2 * horizon:
        raise DataError(
            f"the longest series has {longest} periods, but a horizon of {horizon} needs "
            f"{2 * horizon}",
            hint="shorten the horizon",
        )
