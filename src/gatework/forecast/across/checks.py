"""Whether many series can be forecast by one network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatework.errors import DataError, OptionError, counted
from gatework.forecast.checks import check_range
from gatework.forecast.panel.backtest import last_share
from gatework.forecast.panel.panel import Panel

LEAST_VALUES = 12
"""The fewest known values of a series that networks learn from; one at least must have them."""

LEAST_BEFORE = 12
"""The fewest periods before the first origin of a backtest, where nothing else is said."""


def check_values(panel: Panel) -> None:
    """Check that the values of a panel can be computed with.

    Raises:
        DataError: naming the series that cannot be used, and why.
    """
    for row, name in enumerate(panel.ids):
        known = panel.values[row, : panel.lengths[row]]
        check_range(known[~np.isnan(known)], name)


def check_learnable(panel: Panel, horizon: int, distribution: str | None) -> None:
    """Check that networks can be trained on a panel.

    Raises:
        DataError: naming the series that cannot be used, and why.
    """
    counts = panel.known
    row = int(counts.argmax())
    if counts[row] < LEAST_VALUES:
        raise DataError(
            f"series {panel.ids[row]!r} has {counted(counts[row], 'value')}, but needs at least "
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
            f"the longest series has {counted(longest, 'period')}, but a horizon of {horizon} "
            f"needs {2 * horizon}",
            hint=f"horizon={longest // 2} (--horizon {longest // 2}) is the longest it can have",
        )


def first_origins(
    panel: Panel, starts: Sequence[int] | np.ndarray | None, least: int = LEAST_BEFORE
) -> np.ndarray:
    """Return where the backtest of each series begins, (B,); its last fifth where left out.

    Args:
        panel: the series.
        starts: as GlobalForecaster.backtest takes them.
        least: the fewest periods before them.

    Raises:
        OptionError: for starts of the wrong number, or too early. DataError: when nothing is left.
    """
    if starts is None:
        starts = last_share(panel.lengths, 0.2, LEAST_BEFORE)
    first = np.asarray(starts, np.int64)
    if first.shape != (len(panel),) or (first < np.minimum(least, panel.lengths)).any():
        raise OptionError(f"starts must be {len(panel)} whole numbers of at least {least}")
    if (panel.lengths <= first).all():
        raise DataError("no series goes on after its start, so nothing can be scored")
    return first
