"""Shapes and texts of pictures; ``told`` is what one says under the pointer."""

from __future__ import annotations

from collections.abc import Iterable

from gatework.look.canvas.raster import data_address
from gatework.look.canvas.svg import Attribute, Element, path_data

SIGNS = 5
"""How many shapes of marks there are."""


def text(content: str, x: float, y: float, classes: str = "", **more: Attribute) -> Element:
    """Return a line of text whose baseline is at y."""
    return Element("text", content, x=x, y=y, class_=classes or None, **more)


def segment(x1: float, y1: float, x2: float, y2: float, classes: str) -> Element:
    """Return a straight line."""
    return Element("line", class_=classes, x1=x1, x2=x2, y1=y1, y2=y2)


def polyline(
    points: Iterable[tuple[float, float] | None],
    classes: str,
    *,
    told: str | None = None,
    closed: bool = False,
    **more: Attribute,
) -> Element:
    """Return a line through points; None lifts the pen."""
    d = path_data(points) + "Z" * closed
    return Element("path", *_title(told), class_=classes, d=d, **more)


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    classes: str | None = None,
    *,
    told: str | None = None,
    **more: Attribute,
) -> Element:
    """Return a rectangle from its upper left corner."""
    size = {"x": x, "y": y, "width": width, "height": height}
    return Element("rect", *_title(told), class_=classes, **size, **more)


def circle(
    x: float, y: float, r: float, classes: str, *, told: str | None = None, **more: Attribute
) -> Element:
    """Return a circle around (x, y)."""
    return Element("circle", *_title(told), class_=classes, cx=x, cy=y, r=r, **more)


def bitmap(
    file: bytes, x: float, y: float, width: float, height: float, **more: Attribute
) -> Element:
    """Return a PNG file drawn out over a rectangle."""
    size = {"x": x, "y": y, "width": width, "height": height}
    return Element("image", href=data_address(file), **size, preserveAspectRatio="none", **more)


def marked(told: str, *parts: Element, classes: str | None = "mark", **more: Attribute) -> Element:
    """Return parts that say something together."""
    return Element("g", *_title(told), *parts, class_=classes, **more)


def sign(shape: int, x: float, y: float, size: float, classes: str) -> Element:
    """Return a mark around (x, y); its shape tells groups apart where colour does not."""
    shape %= SIGNS
    if shape == 0:
        return circle(x, y, size, classes)
    if shape == 1:
        side = 1.8 * size
        return rect(x - side / 2, y - side / 2, side, side, classes)
    corners = {
        2: [(0, -1.4), (1.4, 0), (0, 1.4), (-1.4, 0)],
        3: [(0, -1.3), (1.2, 0.9), (-1.2, 0.9)],
        4: [(0, 1.3), (1.2, -0.9), (-1.2, -0.9)],
    }[shape]
    return polyline(((x + size * a, y + size * b) for a, b in corners), classes, closed=True)


def _title(told: str | None) -> list[Element]:
    return [] if told is None else [Element("title", told)]
