"""Pictures that are light where those that were learned are dark."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gatework.recognize.scaling import Scaling
from gatework.recognize.sequences import Sequences

SURE = 0.1
"""Of the whole range: how much nearer a negative must be to what was learned, to be told."""
NAMED = 5


def tell_inverted(sequences: Sequences, scaling: Scaling) -> Sequences:
    """Return sequences with a remark on the pictures whose negatives are more like those learned.

    Judged by the mean of their pixels against that of all pictures that were learned from.

    Args:
        sequences: of any kind; others than pictures come back as they are.
        scaling: of the model.
    """
    if sequences.kind != "image":
        return sequences
    learned = float(scaling.mean.mean())
    means = np.array([part.mean() for part in sequences.values])
    rows = np.flatnonzero(np.abs(1 - means - learned) + SURE < np.abs(means - learned))
    if not len(rows):
        return sequences
    light, learns = ("light", "dark") if learned < 0.5 else ("dark", "light")
    names = ", ".join(f"'{sequences.names[row]}'" for row in rows[:NAMED])
    more = f", and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    pictures = "1 picture is" if len(rows) == 1 else f"{len(rows)} pictures are"
    said = f"{pictures} mostly {light}, while the model learned from {learns} ones: {names}{more}"
    return replace(sequences, remarks=(*sequences.remarks, said))
