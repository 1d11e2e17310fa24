"""How pictures and pages look: colours for light and dark, told apart by colour-blind readers too.

Colours are written out in each rule instead of through variables, so that programs which know
little CSS (editors, converters) draw the light picture right. On paper it is light as well.
The text holds no character that XML or HTML would have to escape. The rules are in style/*.css;
those ending in _colours are filled in once for light and once for dark.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template

MODELS = 5
"""How many colours there are for models beside the LSTM; further ones start again."""

LAYERS = 4
"""How many colours there are for the layers of a search; further ones start again."""

_COLOURS = {  # in light and in dark
    "paper": ("#ffffff", "#14181d"),
    "panel": ("#f5f7f9", "#1b2128"),
    "ink": ("#1b2027", "#e8ebef"),
    "muted": ("#59636e", "#a3adb8"),
    "line": ("#c3cad2", "#4a545f"),
    "grid": ("#e6eaee", "#29313a"),
    "shade": ("#f0f2f5", "#1b2128"),
    "shade2": ("#e4eaf2", "#202c3b"),
    "lstm": ("#0062b1", "#64b5f6"),
    "lstmpale": ("#d3e4f5", "#1d3a57"),
    "good": ("#00705a", "#4fd1ae"),
    "bad": ("#b3261e", "#ff8a80"),
    "m1": ("#b84700", "#ff9357"),
    "m2": ("#00735c", "#4fd1ae"),
    "m3": ("#96387a", "#ec9ad0"),
    "m4": ("#7d5a00", "#e3bd55"),
    "m5": ("#57606a", "#b4bdc7"),
    "k1": ("#6f7985", "#8f99a5"),
    "k2": ("#a66f00", "#e3a72f"),
    "k3": ("#0062b1", "#64b5f6"),
    "k4": ("#96387a", "#ec9ad0"),
    "drop": ("#96387a", "#ec9ad0"),
    "head": ("#d9eee8", "#17382f"),
    "headline": ("#00735c", "#4fd1ae"),
    "ig": ("#0062b1", "#64b5f6"),
    "fg": ("#b84700", "#ff9357"),
    "gg": ("#00735c", "#4fd1ae"),
    "og": ("#96387a", "#ec9ad0"),
    "cc": ("#7d5a00", "#e3bd55"),
    "hh": ("#1b2027", "#e8ebef"),
}
_LIGHT, _DARK = ({name: pair[dark] for name, pair in _COLOURS.items()} for dark in (0, 1))

SIGNAL_COLOURS = {
    "input_gate": "ig",
    "forget_gate": "fg",
    "candidate": "gg",
    "output_gate": "og",
    "cell": "cc",
    "hidden": "hh",
    "normaliser": "cc",
    "stabiliser": "hh",
}
"""The class that colours each signal; the same in every picture."""

FONT = (
    "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, DejaVu Sans, Liberation Sans, "
    "Helvetica, Arial, Noto Sans CJK SC, sans-serif"
)

_SIGNAL = """
svg.gw .{c} {{ stroke: ${c}; stroke-width: 1.7px }}
svg.gw text.{c} {{ fill: ${c}; stroke: none }}
svg.gw .{c}.fill {{ fill: ${c}; stroke: none }}
svg.gw .{c}.pale {{ fill: ${c}; fill-opacity: 0.1 }}
"""
_MARKS = """
svg.gw .m{n} {{ stroke: $m{n}; stroke-width: 1.3px; {dash} }}
svg.gw .m{n}.mark {{ fill: $paper; stroke-dasharray: none }}
svg.gw text.m{n} {{ fill: $m{n}; stroke: none }}
"""
_DASHES = ("", "stroke-dasharray: 6 3", "stroke-dasharray: 2 3", "stroke-dasharray: 8 3 2 3", "")
_LAYER = """
svg.gw .k{n} {{ fill: $k{n}; stroke: $paper; stroke-width: 0.8px }}
svg.gw .k{n}.line {{ fill: none; stroke: $k{n}; stroke-width: 2.2px }}
svg.gw .k{n}.dotted {{ stroke-width: 1.4px; stroke-dasharray: 2 4 }}
"""

_MOVING = """
.gw-tip { position: fixed; z-index: 9; pointer-events: none; padding: 4px 8px; font-size: 13px;
  border-radius: 6px; max-width: 320px; white-space: pre-line }
.gw-tools { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 4px; margin-top: 2px }
.gw-tools button { font: inherit; font-size: 12px; min-width: 32px; padding: 2px 8px;
  border-radius: 6px; background: none; cursor: pointer }
@media (pointer: coarse) { .gw-tools button { min-width: 44px; min-height: 36px } }
@media print { .gw-tools { display: none } }
"""
_MOVING_COLOURS = """
.gw-tip { background: $ink; color: $paper }
.gw-tools button { color: $muted; border: 1px solid $grid }
.gw-tools button:hover { color: $ink; border-color: $line }
"""


def picture_css(scheme: str = "both") -> str:
    """Return the style of a picture that stands alone: "light", "dark", or "both" as preferred."""
    colours = _picture_colours()
    if scheme == "both":
        return _style("picture") + _in_both(colours)
    return _style("picture") + Template(colours).substitute(_DARK if scheme == "dark" else _LIGHT)


def widget_css() -> str:
    """Return the style of what moves around a picture in a notebook."""
    return _MOVING + _in_both(_MOVING_COLOURS)


def paper(scheme: str) -> str:
    """Return the colour of the paper, "light" or "dark"."""
    return (_DARK if scheme == "dark" else _LIGHT)["paper"]


def page_css() -> str:
    """Return the style of a page and of the pictures in it."""
    colours = _picture_colours() + _style("page_colours") + _MOVING_COLOURS
    return _style("picture") + _style("page") + _MOVING + _in_both(colours)


@cache
def _style(name: str) -> str:
    """Return one of the style sheets in the folder beside this file, with the fonts put in."""
    sheet = Path(__file__).with_name("style") / f"{name}.css"
    return "\n" + sheet.read_text(encoding="utf-8").replace("$font", FONT)


def _picture_colours() -> str:
    models = [_MARKS.format(n=n + 1, dash=_DASHES[n]) for n in range(MODELS)]
    layers = [_LAYER.format(n=n + 1) for n in range(LAYERS)]
    signals = [_SIGNAL.format(c=c) for c in dict.fromkeys(SIGNAL_COLOURS.values())]
    return _style("picture_colours") + "".join(models + layers + signals)


def _in_both(rules: str) -> str:
    light, dark = Template(rules).substitute(_LIGHT), Template(rules).substitute(_DARK)
    return f"{light}@media screen and (prefers-color-scheme: dark) {{{dark}}}\n"
