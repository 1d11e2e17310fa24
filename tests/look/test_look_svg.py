"""Elements escape whatever they hold, and coordinates are short and finite."""

import math
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatework.look.canvas.picture import Picture
from gatework.look.canvas.svg import (
    Element,
    escape,
    number,
    path_data,
    shorten,
    text_width,
    wrap,
)
from gatework.system.terminal import ISOLATED
from gatework.system.terminal import shown as unseen_written_out

ANY_TEXT = st.text(st.characters(exclude_categories=()))


class Reader(HTMLParser):
    """Collects what a browser would see: text, and the elements in it."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text, self.tags = "", []

    def handle_data(self, data):
        self.text += data

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@given(ANY_TEXT)
def test_any_text_comes_back_as_text_from_xml(value):
    shown = ElementTree.fromstring(str(Element("p", value, lang=value)))
    assert len(shown) == 0
    text = shown.text or ""
    assert unseen_written_out(text, keep="".join(ISOLATED)) == text
    assert shown.get("lang") == (shown.text or "")


@given(ANY_TEXT)
def test_any_text_comes_back_as_text_from_html(value):
    reader = Reader()
    reader.feed(str(Element("p", value, title=value)))
    reader.close()
    assert [tag for tag, _ in reader.tags] == ["p"]
    assert reader.text == reader.tags[0][1]["title"]


@pytest.mark.parametrize("text", ["\x00", "\x1b", "\x7f", "\x85", "\ud800", "\u202e"])
def test_what_nobody_sees_is_written_out(text):
    assert escape(f"a{text}b") == f"a\\u{ord(text):04x}b"
    assert escape("a\ufffeb") == "a\ufffdb"
    assert shorten("a\x1bb", 200) == "a\\u001bb"


def test_markup_stays_text():
    assert str(Element("b", "</b><script>alert(1)</script>")) == (
        "<b>&lt;/b&gt;&lt;script&gt;alert(1)&lt;/script&gt;</b>"
    )
    assert str(Element("a", title="\" onload='x'\n")) == (
        '<a title="&quot; onload=&#39;x&#39;&#10;"></a>'
    )


def test_attributes_are_written_as_svg_names_them():
    element = Element("rect", class_="a", stroke_width=2, x=0.1 + 0.2, hidden=True, id=None)
    assert str(element) == '<rect class="a" stroke-width="2" x="0.3" hidden="hidden"/>'


def test_elements_that_html_never_closes_itself_are_closed():
    assert str(Element("td")) == "<td></td>"
    assert str(Element("g", Element("br"))) == "<g><br/></g>"


@given(st.floats(-1e6, 1e6))
def test_coordinates_keep_two_decimals_at_most(value):
    text = number(value)
    assert abs(float(text) - value) <= 0.0051
    assert text != "-0"
    assert len(text.partition(".")[2]) <= 2


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_coordinate_that_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="must be finite"):
        number(value)


def test_a_path_lifts_the_pen_at_a_gap():
    assert path_data([None, (1, 2), None, None, (3, 4), (5, 6)]) == "M1 2M3 4L5 6"


@given(st.text(min_size=1), st.floats(20, 500))
def test_shortened_text_fits(text, width):
    assert text_width(shorten(text, width)) <= max(width, text_width("W…"), 24.1)


def test_wrapped_words_fit_and_none_is_lost():
    words = ["peephole", "layer norm", "coupled gates", "zoneout 10%"]
    lines = wrap(words, 150)
    assert ", ".join(words) == " ".join(lines)
    assert all(text_width(line) <= 160 for line in lines)


def test_a_picture_stands_alone_with_title_description_and_both_themes():
    picture = Picture("A <title>", "What & why", 100, 50, (Element("line", x1=0, x2=9),))
    root = ElementTree.fromstring(str(picture))
    svg = "{http://www.w3.org/2000/svg}"
    title, description = root.find(f"{svg}title"), root.find(f"{svg}desc")
    assert title is not None
    assert description is not None
    assert (title.text, description.text) == ("A <title>", "What & why")
    assert root.get("viewBox") == "-16 -16 132 82"  # with a margin, for it stands alone
    assert picture.element.attributes["viewBox"] == "0 0 100 50"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    style = root.find(f"{svg}style")
    assert style is not None
    assert "prefers-color-scheme: dark" in (style.text or "")
    assert root.findall(f"{svg}line")
    assert picture._repr_svg_() == str(picture)
    assert "<style" not in str(picture.element)  # a page has the style once
