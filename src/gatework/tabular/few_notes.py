"""Notes on many columns, told once for all that are alike."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST = 3
"""Notes of one kind, beyond which only the first is kept."""
_VARYING = re.compile(
    r"""column ('[^']*'|"[^"]*")|row \d+( and row \d+| and \d+ other rows)?"""
    r"""|'[\d.,]+' is read as [\d.,]+|reads it as [\d.,]+"""
)
"""What differs from column to column: names, rows, examples. What is taken for missing does not."""


def few_of_a_kind(notes: Iterable[str]) -> list[str]:
    """Return notes; of more than MOST that are alike but for their columns, the first and a count.

    Example:
        >>> few_of_a_kind([f"the comma begins the decimals of column 'v{n}'" for n in range(9)])[1:]
        ['8 more notes of this kind are left out, for other columns']
    """
    kinds: dict[str, list[str]] = {}
    for note in notes:
        kinds.setdefault(_VARYING.sub("", note), []).append(note)
    found = []
    for alike in kinds.values():
        more = f"{len(alike) - 1} more notes of this kind are left out, for other columns"
        found += alike if len(alike) <= MOST else [alike[0], more]
    return found
