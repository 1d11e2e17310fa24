"""A text coloured by how little a language model expected it, with the mean line by line."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gatework.errors import OptionError
from gatework.look.canvas.heat import Colours, colour_key
from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import (
    Frame,
    bottom_axis,
    fitting_ticks,
    left_room,
    muted_lines,
    value_axis,
)
from gatework.look.canvas.raster import shades
from gatework.look.canvas.scales import Linear
from gatework.look.canvas.shapes import marked, polyline, rect, segment, text
from gatework.look.canvas.svg import Element, shorten, text_width, visible
from gatework.look.canvas.thinning import thin
from gatework.look.language import Words, words_in

if TYPE_CHECKING:
    from gatework.write.scoring import Piece, Score

_ROW = 24.0
_SIZE = 13.0
_MOST = 4000
"""Characters or words that are drawn at most."""
_RIGHT = 150.0
"""Room at the right for the mean of each line."""
_CHART = 112.0
_FEW = 120
"""A shorter text has no chart over time: its lines tell as much."""

_Placed = tuple[int, float, float]  # number of the piece, x, width


def surprise_chart(
    score: Score, *, first: int = 0, width: float = 920, language: str = "en"
) -> Picture:
    """Draw a text with each character, or word, on the colour of its surprise.

    A bar beside each line is the mean over it; above a longer text a curve shows the mean over
    time. What the vocabulary does not have is underlined.

    Args:
        score: of a text, from ``gatework.write.scoring``.
        first: the first character or word that is drawn; 4,000 are drawn at most. The curve is
            that of the whole text.
        width: of the picture, in pixels.
        language: "en" or "zh".

    Raises:
        OptionError: the text is empty, or has no such first character.
    """
    words = words_in(language)
    pieces = score.pieces
    if not pieces:
        raise OptionError(
            "there is no surprise to draw: the text is empty",
            hint="score(model, 'some text')",
        )
    if first not in range(len(pieces)):
        raise OptionError(
            f"first must be from 0 to {len(pieces) - 1}, the last of the text, got {first!r}"
        )
    bits = np.array([piece.bits for piece in pieces])
    colours = Colours(0.0, _most(bits), False)
    by_word = score.vocabulary.level == "word"
    name = words("Surprise of each word") if by_word else words("Surprise of each character")
    content = [
        text(name, 0, 16, "strong large"),
        text(_summary(score, words), 0, 34, "muted"),
        colour_key(colours, width - 172, 6, 160),
        text(words("bits"), width - 180, 14, "small muted end"),
    ]
    y = 56.0
    if len(pieces) >= _FEW:
        content += _over_time(bits, y, width, words, by_word)
        y += _CHART + 44
    stop = min(len(pieces), first + _MOST)
    content.append(text(words("mean of the line"), width - _RIGHT + 14, y, "small muted"))
    y += 8
    rows = [None] * len(pieces) if score.vocabulary.level == "bytes" else score.rows()
    for line in _lines(pieces, first, stop, width - _RIGHT):
        content += [
            _box(pieces[at], _told(score, at, rows[at], words), colours, x, y, wide)
            for at, x, wide in line
        ]
        content += _line_mean(bits[[at for at, _, _ in line]], colours, width, y)
        y += _ROW
    notes, y = muted_lines(_notes(score, first, stop, words), 0, y + 16, 18)
    content += notes
    description = f"{name}; {_summary(score, words)}"
    return Picture(words("Surprise"), description, width, y, tuple(content), language=words.tag)


def _told(score: Score, at: int, row: dict[str, Any] | None, words: Words) -> str:
    """Return what is shown under the pointer about a piece; ``row`` tells what else was likely."""
    piece = score.pieces[at]
    amount = f"{piece.bits:.2f}" if np.isfinite(piece.bits) else "∞"
    bits = words("“{text}”: {bits} bits", text=visible(piece.text), bits=amount)
    if row is None:
        return bits
    other = words("the end") if row["alternative"] is None else visible(row["alternative"])
    rank = words(
        "rank {rank}; otherwise likeliest: “{other}”", rank=f"{row['rank']:,}", other=other
    )
    return f"{bits}\n{rank}"


def _most(bits: np.ndarray) -> float:
    """Return the end of the colours: an even number that nearly all values stay below."""
    known = bits[np.isfinite(bits)]
    usual = float(np.quantile(known, 0.98)) if known.size else 0.0
    return max(4.0, 2 * float(np.ceil(usual / 2)))


def _summary(score: Score, words: Words) -> str:
    total = score.total
    return words(
        "{bits} bits a character, perplexity {perplexity}, {count} tokens",
        bits=show(total.bits_per_character),
        perplexity=show(total.perplexity),
        count=f"{total.tokens:,}",
    )


def _lines(pieces: tuple[Piece, ...], first: int, stop: int, room: float) -> list[list[_Placed]]:
    """Lay pieces out in lines: a line ends with a line feed, or where the next word has no room."""
    lines: list[list[_Placed]] = []
    x = math.inf
    for begin, end in pairwise(_words_of(pieces, first, stop)):
        sizes = [_width(pieces[at], room) for at in range(begin, end)]
        for at, wide in zip(range(begin, end), sizes, strict=True):
            # A word goes to the next line as a whole; one longer than a line is broken.
            if x and x + (sum(sizes) if at == begin else wide) > room:
                lines.append([])
                x = 0.0
            lines[-1].append((at, x, wide))
            x += wide
        if pieces[end - 1].text == "\n":
            x = math.inf
    return lines


def _words_of(pieces: tuple[Piece, ...], first: int, stop: int) -> list[int]:
    """Return where words begin, and the end: a word ends with a space, or is one wide letter."""
    found = [first]
    for at in range(first, stop):
        letter = pieces[at].text
        ideograph = not letter.isascii() and text_width(letter) >= 12
        if at + 1 == stop or len(letter) != 1 or letter.isspace() or ideograph:
            found.append(at + 1)
    return found


def _width(piece: Piece, room: float) -> float:
    return min(max(9.0, text_width(_shown(piece), _SIZE) * 1.12), room)


def _shown(piece: Piece) -> str:
    return visible(piece.text) or "∎"


def _box(piece: Piece, told: str, colours: Colours, x: float, y: float, wide: float) -> Element:
    """Return a piece of text on its colour."""
    shade = int(shades(np.array([min(piece.bits, colours.high)]), colours.low, colours.high)[0])
    fill, ink = colours.tile(shade)
    return marked(
        told,
        rect(x, y, wide, _ROW - 4, fill=fill),
        Element(
            "text",
            shorten(_shown(piece), wide, _SIZE),
            x=x + wide / 2,
            y=y + 15,
            class_=f"mid mono {ink}",
            text_decoration=None if piece.known else "underline",
        ),
    )


def _line_mean(bits: np.ndarray, colours: Colours, width: float, y: float) -> list[Element]:
    """Return the mean of a line as a bar and a number at the right."""
    known = bits[np.isfinite(bits)]
    if not known.size:
        return []
    mean = float(known.mean())
    left = width - _RIGHT + 14
    scale = Linear(colours.low, colours.high, 0.0, _RIGHT - 56)
    long = max(scale(mean), 1.0)
    return [
        rect(left, y + 5, long, _ROW - 14, "unit"),
        text(f"{mean:.1f}", left + long + 6, y + 15, "small muted line-mean"),
    ]


def _over_time(
    bits: np.ndarray, top: float, width: float, words: Words, by_word: bool
) -> list[Element]:
    """Return the curve of the mean over the pieces around each, and the mean of all."""
    known = np.where(np.isfinite(bits), bits, np.nan)
    window = max(10, len(bits) // 60)
    kernel = np.ones(window)
    valued = ~np.isnan(known)
    counted = np.convolve(valued, kernel, "valid")
    sums = np.convolve(np.where(valued, known, 0.0), kernel, "valid")
    means = np.divide(sums, counted, out=np.full(len(sums), np.nan), where=counted > 0)
    if np.isnan(means).all():
        return []
    usual = float(np.nanmean(known))
    bottom = top + _CHART
    y = Linear.over([0.0, float(np.nanmax(means)), usual], bottom, top + 14, least=0.0)
    ticks = y.ticks(4)
    frame = Frame(left_room(ticks), top + 14, width - 6, bottom)
    x = Linear(0.0, float(len(bits)), frame.left, frame.right)
    middle = (window - 1) / 2 + 0.5
    points = (
        None if np.isnan(means[at]) else (x(at + middle), y(float(means[at])))
        for at in thin(means, int(frame.width)).tolist()
    )
    title, said = (
        words("character"),
        words("bits, mean of {n} characters; dashed: of all", n=window),
    )
    if by_word:
        title, said = words("word"), words("bits, mean of {n} words; dashed: of all", n=window)
    return [
        text(said, frame.left, top + 4, "small muted"),
        value_axis(frame, y, ticks),
        bottom_axis(frame, fitting_ticks(x, whole=True), title),
        segment(frame.left, y(usual), frame.right, y(usual), "cut"),
        polyline(points, "lstm"),
    ]


def _notes(score: Score, first: int, stop: int, words: Words) -> list[str]:
    """Return what is to be said below the text."""
    notes = []
    if score.total.unknown:
        notes.append(
            words(
                "Underlined: not in the vocabulary, {n} of {count}.",
                n=f"{score.total.unknown:,}",
                count=f"{score.total.tokens:,}",
            )
        )
    impossible = int(np.isinf(score.bits).sum())
    if impossible:
        notes.append(
            words("{n} were held to be impossible; no mean counts them.", n=f"{impossible:,}")
        )
    if stop - first < len(score.pieces):
        notes.append(
            words(
                "Drawn are {first} to {last} of {count}.",
                first=f"{first + 1:,}",
                last=f"{stop:,}",
                count=f"{len(score.pieces):,}",
            )
        )
    return notes
