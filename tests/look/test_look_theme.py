"""Every colour can be seen on its ground, in light and in dark."""

import re

import pytest

from gatework.look.canvas.svg import escape
from gatework.look.canvas.theme import _DARK, _LIGHT, page_css, picture_css


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [_LIGHT, _DARK], ids=["light", "dark"])
def test_text_and_marks_stand_out_from_their_ground(theme):
    for name in ("ink", "muted", "lstm", "good", "bad", "drop", "m1", "m2", "m3", "m4", "m5"):
        assert contrast(theme[name], theme["paper"]) >= 4.5, name
    for name in ("ink", "muted", "lstm", "good", "bad"):
        assert contrast(theme[name], theme["shade2"]) >= 4.5, name
    for name in ("k1", "k2", "k3", "k4"):
        assert contrast(theme[name], theme["shade"]) >= 3, name
    assert contrast(theme["ink"], theme["lstmpale"]) >= 7
    assert contrast(theme["ink"], theme["head"]) >= 7


def test_both_themes_set_the_same_colours():
    assert _LIGHT.keys() == _DARK.keys()


@pytest.mark.parametrize("css", [page_css(), picture_css()], ids=["page", "picture"])
def test_the_style_needs_no_escaping_and_asks_for_nothing(css):
    assert escape(css) == css
    assert "$" not in css
    assert css.count("{") == css.count("}")
    assert not re.search(r"url|@import|http", css)
    assert "@media screen and (prefers-color-scheme: dark)" in css
