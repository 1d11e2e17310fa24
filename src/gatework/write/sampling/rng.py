"""Random numbers for rows: a generator for each row, so that a row never depends on the others."""

from __future__ import annotations

import numpy as np

_BLOCK = 64


class RowRng:
    """The random numbers of some rows of texts.

    Row r draws from numpy's PCG64, seeded by SeedSequence(seed, spawn_key=(r,)), one number for
    each token that is written: the n-th token of a row takes the n-th number of its generator.

    Args:
        seed: of all rows.
        rows: the numbers of the rows.

    Example:
        >>> both, second = RowRng(7, range(2)), RowRng(7, range(1, 2))
        >>> bool(both.ahead(3)[1, 2] == second.ahead(3)[0, 2])
        True
    """

    def __init__(self, seed: int, rows: range) -> None:
        sequences = [np.random.SeedSequence(seed, spawn_key=(row,)) for row in rows]
        self._generators = [np.random.Generator(np.random.PCG64(one)) for one in sequences]
        self._stock = np.empty((len(rows), 0))

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self._generators)

    def __call__(self) -> np.ndarray:
        """Return the next number of each row, at least 0 and below 1, (B), float64."""
        return self.ahead(1)[:, 0]

    def ahead(self, count: int) -> np.ndarray:
        """Return the next ``count`` numbers of each row at once, (B, count), float64."""
        if self._stock.shape[1] < count:
            drawn = [generator.random(count + _BLOCK) for generator in self._generators]
            fresh = np.array(drawn).reshape(self.rows, count + _BLOCK)
            self._stock = np.concatenate([self._stock, fresh], axis=1)
        taken, self._stock = self._stock[:, :count], self._stock[:, count:]
        return taken

    def keep(self, rows: np.ndarray) -> None:
        """Go on with these rows, each at most once, in this order."""
        self._generators = [self._generators[row] for row in rows]
        self._stock = self._stock[rows]
