"""How pictures and pages look: colours for light and dark, told apart by colour-blind readers too.

Colours are written out in each rule instead of through variables, so that programs which know
little CSS (editors, converters) draw the light picture right. On paper it is light as well.
The text holds no character that XML or HTML would have to escape.
"""

from __future__ import annotations

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

_FONT = (
    "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, DejaVu Sans, Liberation Sans, "
    "Helvetica, Arial, Noto Sans CJK SC, sans-serif"
)

_PICTURE = f"""
svg.gw {{ font-family: {_FONT}; font-size: 12px; font-variant-numeric: tabular-nums }}
svg.gw * {{ vector-effect: non-scaling-stroke }}
svg.gw path, svg.gw line {{ fill: none; stroke-linejoin: round }}
svg.gw .end {{ text-anchor: end }}
svg.gw .mid {{ text-anchor: middle }}
svg.gw .strong {{ font-weight: 600 }}
svg.gw text.best {{ paint-order: stroke }}
svg.gw .large {{ font-size: 14px }}
svg.gw .small {{ font-size: 11px }}
svg.gw .hit rect, svg.gw .hit .dot {{ opacity: 0 }}
svg.gw .hit:hover rect {{ opacity: 0.12 }}
svg.gw .hit:hover .dot {{ opacity: 1 }}
svg.gw .mark:hover {{ stroke-width: 3px }}
svg.gw image {{ image-rendering: pixelated }}
svg.gw .mono {{ font-family: ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace }}
svg.gw .frame {{ fill: none; stroke: #14181d; stroke-width: 2px }}
svg.gw .frame.asked {{ stroke: #00705a; stroke-width: 2.6px }}
svg.gw text.onlight {{ fill: #14181d }}
svg.gw text.ondark {{ fill: #ffffff }}
"""

_PICTURE_COLOURS = """
svg.gw { background: $paper }
svg.gw text { fill: $ink }
svg.gw text.muted { fill: $muted }
svg.gw .grid { stroke: $grid; stroke-width: 1px }
svg.gw .axis { stroke: $line; stroke-width: 1px }
svg.gw .cut { stroke: $muted; stroke-width: 1px; stroke-dasharray: 3 3 }
svg.gw .shade { fill: $shade }
svg.gw .shade2 { fill: $shade2 }
svg.gw .hit rect, svg.gw .hit .dot { fill: $ink }
svg.gw .series { stroke: $ink; stroke-width: 1.3px }
svg.gw .point { fill: $ink }
svg.gw .lstm { stroke: $lstm; stroke-width: 1.6px }
svg.gw .lstm.thick { stroke-width: 2.6px }
svg.gw .lstm.mark { fill: $lstm }
svg.gw path.band { fill: $lstm; fill-opacity: 0.2; stroke: none }
svg.gw text.lstm { fill: $lstm; stroke: none }
svg.gw .best { stroke: $good; stroke-width: 1.8px }
svg.gw text.best { fill: $good; stroke: $paper; stroke-width: 3px; font-weight: 600 }
svg.gw .ring { fill: none; stroke: $good; stroke-width: 2.2px }
svg.gw .failed { stroke: $bad; stroke-width: 1.6px }
svg.gw text.failed { fill: $bad; stroke: none }
svg.gw .block { fill: $lstmpale; stroke: $lstm; stroke-width: 1.6px }
svg.gw .unit { fill: $lstm }
svg.gw .headblock { fill: $head; stroke: $headline; stroke-width: 1.6px }
svg.gw .endblock { fill: $panel; stroke: $line; stroke-width: 1.4px }
svg.gw .flow { stroke: $muted; stroke-width: 1.6px }
svg.gw .tip { fill: $muted; stroke: none }
svg.gw .loop { stroke: $lstm; stroke-width: 1.8px }
svg.gw .looptip { fill: $lstm; stroke: none }
svg.gw .pill { fill: $paper; stroke: $drop; stroke-width: 1.4px; stroke-dasharray: 4 3 }
svg.gw text.drop { fill: $drop }
svg.gw .paperfill { fill: $paper; stroke: none }
svg.gw path.thin { stroke-width: 0.7px; stroke-opacity: 0.45 }
svg.gw path.thick { stroke-width: 2.6px }
svg.gw path.peep { stroke-dasharray: 4 3; stroke-width: 1.2px }
"""

_SIGNAL = """
svg.gw .{c} {{ stroke: ${c}; stroke-width: 1.7px }}
svg.gw text.{c} {{ fill: ${c}; stroke: none }}
svg.gw .{c}.fill {{ fill: ${c}; stroke: none }}
svg.gw .{c}.pale {{ fill: ${c}; fill-opacity: 0.14 }}
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

_TIP = """
.gw-tip { position: fixed; z-index: 9; pointer-events: none; padding: 4px 8px; font-size: 13px;
  border-radius: 6px; max-width: 320px; white-space: pre-line }
"""
_TIP_COLOURS = """
.gw-tip { background: $ink; color: $paper }
"""

_PAGE = f"""
:root {{ color-scheme: light dark }}
body {{ margin: 0; font: 16px/1.55 {_FONT} }}
main {{ max-width: 960px; margin: 0 auto; padding: 24px 20px 64px }}
h1 {{ font-size: 28px; line-height: 1.25; margin: 8px 0 4px; overflow-wrap: anywhere }}
h2 {{ font-size: 20px; margin: 44px 0 8px }}
h3 {{ font-size: 16px; margin: 20px 0 6px }}
p, ul {{ margin: 8px 0; max-width: 75ch; overflow-wrap: anywhere }}
ul {{ padding-left: 22px }}
.kicker {{ font-size: 14px; letter-spacing: 0.02em }}
.lead {{ font-size: 18px }}
.cards {{ display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0 }}
.card {{ flex: 1 1 190px; border-radius: 10px; padding: 12px 16px }}
.card b {{ display: block; font-size: 26px; line-height: 1.3 }}
.card span {{ display: block; font-size: 14px }}
figure {{ margin: 16px 0 }}
figcaption {{ font-size: 14px; max-width: 85ch; margin-top: 6px }}
svg.gw {{ display: block; width: 100%; height: auto }}
.narrow {{ display: none; max-width: 520px; margin: 0 auto }}
.choice {{ display: flex; flex-wrap: wrap; gap: 8px 16px; margin: 12px 0; font-size: 14px }}
.choice select {{ font: inherit; padding: 2px 6px; max-width: 24em }}
[hidden] {{ display: none !important }}
.scroll {{ overflow-x: auto; max-width: 100% }}
.tall {{ max-height: 480px; overflow-y: auto }}
table {{ border-collapse: collapse; font-size: 15px; font-variant-numeric: tabular-nums }}
caption {{ text-align: left; font-size: 14px; padding-bottom: 4px }}
th, td {{ padding: 4px 12px 4px 0; text-align: right; white-space: nowrap }}
th:first-child, td:first-child {{ text-align: left; min-width: 5em }}
th.wrap, td.wrap {{ text-align: left; white-space: normal; overflow-wrap: anywhere }}
td.wrap {{ min-width: 12em }}
.pair {{ display: flex; flex-wrap: wrap; gap: 16px 28px }}
.pair table {{ font-size: 14px }}
footer {{ margin-top: 56px; padding-top: 12px; font-size: 14px }}
@media (max-width: 640px) {{
  body {{ font-size: 15px }}
  main {{ padding: 16px 14px 48px }}
  .wide {{ display: none }}
  .narrow {{ display: block }}
  table, .pair table {{ font-size: 13.5px }}
  th, td {{ padding-right: 8px }}
}}
@media print {{
  main {{ max-width: none; padding: 0 }}
  .tall {{ max-height: none }}
  figure, tr {{ break-inside: avoid }}
  h2, h3 {{ break-after: avoid }}
}}
"""

_PAGE_COLOURS = """
body { background: $paper; color: $ink }
.kicker, figcaption, caption, .card span, footer, .muted { color: $muted }
.card { background: $panel }
.choice select { background: $paper; color: $ink; border: 1px solid $line; border-radius: 6px }
thead th { border-bottom: 1px solid $line; color: $muted; font-weight: 600 }
tbody tr { border-bottom: 1px solid $grid }
tr.lstm th, tr.lstm td { background: $shade2 }
.win { color: $good; font-weight: 700 }
.lost { color: $bad; font-weight: 700 }
footer { border-top: 1px solid $grid }
"""


def picture_css(scheme: str = "both") -> str:
    """Return the style of a picture that stands alone: "light", "dark", or "both" as preferred."""
    colours = _picture_colours()
    if scheme == "both":
        return _PICTURE + _in_both(colours)
    return _PICTURE + Template(colours).substitute(_DARK if scheme == "dark" else _LIGHT)


def widget_css() -> str:
    """Return the style of what moves around a picture in a notebook."""
    return _TIP + _in_both(_TIP_COLOURS)


def paper(scheme: str) -> str:
    """Return the colour of the paper, "light" or "dark"."""
    return (_DARK if scheme == "dark" else _LIGHT)["paper"]


def page_css() -> str:
    """Return the style of a page and of the pictures in it."""
    return _PICTURE + _PAGE + _TIP + _in_both(_picture_colours() + _PAGE_COLOURS + _TIP_COLOURS)


def _picture_colours() -> str:
    models = [_MARKS.format(n=n + 1, dash=_DASHES[n]) for n in range(MODELS)]
    layers = [_LAYER.format(n=n + 1) for n in range(LAYERS)]
    signals = [_SIGNAL.format(c=c) for c in dict.fromkeys(SIGNAL_COLOURS.values())]
    return _PICTURE_COLOURS + "".join(models + layers + signals)


def _in_both(rules: str) -> str:
    light, dark = Template(rules).substitute(_LIGHT), Template(rules).substitute(_DARK)
    return f"{light}@media screen and (prefers-color-scheme: dark) {{{dark}}}\n"
