"""Whether many series can be forecast by one network."""

from __future__ import annotations

import numpy as np

from gatework.errors import DataError
from gatework.forecast.checks import check_range
from gatework.forecast.panel.panel import Panel

LEAST_VALUES = 12
"""The fewest known values of a series that networks learn from; one at least must have them."""


def check_panel(panel: Panel, horizon: int, distribution: str | None) -> None:
    """Check the values of a panel.

    Raises:
        DataError: naming the series that cannot be used, and why.
    """
    counts = panel.known
    for row, name in enumerate(panel.ids):
        known = panel.values[row, : panel.lengths[row]]
        check_range(known[~np.isnan(known)], name)
    row = int(counts.argmax())
    if counts[row] < LEAST_VALUES:
        raise DataError(
            f"series {panel.ids[row]!r} has {counts[row]} values, but needs at least "
            f"{LEAST_VALUES}" + (", and no other series has more" if len(panel) > 1 else ""),
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
            hint=f"horizon={longest // 2} (--horizon {longest // 2}) is the longest it can have",
        )
