"""A picture: a drawing that knows its title, shows itself in a notebook and becomes a file."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatework.errors import OptionError
from gatework.look.canvas.heat import share_values
from gatework.look.canvas.notebook import widget_of
from gatework.look.canvas.page import page
from gatework.look.canvas.png import to_png
from gatework.look.canvas.svg import Element, escape, number
from gatework.look.canvas.theme import picture_css
from gatework.storage import atomic_write

FORMATS = ("svg", "png", "html")
"""The endings of files that a picture can be written to."""
WIDE, NARROW = 920.0, 380.0
"""Widths at which pictures are drawn for desks and for phones."""
ROOMY = 640.0
"""The width below which a drawing is laid out for a phone; pages change over there, too."""
_MARGIN = 16.0  # of paper around a picture that stands alone


@dataclass(frozen=True, eq=False)
class Picture:
    """A drawing with a title and a description, in units of one pixel at its natural size.

    ``str(picture)`` is an SVG document that stands alone, light or dark as the reader prefers; a
    notebook shows it. ``element`` is the same drawing for a page that holds the style already.
    ``language`` is that of its texts, as pages name it, such as "zh-Hans".
    """

    title: str
    description: str
    width: float
    height: float
    content: tuple[Element, ...]
    language: str = "en"

    @property
    def element(self) -> Element:
        """The ``svg`` element without style, for use in a page."""
        return self._svg()

    def __str__(self) -> str:
        return self.svg()

    def svg(self, scheme: str = "both") -> str:
        """Return the SVG document in "light" or "dark", or "both", as the reader prefers.

        It has a margin around the drawing, which ``element`` leaves to its page.
        """
        drawn = self._svg(Element("style", picture_css(scheme)), margin=_MARGIN)
        drawn.attributes["lang"] = self.language
        return str(drawn)

    def _repr_svg_(self) -> str:
        return str(self)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        scale: float = 2.0,
        dark: bool = False,
        narrow: Picture | None = None,
    ) -> Path:
        """Write the picture to a file: SVG, PNG or a standalone HTML page, by the file's ending.

        Args:
            path: ends in .svg, .png or .html.
            overwrite: replace a file that is there.
            scale: pixels of a PNG for each pixel of the picture's natural size.
            dark: draw a PNG with the dark colours; the others follow their reader's preference.
            narrow: the same drawn for a phone, which a page shows there.

        Raises:
            OptionError: another ending.
            MissingDependencyError: a PNG without the package resvg-py.
            OutputError: a file is there already, or it cannot be written.
        """
        target = Path(path)
        ending = target.suffix.lower().removeprefix(".")
        if ending not in FORMATS:
            raise OptionError(
                f"{os.fspath(path)!r} must end in {', '.join('.' + one for one in FORMATS)}",
                hint=f"{target.stem}.svg",
            )
        if ending == "png":
            scheme = "dark" if dark else "light"
            content = to_png(self.svg(scheme), scheme, scale=scale)
        else:
            content = (self._page(narrow) if ending == "html" else str(self)).encode()
        atomic_write(target, content, overwrite=overwrite)
        return target

    def widget(self) -> Any:
        """Return the picture for a notebook with everything that moves: values under the pointer.

        Raises:
            MissingDependencyError: the package anywidget is not installed.
        """
        return widget_of(self.svg())

    def _page(self, narrow: Picture | None) -> str:
        """Return a page of the one picture, which shows values under the pointer."""
        whole = self.element
        drawn = [Element("div", whole, class_="scroll" if narrow is None else "wide")]
        if narrow is not None:
            other = narrow.element
            share_values(whole, other)
            drawn.append(Element("div", other, class_="narrow"))
        told = Element("figcaption", self.description, class_="muted")
        return page(self.title, [Element("figure", *drawn, told)], language=self.language)

    def _svg(self, *style: Element, margin: float = 0.0) -> Element:
        told = f"{self.title}\n{self.description}\n{self.width}x{self.height}"
        wide, high = self.width + 2 * margin, self.height + 2 * margin
        key = "gw" + hashlib.sha256(escape(told).encode()).hexdigest()[:10]
        return Element(
            "svg",
            Element("title", self.title, id=f"{key}-title"),
            Element("desc", self.description, id=f"{key}-desc"),
            *style,
            *self.content,
            xmlns="http://www.w3.org/2000/svg",
            class_="gw",
            viewBox=f"{number(-margin)} {number(-margin)} {number(wide)} {number(high)}",
            width=wide,
            height=high,
            role="img",
            aria_labelledby=f"{key}-title {key}-desc",
        )
