"""What the diagram of a cell is made of: wires, gates, nodes and their numbers."""

from __future__ import annotations

from collections.abc import Mapping

from gatework.look.canvas.numerals import show
from gatework.look.canvas.shapes import circle, polyline, rect, text
from gatework.look.canvas.svg import Element, text_width

Point = tuple[float, float]


def wire(classes: str, *points: Point, tip: bool = False) -> Element:
    """Return a wire through points, with an arrow at its end."""
    group = Element("g", polyline(points, classes))
    if tip:
        group.add(_tip(classes.split()[0], points[-2], points[-1]))
    return group


def tall_arrow(classes: str, *points: Point) -> Element:
    """Return a wire with an arrow and round corners."""
    (x0, y0), (x1, y1), (x2, y2) = points
    down = 1 if y1 > y0 else -1
    path = (
        f"M{x0:g} {y0:g}L{x1:g} {y1 - 10 * down:g}Q{x1:g} {y1:g} {x1 + 10:g} {y1:g}L{x2:g} {y2:g}"
    )
    return Element("g", Element("path", class_=classes, d=path), _tip(classes, (x1, y1), (x2, y2)))


def gate_box(symbol: str, x: float, y: float, classes: str, told: str) -> Element:
    """Return a box that applies a function, centred at (x, y)."""
    wide = max(42.0, text_width(symbol, 13) + 14)
    return Element(
        "g",
        Element("title", told),
        rect(x - wide / 2, y - 16, wide, 32, "paperfill", rx=7),
        rect(x - wide / 2, y - 16, wide, 32, f"{classes} pale", rx=7),
        text(symbol, x, y + 5, f"mid strong {classes}"),
        class_="mark",
    )


def node(symbol: str, x: float, y: float, told: str) -> Element:
    """Return a round node that combines its wires unit by unit."""
    return Element(
        "g",
        Element("title", told),
        circle(x, y, 12, "endblock"),
        text(symbol, x, y + 5, "mid strong large"),
        class_="mark",
    )


def note(
    name: str,
    values: Mapping[str, float],
    key: str,
    x: float,
    y: float,
    classes: str,
    digits: int = 3,
) -> Element:
    """Return a wire's name with its number, where there is one."""
    said = name
    if key in values:
        number = show(values[key], digits)
        said = f"{name} = {number}" if name else number
    return text(said, x, y, f"{classes} strong" if key in values else classes)


def _tip(classes: str, before: Point, end: Point) -> Element:
    (x0, y0), (x1, y1) = before, end
    dx = (x1 > x0) - (x1 < x0)
    dy = (y1 > y0) - (y1 < y0)
    back = (x1 - 9 * dx, y1 - 9 * dy)
    side = (4.5 * dy, 4.5 * dx)
    corners = [
        (x1, y1),
        (back[0] - side[0], back[1] - side[1]),
        (back[0] + side[0], back[1] + side[1]),
    ]
    return polyline(corners, f"{classes} fill", closed=True)
