"""A plot that a reader zooms into, reads period by period, and thins out by its key.

What is drawn here is the whole; the drawing module moves it, and draws the ticks of what lies
between. Of an axis of numbers it needs only the values at the ends of the frame; an axis of periods
brings the ticks of every depth, so that dates are read in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gatework.look.canvas.periods import period_levels
from gatework.look.canvas.plot import Frame, bottom_axis, value_axis
from gatework.look.canvas.scales import Linear, Scale
from gatework.look.canvas.svg import Element, number
from gatework.look.language import Words

TOOLS = (
    "zoom in, or drag over a stretch",
    "zoom out",
    "show all",
    "save as SVG",
    "save as PNG",
    "Arrow keys tell the values; + and - zoom, 0 shows all.",
    "show or hide: {name}",
)
"""What the buttons at a figure, a plot itself and an entry of its key are called."""


@dataclass(frozen=True)
class ChartReading:
    """What a stretch of the horizontal axis tells: from x to x, the height of its value, a text."""

    left: float
    right: float
    height: float | None
    told: str


def plot(
    frame: Frame,
    across: Element,
    upwards: Element,
    front: Iterable[Element],
    words: Words,
    *,
    back: Iterable[Element] = (),
    along: Iterable[Element] = (),
    beside: Iterable[Element] = (),
    readings: Sequence[ChartReading] = (),
    fixed: bool = False,
) -> Element:
    """Return a plot: what lies behind its grid, the axes, what lies in front, and names above it.

    How far the vertical axis reaches, when the reader zooms in or hides a part, is decided by the
    parts of ``front``, which ``part`` makes. ``fixed`` keeps the horizontal axis as it is. Of the
    names ``along`` each says where it lies by ``data_from`` and ``data_to``; labels ``beside`` the
    frame, a tie and a text, follow the ``data_height`` that each has.
    """
    edges = [reading.left for reading in readings] + [r.right for r in readings[-1:]]
    heights = ("-" if r.height is None else number(r.height) for r in readings)
    told = (" ".join(r.told.splitlines()) for r in readings)
    return Element(
        "g",
        Element("g", *back, class_="zoomed"),
        upwards,
        across,
        Element("g", *front, class_="zoomed"),
        Element("g", *along, class_="along"),
        *beside,
        class_="plot",
        data_frame=" ".join(map(number, (frame.left, frame.top, frame.right, frame.bottom))),
        data_fixed="1" if fixed else None,
        data_edges=" ".join(map(number, edges)) or None,
        data_heights=" ".join(heights) or None,
        data_told="\n".join(told) or None,
        data_words=tool_words(words),
    )


def share_readings(one: Element, other: Element) -> None:
    """Leave out of the second drawing of the same data, in one figure, what both would tell."""
    for first, second in zip(_plots(one), _plots(other), strict=True):
        if first.attributes["data_told"] == second.attributes["data_told"]:
            second.attributes["data_told"] = None


def _plots(element: Element) -> list[Element]:
    found = [element] if element.attributes.get("class_") == "plot" else []
    return found + [
        plot for child in element.children if isinstance(child, Element) for plot in _plots(child)
    ]


def tool_words(words: Words) -> str:
    """Return what the drawing module calls its tools, a line each."""
    return "\n".join(words(tool) for tool in TOOLS)


def part(
    name: str, *content: Element, marks: Iterable[Element] = (), pinned: bool = False
) -> Element:
    """Return lines that the key can hide, and marks on them.

    Marks keep their shape in a zoom; those that are ``pinned`` have no value, and their height too.
    """
    return Element("g", *content, signs(marks, pinned=pinned), data_part=name)


def signs(marks: Iterable[Element], *, pinned: bool = False) -> Element:
    """Return marks and texts in a plot that keep their shape and size in a zoom."""
    return Element("g", *marks, class_="signs pinned" if pinned else "signs")


def number_axis(
    frame: Frame,
    scale: Scale,
    ticks: Sequence[tuple[float, str]],
    title: str = "",
    *,
    grid: bool = False,
    whole: bool = False,
) -> Element:
    """Return the horizontal axis of numbers; each tick is a place and its text."""
    axis = bottom_axis(frame, ticks, title, grid=grid)
    axis.attributes |= {"class_": "axis-x", "data_ends": _ends(scale, frame.left, frame.right)}
    axis.attributes |= {"data_whole": "1" if whole else None}
    return axis


def upward_axis(
    frame: Frame, scale: Scale, ticks: Sequence[tuple[float, str]], *, whole: bool = False
) -> Element:
    """Return the vertical axis of numbers; each tick is a value and its text."""
    axis = value_axis(frame, scale, ticks)
    axis.attributes |= {"class_": "axis-y", "data_ends": _ends(scale, frame.bottom, frame.top)}
    axis.attributes |= {"data_whole": "1" if whole else None}
    return axis


def period_axis(frame: Frame, scale: Linear, labels: Sequence[str], *, dated: bool) -> Element:
    """Return the horizontal axis of periods, of which the first begins where the frame does."""
    first = scale.invert(frame.left) + 0.5
    levels = [
        [(scale(first + index), label) for index, label in level]
        for level in period_levels(labels, frame.width, dated=dated)
    ]
    deeper = ("\n".join(f"{number(x)} {label}" for x, label in level) for level in levels[1:])
    axis = bottom_axis(frame, levels[0], most=frame.right + 6)
    axis.attributes |= {"class_": "axis-x", "data_levels": "\n\n".join(deeper)}
    return axis


def _ends(scale: Scale, start: float, end: float) -> str:
    kind = "linear" if isinstance(scale, Linear) else "log"
    return f"{kind} {scale.invert(start)!r} {scale.invert(end)!r}"
