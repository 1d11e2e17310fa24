"""Units ordered by what they do, so that those that act alike lie beside each other."""

from __future__ import annotations

import numpy as np

MOST_STEPS = 2000


def order_units(values: np.ndarray) -> np.ndarray:
    """Return the units in an order in which neighbours are alike, (units,).

    Units are compared by the correlation of their values over time; the order is that of the
    second eigenvector of the graph Laplacian of the similarities. Units that never change come
    last. The first unit of the order is the one with the greater mean of the two at the ends.

    Shapes:
        values: (T, units).

    Example:
        >>> wave = np.sin(np.arange(50.0))
        >>> order_units(np.stack([wave, -wave, 2 * wave, 1 - wave], axis=1)).tolist()
        [3, 1, 2, 0]

    Source: spectral seriation, Atkins, Boman, Hendrickson 1998, doi 10.1137/S0097539795285771.
    """
    units = values.shape[1]
    if len(values) > MOST_STEPS:
        values = values[np.linspace(0, len(values) - 1, MOST_STEPS).astype(int)]
    centred = values - values.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0))
    moves = size > 1e-9 * max(1.0, float(np.abs(values).max(initial=0.0)))
    lively = np.flatnonzero(moves)
    if len(lively) > 2:
        scaled = centred[:, lively] / size[lively]
        alike = (1.0 + scaled.T @ scaled) / 2 + 1e-6
        alike = alike**3  # stresses who is most alike
        laplacian = np.diag(alike.sum(axis=1)) - alike
        place = np.linalg.eigh(laplacian)[1][:, 1]
        lively = lively[np.argsort(np.round(place, 12), kind="stable")]
    if len(lively) > 1 and values[:, lively[0]].mean() < values[:, lively[-1]].mean():
        lively = lively[::-1]
    still = np.setdiff1d(np.arange(units), lively)
    return np.concatenate([lively, still]).astype(int)
