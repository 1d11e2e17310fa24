"""Which values of many series are missing, in a sentence."""

from __future__ import annotations

import numpy as np

from gatework.forecast.panel.panel import Panel
from gatework.tabular.missing import GOES_ON, missing_note


def missing_notes(panel: Panel) -> tuple[str, ...]:
    """Return the note that says how many values are missing and where; none where all are there.

    None either where the notes of its series say so already.
    """
    inside = np.arange(panel.values.shape[1]) < np.asarray(panel.lengths)[:, None]
    gaps = np.isnan(panel.values) & inside
    rows = np.flatnonzero(gaps.any(axis=1))
    if not rows.size or any(GOES_ON in note for note in panel.notes):
        return ()
    first = int(rows[0])
    labels, own = panel.labels(first), np.flatnonzero(gaps[first]).tolist()
    if len(rows) == 1:
        return (missing_note(panel.ids[first], [labels[gap] for gap in own]),)
    return (
        f"{int(gaps.sum())} values of {len(rows)} series are missing, the first that of "
        f"{panel.ids[first]!r} in {labels[own[0]]}; {GOES_ON} them",
    )
