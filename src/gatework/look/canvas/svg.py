"""Elements of SVG and HTML, written out so that nothing in them can be mistaken for markup.

Pages and pictures are built from ``Element`` alone. Text and attribute values may come from users:
they are escaped here, in one place, and characters that no document may hold are replaced.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate

from gatework.system.terminal import ISOLATED, shown

Attribute = str | int | float | bool | None

_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KEPT = "".join(ISOLATED)
_PLAIN = re.compile(r"[\t\n\x20\x21\x23-\x25\x28-\x3b\x3d\x3f-\x7e]*")
_NARROWEST = 0.57  # the width of a letter, of a wide one 1, for each unit of height
_BROAD = "WMmw@<>#^~"  # letters of no wide script that are nearly as wide as one
_BREAKS = re.compile("(?<= )|(?<=[、，。；：）])|(?<=[\u3040-\u9fff])(?=[\u3040-\u9fff（])")
"""Where a sentence may go on in the next line; scripts without spaces do after most signs."""
_EMPTY = {"br", "circle", "col", "hr", "image", "line", "meta", "path", "polygon", "rect"}


class Element:
    """One element: its name, its attributes, and its children, text or elements.

    Attribute names are written as Python allows: ``class_`` for ``class``, ``stroke_width`` for
    ``stroke-width``. An attribute that is None or False is left out.

    Example:
        >>> str(Element("text", "a < b", class_="axis", x=1.0))
        '<text class="axis" x="1">a &lt; b</text>'
    """

    __slots__ = ("attributes", "children", "name")

    def __init__(
        self, name: str, /, *children: Element | Raw | str, **attributes: Attribute
    ) -> None:
        self.name = name
        self.children = list(children)
        self.attributes = attributes

    def add(self, *children: Element | Raw | str) -> Element:
        """Append children and return the element itself."""
        self.children.extend(children)
        return self

    def __str__(self) -> str:
        pieces: list[str] = []
        self._write(pieces)
        return "".join(pieces)

    def _write(self, pieces: list[str]) -> None:
        pieces.append(f"<{self.name}")
        for name, value in self.attributes.items():
            if value is not None and value is not False:
                name = name.rstrip("_").replace("_", "-")
                pieces.append(f' {name}="{_attribute(value, name)}"')
        if not self.children and self.name in _EMPTY:
            pieces.append("/>")
            return
        pieces.append(">")
        for child in self.children:
            if isinstance(child, Element):
                child._write(pieces)
            elif isinstance(child, Raw):
                pieces.append(child.text)
            else:
                pieces.append(escape(child))
        pieces.append(f"</{self.name}>")


class Raw:
    """Text that is written as it is: the package's own scripts, never anything of a user's."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def escape(text: str) -> str:
    r"""Return text that stands for itself in XML and HTML, in quotes or out of them.

    Characters that cannot be seen, or that a document may not hold, are written out: ``\u001b``.

    Example:
        >>> escape('<script>"')
        '&lt;script&gt;&quot;'
    """
    if _PLAIN.fullmatch(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _FORBIDDEN.sub("\ufffd", shown(text, keep=_KEPT))
    for character, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "#39")):
        text = text.replace(character, f"&{name};")
    return text


def _attribute(value: Attribute, name: str) -> str:
    if value is True:
        return name
    if isinstance(value, int | float):
        return number(value)
    return escape(str(value)).replace("\n", "&#10;").replace("\t", "&#9;")


def number(value: float) -> str:
    """Write a coordinate: at most two decimals, and no more characters than it needs.

    Raises:
        ValueError: the value is not finite; no picture may hold such a coordinate.

    Example:
        >>> number(12.50), number(-0.001), number(3.14159)
        ('12.5', '0', '3.14')
    """
    if not math.isfinite(value):
        raise ValueError(f"a coordinate must be finite, got {value}")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def path_data(points: Iterable[tuple[float, float] | None]) -> str:
    """Write a line through points; None lifts the pen.

    Example:
        >>> path_data([(0, 1), (2, 3.5), None, (4, 5), (6, 7)])
        'M0 1L2 3.5M4 5L6 7'
    """
    pieces, command = [], "M"
    for point in points:
        if point is None:
            command = "M"
            continue
        pieces.append(f"{command}{number(point[0])} {number(point[1])}")
        command = "L"
    return "".join(pieces)


def text_width(text: str, size: float = 12.0) -> float:
    """Estimate how wide text is when drawn, in the units of ``size``; wide scripts count as wide.

    Example:
        >>> text_width("误差") > text_width("ab"), text_width("WM") > text_width("ab")
        (True, True)
    """
    wide = sum(map(text.count, _BROAD))
    if not text.isascii():
        wide += sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return size * (wide + _NARROWEST * (len(text) - wide))


def visible(letters: str) -> str:
    """Return text with marks for what cannot be seen: spaces, line ends, tabs."""
    return letters.translate({32: "·", 10: "⏎", 9: "⇥", 13: "␍"})


def shorten(text: str, width: float, size: float = 12.0) -> str:
    """Return the text, cut with an ellipsis where it is wider than ``width``.

    Example:
        >>> shorten("a name that goes on and on", 80)
        'a name th…'
    """
    most = int(width / (_NARROWEST * size)) + 2  # no more characters than this can fit
    text = " ".join(text[: 4 * most].split()) + ("…" if len(text) > 4 * most else "")
    text = shown(text, keep=_KEPT)
    if text_width(text, size) <= width:
        return text
    room = width - text_width("…", size)
    kept = sum(end <= room for end in accumulate(text_width(letter, size) for letter in text))
    return text[: max(kept, 1)].rstrip() + "…"


def wrap(words: Sequence[str], width: float, size: float = 12.0, joint: str = ", ") -> list[str]:
    """Lay words out in lines no wider than ``width``; a single word may be wider.

    Example:
        >>> wrap(["peephole", "layer norm", "zoneout"], 150)
        ['peephole, layer norm,', 'zoneout']
    """
    lines: list[str] = []
    for word in words:
        if lines and text_width(lines[-1] + joint + word, size) <= width:
            lines[-1] += joint + word
        else:
            if lines:
                lines[-1] += joint.rstrip()
            lines.append(word)
    return lines


def flowed(sentence: str, width: float, size: float = 12.0) -> list[str]:
    """Lay a sentence out in lines no wider than ``width``; a single word may be wider.

    Example:
        >>> flowed("one after another", 66), flowed("门：行为相近", 40)
        (['one after', 'another'], ['门：行', '为相近'])
    """
    lines = [""]
    for piece in _BREAKS.split(sentence):
        if lines[-1] and text_width((lines[-1] + piece).rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines]
