"""SVG documents as PNG files, drawn with the fonts of the system."""

from __future__ import annotations

import unicodedata
import warnings
from functools import cache

from gatework.checks import is_number
from gatework.errors import OptionError
from gatework.extras import needing
from gatework.look.canvas.theme import FONT, paper

_CHINESE = (
    "Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, "
    "WenQuanYi Micro Hei, WenQuanYi Zen Hei"
)
_NONE = "\U0010fffd"  # of private use: no font has it


def to_png(drawing: str, scheme: str, *, scale: float = 2.0) -> bytes:
    """Return an SVG document in "light" or "dark" as a PNG.

    It is drawn with the fonts of the system: of a picture with Chinese letters all with one that
    has them. Where none has, boxes or nothing stand in their place, and a UserWarning says so.

    Raises:
        OptionError: ``scale`` is not from 0.1 to 10.
        MissingDependencyError: the package resvg-py is not installed.
    """
    if not is_number(scale, 0.1, 10):
        raise OptionError(f"scale must be from 0.1 to 10, got {scale!r}")
    with needing("resvg_py", "a PNG needs the package resvg-py", otherwise="save as .svg"):
        from resvg_py import svg_to_bytes
    wide = next((one for one in drawing if unicodedata.east_asian_width(one) == "W"), None)
    letter, fonts = ("A", FONT) if wide is None else (wide, f"{_CHINESE}, {FONT}")
    if not _has_font_for(letter, fonts):
        warnings.warn(
            f"no font of this system has the letter {letter!r}, so the PNG lacks its letters; "
            f"install {'DejaVu Sans' if wide is None else 'Noto Sans CJK SC'}, or save as .svg or "
            ".html",
            stacklevel=3,
        )
    style = "" if wide is None else f"svg.gw text {{ font-family: {fonts} }}"
    drawn = svg_to_bytes(
        svg_string=drawing, zoom=scale, background=paper(scheme), style_sheet=style
    )
    return bytes(drawn)


@cache
def _has_font_for(letter: str, fonts: str) -> bool:
    """Return whether the fonts draw a letter otherwise than one that no font has."""
    from resvg_py import svg_to_bytes

    head = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text y="16">'
    style = f"text {{ font-family: {fonts} }}"
    known, unknown = (
        svg_to_bytes(svg_string=f"{head}{x}</text></svg>", style_sheet=style)
        for x in (letter, _NONE)
    )
    return bytes(known) != bytes(unknown)
