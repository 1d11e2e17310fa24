"""Drift: values that lie above, or below, their forecasts for too long."""

from __future__ import annotations

import math
from typing import Any

from gatework.checks import is_number
from gatework.errors import OptionError

SLACK = 0.25
"""Standard deviations by which values may be off for good; half the drift to be found soonest."""

CLIP = 4.0
"""Standard deviations beyond which a residual counts no more: one outlier is no drift."""


class Drift:
    """A two-sided test for a change in the mean of standardised residuals.

    Of residuals z with mean 0 and variance 1 it sums up what exceeds the slack k = 0.25, upwards
    and downwards, never letting a sum fall below 0, and gives an alarm when one exceeds h; then
    both begin anew. This is Page's cumulative sum; the Page-Hinkley test is the same with the mean
    estimated on the way, and loses much by it where the mean is known, as it is of the residuals of
    a calibrated forecast.

    h follows from ``rows``, the mean number of rows from one false alarm to the next:

        b = h + 1.166
        rows = (exp(2 k b) - 2 k b - 1) / (4 k^2)

    It holds for residuals that are independent; where they go on from row to row, or the intervals
    are too narrow, false alarms come sooner.

    Args:
        rows: rows from one false alarm to the next, on average; at least 10.

    Raises:
        OptionError: rows is out of range.

    Example:
        >>> drift = Drift(1000)
        >>> [drift.add(1.0) is not None for _ in range(15)].index(True) + 1
        14
        >>> round(drift.threshold, 1)
        9.9

    Source: E. S. Page (1954), Continuous inspection schemes, Biometrika 41, 100-115,
        doi:10.2307/2333009; D. V. Hinkley (1971), Biometrika 58, 509-523, doi:10.2307/2334383;
        the equation for h: D. Siegmund (1985), Sequential Analysis, section II.6.
    """

    def __init__(self, rows: float = 1000.0) -> None:
        self.rows = check_rows(rows)
        self.threshold = threshold(rows)
        self.sums = [0.0, 0.0]
        self.counts = [0, 0]
        self.totals = [0.0, 0.0]

    def add(self, residual: float) -> str | None:
        """Take in the next standardised residual; return the reason when it makes an alarm."""
        clipped = min(max(residual, -CLIP), CLIP)
        for side, sign in enumerate((1.0, -1.0)):
            self.sums[side] = max(0.0, self.sums[side] + sign * clipped - SLACK)
            rising = self.sums[side] > 0
            self.counts[side] = self.counts[side] + 1 if rising else 0
            self.totals[side] = self.totals[side] + clipped if rising else 0.0
        side = 0 if self.sums[0] >= self.sums[1] else 1
        if self.sums[side] <= self.threshold:
            return None
        mean = self.totals[side] / self.counts[side]
        reason = (
            f"over the last {self.counts[side]} values they lie "
            f"{'above' if side == 0 else 'below'} their forecasts, on average by "
            f"{abs(mean):.1f} standard deviations; by chance this happens about once in "
            f"{self.rows:g} rows"
        )
        self.sums, self.counts, self.totals = [0.0, 0.0], [0, 0], [0.0, 0.0]
        return reason

    def to_config(self) -> dict[str, Any]:
        """Return its state as JSON values."""
        return {"sums": self.sums, "counts": self.counts, "totals": self.totals}

    def restore(self, config: dict[str, Any]) -> None:
        """Take over a state that ``to_config`` returned.

        Raises:
            OptionError: it is none.
        """
        if set(config) != set(KEYS) or any(
            not isinstance(pair, list) or len(pair) != 2 or not all(map(is_number, pair))
            for pair in config.values()
        ):
            raise OptionError("the state of the drift test must be three pairs of numbers")
        self.sums, self.counts, self.totals = (list(config[k]) for k in KEYS)


KEYS = ("sums", "counts", "totals")


def threshold(rows: float) -> float:
    """Return the threshold for a mean of ``rows`` rows between false alarms.

    Example:
        >>> round(threshold(370), 2), round(threshold(10_000), 2)
        (8.01, 14.49)
    """
    low, high = 0.0, 200.0
    for _ in range(60):
        middle = (low + high) / 2
        exponent = 2 * SLACK * (middle + 1.166)
        if (math.expm1(exponent) - exponent) / (4 * SLACK**2) < rows:
            low = middle
        else:
            high = middle
    return high


def check_rows(rows: object) -> float:
    """Return the rows from one false alarm to the next, if they can be that.

    Raises:
        OptionError: they are no number from 10 to 1e9.
    """
    if not is_number(rows, 10, 1e9):
        raise OptionError(
            f"the rows from one false alarm to the next must be from 10 to 1e9, got {rows!r}",
            hint="rows_per_false_alarm=1000",
        )
    return float(rows)
