"""Random numbers for rows: a generator for each row, so that a row never depends on the others."""

from __future__ import annotations

import numpy as np

_BLOCK = 256


class Chance:
    """The random numbers of some rows of texts.

    Row r draws from numpy's PCG64, seeded by SeedSequence(seed, spawn_key=(r,)), one number for
    each token that is written: the n-th token of a row takes the n-th number of its generator.

    Args:
        seed: of all rows.
        rows: the numbers of the rows.
    """

    def __init__(self, seed: int, rows: range) -> None:
        sequences = [np.random.SeedSequence(seed, spawn_key=(row,)) for row in rows]
        self._generators = [np.random.Generator(np.random.PCG64(one)) for one in sequences]
        self._block = np.empty((len(rows), 0))
        self._place = 0

    def __call__(self) -> np.ndarray:
        """Return the next number of each row, at least 0 and below 1, (B), float64."""
        if self._place == self._block.shape[1]:
            self._block = self.ahead(_BLOCK)
            self._place = 0
        self._place += 1
        return self._block[:, self._place - 1]

    def ahead(self, count: int) -> np.ndarray:
        """Return the next ``count`` numbers of each row at once, (B, count), float64."""
        rows = [generator.random(count) for generator in self._generators]
        return np.array(rows).reshape(len(rows), count)

    def keep(self, rows: np.ndarray) -> None:
        """Go on with these rows, each at most once, in this order."""
        self._generators = [self._generators[row] for row in rows]
        self._block = self._block[rows]
