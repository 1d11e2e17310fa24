"""Reading pictures back: their marks, their texts, and values from the ticks alone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np

from gatework.look import Picture

SVG = "{http://www.w3.org/2000/svg}"
_SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def drawn(picture: Picture) -> ElementTree.Element:
    """Return a picture as an XML reader sees it; no coordinate in it is nan or infinite."""
    markup = str(picture.element)
    assert not re.search(r'="[^"]*\b(nan|inf)\b[^"]*"', markup)
    return ElementTree.fromstring(markup)


def of_class(root: ElementTree.Element, *classes: str) -> list[ElementTree.Element]:
    return [node for node in root.iter() if set(classes) <= set(node.get("class", "").split())]


def of_tag(root: ElementTree.Element, tag: str) -> list[ElementTree.Element]:
    return list(root.iter(f"{SVG}{tag}"))


def texts(root: ElementTree.Element) -> list[str]:
    return [node.text or "" for node in of_tag(root, "text")]


def told(node: ElementTree.Element) -> str:
    """Return what a mark says under the pointer."""
    return node.findtext(f"{SVG}title") or ""


def at(node: ElementTree.Element, name: str) -> float:
    return float(node.get(name, "nan"))


def points(node: ElementTree.Element) -> list[tuple[float, float]]:
    pairs = re.findall(r"[ML](\S+?) ([^MLZ]+)", node.get("d", ""))
    return [(float(x), float(y)) for x, y in pairs]


def middle(node: ElementTree.Element) -> tuple[float, float]:
    """Return the middle of a mark of any shape."""
    if node.tag == f"{SVG}circle":
        return at(node, "cx"), at(node, "cy")
    if node.tag == f"{SVG}rect":
        side = at(node, "width") / 2
        return at(node, "x") + side, at(node, "y") + side
    xs, ys = zip(*points(node), strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def y_reader(root: ElementTree.Element, *, log: bool = False) -> Callable[[float], float]:
    """Return a function from height to value, from the ticks' texts and places alone."""
    ticks = of_class(root, "tick-y")
    values = [_number(tick.text or "") for tick in ticks]
    places = [at(tick, "y") - 4 for tick in ticks]  # a text sits 4 below its line
    slope, start = np.polyfit(places, np.log(values) if log else values, 1)
    return lambda y: math.exp(slope * y + start) if log else slope * y + start


def x_reader(root: ElementTree.Element, value_of: Callable[[str], int]) -> Callable[[float], float]:
    """Return a function from a place along the axis to the period there."""
    ticks = of_class(root, "tick-x")
    periods = [value_of(tick.text or "") for tick in ticks]
    slope, start = np.polyfit([at(tick, "x") for tick in ticks], periods, 1)
    return lambda x: slope * x + start


def _number(text: str) -> float:
    mantissa, _, exponent = text.partition("×10")
    return float(mantissa) * 10.0 ** int(exponent.translate(_SUPERSCRIPT) or 0)
