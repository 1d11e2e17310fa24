"""A scored text for a terminal: each token on the colour of its surprise."""

from __future__ import annotations

from collections.abc import Iterable

from rich.style import Style
from rich.text import Text

from gatework.write.scoring.judged import Piece

STEPS = (
    (1.0, "#08306b", "#ffffff"),
    (2.0, "#22638f", "#ffffff"),
    (4.0, "#4f9aa6", "#000000"),
    (6.0, "#a5c79c", "#000000"),
    (9.0, "#e4dc85", "#000000"),
    (float("inf"), "#fff6aa", "#000000"),
)
"""Up to how many bits which background and letters: dark is foreseen, bright is a surprise.

The steps grow lighter one by one, so that they are told apart without colour as well.
"""


def coloured_text(pieces: Iterable[Piece]) -> Text:
    """Return pieces of text on their colours; what the vocabulary does not have is underlined."""
    text = Text()
    for piece in pieces:
        shown = piece.text or "∎"
        ink, paper = next((ink, paper) for most, paper, ink in STEPS if piece.bits <= most)
        text.append(shown, Style(color=ink, bgcolor=paper, underline=not piece.known))
    return text


def colour_key() -> Text:
    """Return one line that tells which colour stands for how many bits."""
    text = Text("bits: ")
    low = 0.0
    for most, paper, ink in STEPS:
        shown = f" {low:g} to {most:g} " if most < float("inf") else f" above {low:g} "
        text.append(shown, Style(color=ink, bgcolor=paper))
        low = most
    return text
