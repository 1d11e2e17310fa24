"""The parts of a page: its tables, and figures that fit wide and narrow screens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from gatework.look.canvas.picture import Picture
from gatework.look.canvas.svg import Element

WIDE, NARROW = 920.0, 380.0
"""The widths that figures are drawn for, in pixels."""


def figure(draw: Callable[[float], Picture], caption: str) -> Element:
    """Return a picture with its caption, drawn once for wide screens and once for narrow ones."""
    return Element(
        "figure",
        Element("div", draw(WIDE).element, class_="wide"),
        Element("div", draw(NARROW).element, class_="narrow"),
        Element("figcaption", caption),
    )


def table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str | Element]],
    *,
    emphasis: str | None = None,
    tall: bool = False,
) -> Element:
    """Return a table; the first cell of a row is its heading; ``emphasis`` names one to stress."""
    body = Element("tbody")
    for first, *rest in rows:
        row = Element("tr", Element("th", first, scope="row"))
        row.add(*(Element("td", cell) for cell in rest))
        row.attributes["class_"] = "lstm" if first == emphasis else None
        body.add(row)
    headings = Element("tr", *(Element("th", name, scope="col") for name in head))
    whole = Element("table", Element("caption", caption), Element("thead", headings), body)
    return Element("div", whole, class_="scroll tall" if tall else "scroll")


def card(what: str, value: str, detail: str) -> Element:
    """Return a box with one figure worth seeing first."""
    return Element(
        "div", Element("span", what), Element("b", value), Element("span", detail), class_="card"
    )


def paragraph(text: str, class_: str | None = None) -> Element:
    """Return a paragraph."""
    return Element("p", text, class_=class_)


def bullets(items: Iterable[str]) -> Element:
    """Return a list."""
    return Element("ul", *(Element("li", item) for item in items))


def section(title: str, *content: Element) -> Element:
    """Return a section under its heading."""
    return Element("section", Element("h2", title), *content)
