"""Letters in pictures."""

from __future__ import annotations


def visible(letters: str) -> str:
    """Return text with marks for what cannot be seen: spaces, line ends, tabs."""
    return letters.translate({32: "·", 10: "⏎", 9: "⇥", 13: "␍"})
