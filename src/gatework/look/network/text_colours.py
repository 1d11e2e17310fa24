"""A text coloured by what a unit does at each letter, and other steps at which it does alike."""

from __future__ import annotations

from typing import Any

from gatework.errors import OptionError
from gatework.examine import find_similar_steps, run_of
from gatework.examine.saturation import GATES
from gatework.look.canvas.heat import Colours, colour_key
from gatework.look.canvas.numerals import percent, show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.raster import shades
from gatework.look.canvas.shapes import marked, rect, text
from gatework.look.canvas.svg import Element, text_width, visible
from gatework.look.language import SIGNAL_WORDS, words_in

_ROW = 24.0
_SIZE = 13.0
_MOST = 4000
"""Letters that are drawn at most."""


def text_chart(
    model: Any,
    data: Any = None,
    *,
    layer: int = 0,
    direction: str = "forward",
    unit: int = 0,
    signal: str = "cell",
    like: tuple[int, int] | None = None,
    first: int = 0,
    width: float = 920,
    language: str = "en",
) -> Picture:
    """Draw a text with each letter on the colour of a unit's value after reading it.

    Args:
        model: as for gatework.examine.run_of; the run must be over a text.
        data: as there.
        layer: whose values.
        direction: of the layer.
        unit: of that layer.
        signal: of that unit.
        like: a stretch of letters, from its first to before its last; the five other stretches at
            which the unit does most alike are framed and listed.
        first: the first letter that is drawn; 4,000 are drawn at most.
        width: of the picture, in pixels.
        language: "en" or "zh".

    Raises:
        OptionError: the run is over no text, or there is no such layer, unit, signal or stretch.

    Source: the picture is that of Karpathy, Johnson, Fei-Fei 2015, arXiv:1506.02078, figure 2.
    """
    words = words_in(language)
    run = run_of(model, data)
    if run.text is None:
        raise OptionError(
            "this run is over no text", hint="gates_chart(model, data) shows a run over numbers"
        )
    values = run.signal(layer, signal, direction)
    if unit not in range(values.shape[1]):
        raise OptionError(f"there is no unit {unit!r} in layer {layer}: 0 to {values.shape[1] - 1}")
    if first not in range(len(run)):
        raise OptionError(f"there is no letter {first}: the text has {len(run)}")
    series = values[:, unit]
    colours = Colours.of(series[:, None], gate=signal in GATES)
    numbers = shades(series, colours.low, colours.high)
    similar = [] if like is None else find_similar_steps(series, *like)
    called = words(SIGNAL_WORDS[signal])
    name = words("{signal} of unit {unit}, layer {n}", signal=called, unit=unit, n=layer + 1)
    content = [text(name, 0, 16, "strong large")]
    y = 52.0
    if text_width(name, 16) + 188 <= width:
        content.append(colour_key(colours, width - 172, 6, 160))
    else:
        content.append(colour_key(colours, 0, 28, 160))
        y += 22
    x = 0.0
    places: list[tuple[float, float, float]] = []
    stop = min(len(run), first + _MOST)
    for at in range(first, stop):
        letter = run.text[at]
        shown = visible(letter)
        wide = max(9.0, text_width(shown, _SIZE) * 1.12)
        if x + wide > width:
            x, y = 0.0, y + _ROW
        places.append((x, y, wide))
        fill, ink = colours.tile(int(numbers[at]))
        told = words.labelled(str(at), f"{shown} {show(float(series[at]))}")
        content.append(
            marked(
                told,
                rect(x, y, wide, _ROW - 4, fill=fill),
                text(shown, x + wide / 2, y + 15, f"mid mono {ink}"),
                data_step=str(at),
            )
        )
        x += wide
        if letter == "\n":
            x, y = 0.0, y + _ROW
    y += _ROW + 24
    frames = ([(*like, "asked")] if like else []) + [(one.start, one.stop, "") for one in similar]
    for start, end, classes in frames:
        content += _frames(places, start - first, end - first, classes)
    if like is not None:
        quoted = visible(run.text[like[0] : like[1]])
        content.append(
            text(words("Where the unit does as at “{text}”:", text=quoted), 0, y, "strong")
        )
        y += 20
        for one in similar:
            aside = 12 if width > 340 else 8
            around = visible(run.text[max(0, one.start - aside) : one.stop + aside])
            content.append(text(f"{one.start}", 0, y, "muted"))
            content.append(text(f"…{around}…", 56, y, "mono"))
            content.append(text(percent(one.alike), width - 8, y, "end muted"))
            y += 18
        if not similar:
            content.append(text(words("nowhere else"), 0, y, "muted"))
            y += 18
    if stop < len(run):
        more = words("{n} more letters are not drawn.", n=f"{len(run) - stop:,}")
        content.append(text(more, 0, y + 4, "muted"))
        y += 18
    described = words("{name}; {n} letters", name=name, n=len(series))
    return Picture(
        words("Text coloured by a unit"),
        described,
        width,
        y + 6,
        tuple(content),
        language=words.tag,
    )


def _frames(
    places: list[tuple[float, float, float]], start: int, stop: int, classes: str
) -> list[Element]:
    """Return frames around letters, one for each line that they stand in."""
    rows: dict[float, list[float]] = {}
    for x, y, wide in places[max(start, 0) : max(stop, 0)]:
        row = rows.setdefault(y, [x, x + wide])
        row[1] = x + wide
    return [
        rect(x0 + 1, y + 1, x1 - x0 - 2, _ROW - 6, f"frame {classes}".rstrip(), rx=3)
        for y, (x0, x1) in rows.items()
    ]
