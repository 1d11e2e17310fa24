"""The series of a panel on their time line, before what is missing is judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.tabular.timeline import Timeline


@dataclass(eq=False)
class Laid:
    """Series on their time line; ``numbers`` (B, P, C) are values and covariates by period."""

    timeline: Timeline
    ids: tuple[str, ...]
    numbers: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Which values there are, (B, P)."""
        return ~np.isnan(self.numbers[:, :, 0])

    @property
    def periods(self) -> np.ndarray:
        """The periods of each series that have rows, also those to come, (B,)."""
        return self.timeline.lengths

    def lengths(self, *, own: bool) -> np.ndarray:
        """Return the periods of each series up to the last with a value of any series, (B,).

        Rows after it are for covariates to come, whether or not these are used: nothing was missed
        there that could be masked or filled. With ``own`` each ends with its own last value.
        """
        ends = self.numbers.shape[1] - np.argmax(self.known[:, ::-1], axis=1)
        if own:
            return ends
        series = np.arange(len(ends))
        last = self.timeline.starts(series, ends - 1).max()
        late = self.timeline.starts(series, self.periods - 1) > last
        lengths = self.periods.copy()
        for row in np.flatnonzero(late).tolist():
            starts = self.timeline.starts(row, np.arange(lengths[row]))
            lengths[row] = np.searchsorted(starts, last, side="right")
        return lengths

    def ends(self, lengths: np.ndarray) -> tuple[tuple[str, ...], ...]:
        """Return the labels of the last two periods of each series, or of the only one."""
        series = np.arange(len(lengths))
        last = self.timeline.names(series, lengths - 1)
        before = self.timeline.names(series, np.maximum(lengths - 2, 0))
        pairs = zip(before, last, lengths, strict=True)
        return tuple((one, two) if n > 1 else (two,) for one, two, n in pairs)
