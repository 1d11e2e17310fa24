"""The parts of a page: its tables, and figures that fit wide and narrow screens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gatework import __version__
from gatework.look.canvas.heat import share_values
from gatework.look.canvas.page import page
from gatework.look.canvas.picture import NARROW, WIDE, Picture
from gatework.look.canvas.svg import Element
from gatework.look.charts.zoom import share_readings, tool_words
from gatework.look.language import Words

_WHOLE = re.compile(r"(?<![\w./-])(\d{1,4}(?:-W?\d{1,2}){1,2}|--[a-z][a-z-]{1,20})(?![\w-])")


def figure(caption: str, chart: Callable[..., Picture], *data: Any, **options: Any) -> Element:
    """Return a chart of some data, drawn for wide screens and for narrow ones, with any caption."""
    wide, narrow = (chart(*data, width=width, **options).element for width in (WIDE, NARROW))
    whole = Element("figure", *paired(wide, narrow))
    return whole.add(Element("figcaption", *flowing(caption))) if caption else whole


def paired(wide: Element, narrow: Element) -> tuple[Element, Element]:
    """Return two drawings of the same, of which a screen shows the one that fits it."""
    share_readings(wide, narrow)
    share_values(wide, narrow)
    return Element("div", wide, class_="wide"), Element("div", narrow, class_="narrow")


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
    whole = Element(
        "table", Element("caption", *flowing(caption)), Element("thead", headings), body
    )
    return Element("div", whole, class_="scroll tall" if tall else "scroll")


def report_page(
    heading: str,
    content: Iterable[Element | None],
    words: Words,
    *,
    kicker: str = "Gatework",
    title: str | None = None,
) -> str:
    """Return a whole page: heading, content, of which None is left out, and who wrote it.

    The page makes no request; its one script zooms, saves, and shows the values under the pointer
    and what is chosen.
    """
    return page(
        title or heading,
        (part for part in content if part is not None),
        heading=heading,
        kicker=kicker,
        footer=words("Written by Gatework {version}.", version=__version__),
        language=words.tag,
        tools=tool_words(words),
        own=True,
    )


def cards(*contents: tuple[str, str, str]) -> Element:
    """Return boxes side by side: what, its value, and a detail."""
    boxes = (
        Element("div", *map(Element, ("span", "b", "span"), content), class_="card")
        for content in contents
    )
    return Element("div", *boxes, class_="cards")


def flowing(text: str) -> list[str | Element]:
    """Return a text whose dates and options are not parted at their hyphens.

    Example:
        >>> [str(piece) for piece in flowing("until 2024-08-01.")]
        ['until ', '<span class="whole">2024-08-01</span>', '.']
    """
    pieces = _WHOLE.split(text)
    found = [Element("span", one, class_="whole") if n % 2 else one for n, one in enumerate(pieces)]
    return [one for one in found if one]


def paragraph(text: str, class_: str | None = None) -> Element:
    """Return a paragraph."""
    return Element("p", *flowing(text), class_=class_)


def bullets(items: Iterable[str]) -> Element:
    """Return a list."""
    return Element("ul", *(Element("li", *flowing(item)) for item in items))


def section(title: str, *content: Element, name: str) -> Element:
    """Return a section under its heading; templates and addresses call it by its name."""
    return Element("section", Element("h2", title), *content, id=name)
