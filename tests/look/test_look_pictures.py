"""The pictures of a network: what they show is what the network did."""

import base64
import io
import re
from dataclasses import fields, replace
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from drawings import at, drawn, of_class, of_tag, texts, told
from PIL import Image

from gatework import LSTM, RNN, look
from gatework.errors import MissingDependencyError, OptionError, OutputError
from gatework.examine import Run, run_of
from gatework.look.canvas.heat import thin_columns
from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import NARROW
from gatework.look.canvas.raster import SHADES
from gatework.look.canvas.svg import text_width
from gatework.look.pictures import PICTURES, Wanted, can_draw
from gatework.train import seeded

WAVE = np.sin(np.arange(60) / 3)
FONTS = ("DejaVu Sans", "Noto Sans", "Noto Sans CJK SC", "Liberation Sans", "Arial")
HEAT = "{http://www.w3.org/2000/svg}image"


def run(**options) -> Run:
    with seeded(0):
        return run_of(LSTM(1, options.pop("sizes", [6, 4]), **options), WAVE)


def as_text(found: Run, text: str) -> Run:
    return replace(found, text=text, labels=tuple(text), values=np.zeros((len(text), 0)), names=())


VARIANTS = {
    "plain": {},
    "peephole": {"peephole": True},
    "layer norm": {"layer_norm": True},
    "coupled": {"coupled_gates": True},
    "coupled with peepholes": {"coupled_gates": True, "peephole": True},
    "sLSTM": {"exponential_gating": True},
    "projection": {"proj_size": 3},
    "zoneout": {"zoneout_cell": 0.1, "zoneout_hidden": 0.1},
    "two directions": {"bidirectional": True},
    "learned start": {"learned_state": True},
    "all": {"peephole": True, "layer_norm": True, "proj_size": 2, "zoneout_cell": 0.1},
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_picture_of_every_variant_is_sound(variant, language) -> None:
    found = run(**VARIANTS[variant])
    for name, kind in PICTURES.items():
        if not can_draw(kind, found) or (name == "gradients" and found.network.bidirectional):
            continue
        picture = kind.draw(found, Wanted(layer=1, unit=1, language=language))
        root = drawn(picture)
        assert picture.title
        assert picture.description
        assert picture.language == {"en": "en", "zh": "zh-Hans"}[language], name
        for node in root.iter():
            for key in ("x", "cx", "x1", "x2"):
                assert -60 <= float(node.get(key, "0")) <= 1000, (name, node.attrib)


def test_the_wires_of_the_cell_carry_the_numbers_of_the_step() -> None:
    found = run()
    shown = " ".join(texts(drawn(look.cell_diagram(found, layer=1, unit=2, step=7))))
    signals = found.cell(1)
    for letter, name in (("f", "forget_gate"), ("i", "input_gate"), ("o", "output_gate")):
        assert f"{letter} = {show(signals[name][7, 2])}" in shown
    before, after = signals["cell"][6:8, 2]
    assert f"c(t-1) = {show(before)}" in shown
    assert f"c(t) = {show(after)}" in shown
    kept = signals["forget_gate"][7, 2] * before
    written = signals["input_gate"][7, 2] * signals["candidate"][7, 2]
    assert f"f·c = {show(kept)}" in shown
    assert f"i·g = {show(written)}" in shown
    assert kept + written == pytest.approx(after, rel=1e-5)


@pytest.mark.parametrize("step", [0, 5])
@pytest.mark.parametrize("options", [{}, {"peephole": True}, {"learned_state": True}])
def test_a_gate_tells_what_its_sum_is_made_of(options, step) -> None:
    found = run(**options)
    with torch.no_grad():
        for name, parameter in found.network.named_parameters():
            if "peephole" in name or "initial" in name:
                parameter.fill_(0.7)
    found = run_of(found.network, WAVE)
    root = drawn(look.cell_diagram(found, layer=1, unit=0, step=step))
    titles = [told(node) for node in of_class(root, "mark")]
    forget = next(title for title in titles if title.startswith("forget gate"))
    shares = [float(number) for number in re.findall(r"(-?[\d.]+(?:e-?\d+)?) from", forget)]
    assert len(shares) == 2 + ("peephole" in options)
    gate = found.signal(1, "forget_gate")[step, 0]
    assert sum(shares) == pytest.approx(np.log(gate / (1 - gate)), abs=0.02)


def test_the_cell_tells_what_the_input_is_in_the_data_where_it_is_scaled() -> None:
    plain = run_of(LSTM(1, [3]), np.sin(np.arange(9) / 3))
    for found, factor in ((plain, 1.0), (replace(plain, values=plain.values * 7), 7.0)):
        for step in range(1, 9):
            shown = " ".join(texts(drawn(look.cell_diagram(found, step=step))))
            assert ("In the data x(t) is" in shown) == (factor != 1.0)


def test_a_cell_without_data_has_names_and_no_numbers() -> None:
    shown = " ".join(texts(drawn(look.cell_diagram(LSTM(2, [3])))))
    assert "c(t)" in shown
    assert "=" not in shown


def test_values_can_be_read_back_from_a_heat_map() -> None:
    found = run()
    picture = look.gates_chart(found, signals=["forget_gate", "cell"], order=False)
    images = [node for node in drawn(picture).iter(HEAT) if node.get("class") == "heat"]
    assert len(images) == 2
    for image, name in zip(images, ("forget_gate", "cell"), strict=True):
        file = base64.b64decode(image.attrib["href"].split(",")[1])
        shades = np.asarray(Image.open(io.BytesIO(file)))
        assert shades.dtype == np.uint8  # a palette's numbers
        low, high = float(image.attrib["data-low"]), float(image.attrib["data-high"])
        values = low + shades / (SHADES - 1) * (high - low)
        expected = found.signal(0, name).T
        np.testing.assert_allclose(values, expected, atol=(high - low) / (SHADES - 1))
        exact = np.frombuffer(base64.b64decode(image.attrib["data-values"]), np.float32)
        np.testing.assert_array_equal(exact, expected.astype(np.float32).ravel())


def test_a_byte_beside_each_shade_tells_four_digits() -> None:
    found = run()
    picture = look.gates_chart(found, signals=["cell"], order=False, exact=False)
    (image,) = [node for node in drawn(picture).iter(HEAT) if node.get("class") == "heat"]
    assert "data-values" not in image.attrib
    file = base64.b64decode(image.attrib["href"].split(",")[1])
    shades = np.asarray(Image.open(io.BytesIO(file))).astype(float)
    rest = np.frombuffer(base64.b64decode(image.attrib["data-rest"]), np.uint8)
    low, high = float(image.attrib["data-low"]), float(image.attrib["data-high"])
    share = (shades + rest.reshape(shades.shape) / 255 - 0.5) / (SHADES - 1)
    expected = found.signal(0, "cell").T
    np.testing.assert_allclose(low + share * (high - low), expected, atol=(high - low) / 1e5)


def test_zoom_shows_only_what_is_asked_for() -> None:
    found = run()
    picture = look.gates_chart(found, signals=["cell"], units=[4, 1], first=10, last=20)
    (image,) = [node for node in drawn(picture).iter(HEAT) if node.get("class") == "heat"]
    assert image.attrib["data-names"].split("\n") == ["unit 4", "unit 1"]
    assert image.attrib["data-labels"].split("\n") == [str(n) for n in range(10, 20)]
    refused: list[dict[str, Any]] = [
        {"units": [6]},
        {"first": 20, "last": 20},
        {"last": 61},
        {"signals": ["cel"]},
    ]
    for wrong in refused:
        with pytest.raises(OptionError):
            look.gates_chart(found, **wrong)


def test_thinning_keeps_the_extremes() -> None:
    values = np.zeros((2, 5000))
    values[0, 1234], values[1, 4321] = 7.0, -7.0
    kept = thin_columns(values, 100)
    assert kept.shape == (2, 100)
    assert kept[0].max() == 7.0
    assert kept[1].min() == -7.0


def test_a_page_about_a_large_network_stays_small() -> None:
    with seeded(0):
        large = LSTM(2, [64, 64, 64])
    x = np.random.default_rng(1).normal(size=(180, 2))
    assert len(look.explain_report(run_of(large, x))) < 1_000_000


def test_a_page_offers_the_gates_and_cells_of_both_directions() -> None:
    page = look.explain_report(run(bidirectional=True))
    for offered in ("layer 2 (forward)", "layer 2 (reverse)", "layer 2 (reverse), unit 0"):
        assert f">{offered}</option>" in page


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "two directions"])
def test_on_a_phone_no_text_is_cut_at_the_edge(variant, language) -> None:
    found = run(**VARIANTS[variant])
    many = np.tile(WAVE[:, None], 5)
    found = replace(found, values=many, names=tuple(f"a signal named {n}" for n in range(5)))
    for name, kind in PICTURES.items():
        if name in ("film", "text"):
            continue
        wanted = Wanted(layer=1, unit=1, language=language, width=NARROW)
        for one in of_tag(drawn(kind.draw(found, wanted)), "text"):
            said, classes = "".join(one.itertext()), one.get("class", "").split()
            size = 11 if "small" in classes else 14 if "large" in classes else 12
            wide = text_width(said, size)
            start = float(one.get("x", "0")) - wide * ("end" in classes or 0.5 * ("mid" in classes))
            assert -2 <= start <= NARROW + 12 - wide, (name, said)


def test_the_unrolled_network_has_a_box_for_each_layer_and_step() -> None:
    found = run(sizes=[4, 3, 2])
    root = drawn(look.unrolled_diagram(found, first=3, steps=4))
    assert len(of_class(root, "block")) == 12
    assert show(float(WAVE[3])) in texts(root)
    assert len(of_class(drawn(look.unrolled_diagram(found, first=58)), "block")) == 6
    refused: list[dict[str, Any]] = [{"first": 60}, {"steps": 0}]
    for wrong in refused:
        with pytest.raises(OptionError):
            look.unrolled_diagram(found, **wrong)


def test_gradients_beside_a_plain_network_and_their_fate_in_words() -> None:
    found = run()
    picture = look.gradients_chart(found)
    assert "A plain RNN of the same sizes" in picture.description
    assert len(of_class(drawn(picture), "line", "mark")) == 4
    with pytest.raises(OptionError, match="same sequence"):
        look.gradients_chart(found, plain=run_of(RNN(1, [3]), WAVE[:20]))


def test_saturation_lists_what_is_stuck() -> None:
    found = run()
    with torch.no_grad():
        found.network.grid()[0][0].bias[18:20] = -30.0
    found = run_of(found.network, WAVE)
    picture = look.saturation_chart(found)
    assert "layer 1: output gate stuck closed: 0, 1" in picture.description
    assert "No unit is dead or stuck." in texts(drawn(look.saturation_chart(run())))
    assert "dead units, whose hidden state hardly changes: 0, 1" in picture.description


def test_a_text_is_coloured_and_alike_moments_are_framed() -> None:
    text = ("ab cd\n" * 10)[:60]
    found = as_text(run(), text)
    root = drawn(look.text_chart(found, unit=3, like=(6, 9)))
    assert len(of_class(root, "mark")) == 60
    assert len(of_class(root, "frame")) >= 6
    assert len(of_class(root, "frame", "asked")) == 1
    asked = PICTURES["text"].draw(found, Wanted(unit=3, like="d\nab"))
    assert "Where the unit does as at “d⏎ab”:" in texts(drawn(asked))
    with pytest.raises(OptionError, match="'abc' does not stand in the text"):
        PICTURES["text"].draw(found, Wanted(like="abc"))
    with pytest.raises(OptionError, match="over no text"):
        look.text_chart(run())
    with pytest.raises(OptionError, match="no unit 9"):
        look.text_chart(found, unit=9)


def test_pieces_of_a_text_of_broad_letters_do_not_overlap() -> None:
    steps = 200
    found = as_text(run_of(LSTM(1, [3]), np.zeros((steps, 1))), "春眠不觉晓" * (steps // 5))
    pieces = of_class(drawn(look.gates_chart(found)), "small", "mono")
    ends = [at(piece, "x") + text_width(piece.text or "", 11) for piece in pieces]
    assert len(ends) > 10
    assert ends[-1] < 920 - 12, "the last one ends with the steps"
    assert all(end < at(after, "x") for end, after in zip(ends, pieces[1:], strict=False))


def test_attribution_bars_are_the_shares() -> None:
    found = run()
    found = replace(found, results=("one", "two ahead"))
    picture = look.attribution_chart(found, step=20, result=1)
    assert "“two ahead”" in picture.description, "spaces are marked in texts alone"
    bars = [n for n in of_tag(drawn(picture), "rect") if "mark" in (n.get("class") or "")]
    assert len(bars) == 60
    assert "The strongest step is" in picture.description


class Noted(Wanted):
    """What is wanted of a picture, noting what the picture asks for."""

    asked: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> object:
        Noted.asked.add(name)
        return super().__getattribute__(name)


@pytest.mark.parametrize("name", [name for name, kind in PICTURES.items() if kind.needs != "film"])
def test_a_picture_takes_what_it_says(name) -> None:
    found = as_text(run(), "ab" * 30)
    assert can_draw(PICTURES[name], found)
    Noted.asked.clear()
    PICTURES[name].draw(found, Noted())
    wishes = {field.name for field in fields(Wanted)} - {"width", "language"}
    assert Noted.asked & wishes == {*PICTURES[name].takes}


def test_names_that_are_markup_stay_text() -> None:
    evil = '<script>alert("x")</script>'
    found = run_of(LSTM(2, [3]), np.zeros((8, 2)), names=[evil, "b"], labels=[evil] * 8)
    for kind in PICTURES.values():
        if can_draw(kind, found):
            assert "<script" not in kind.draw(found, Wanted()).svg()
    page = look.explain_report(replace(found, title=evil))
    assert page.count("<script") == 1  # our own


def test_one_step_is_said_as_one() -> None:
    found = replace(run(), season=1, values=np.zeros((60, 0)), names=())
    short = look.gradients_chart(run_of(LSTM(1, [3]), WAVE[:2]))
    assert "left after 1 step." in short.description
    many = look.gradients_chart(found)
    assert re.search(r"after \d+ steps\.", many.description)


def test_a_long_name_of_the_only_series_is_written_in_full() -> None:
    name = "failures a week of the twentieth system, all kinds"
    found = run_of(LSTM(1, [3]), WAVE, names=[name])
    assert name in texts(drawn(look.gates_chart(found)))


def test_a_png_whose_letters_no_font_has_is_told(monkeypatch, tmp_path) -> None:
    from gatework.look.canvas import png

    picture = look.structure_diagram(LSTM(1, [4]), language="zh")
    monkeypatch.setattr(png, "_has_font_for", lambda letter, fonts: letter in "A门")
    with pytest.warns(UserWarning, match="no font of this system has the letter '网'"):
        picture.save(tmp_path / "a.png")
    look.structure_diagram(LSTM(1, [4])).save(tmp_path / "b.png")  # no such letter, no warning


@pytest.mark.parametrize("letter", ["A", "第"])
def test_a_font_that_is_there_is_found_by_its_name(letter) -> None:
    from resvg_py import svg_to_bytes

    from gatework.look.canvas.png import _has_font_for

    def drawn_by(font: str) -> bytes:
        head = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
        letters = f'<text y="16" font-family="{font}">{letter}</text></svg>'
        return bytes(svg_to_bytes(svg_string=head + letters))

    nothing = drawn_by("no such font")
    there = [font for font in FONTS if drawn_by(font) != nothing]
    if not there:
        pytest.skip(f"none of {', '.join(FONTS)} is installed")
    assert not _has_font_for(letter, "no such font")
    has = {"A": there, "第": [font for font in there if "CJK" in font]}[letter]
    assert all(_has_font_for(letter, font) for font in has)


def test_a_language_that_is_not_spoken_is_refused() -> None:
    with pytest.raises(OptionError, match="language must be one of 'en', 'zh', got 'fr'"):
        look.structure_diagram(LSTM(1, 2), language="fr")


def test_saving_in_every_format_and_losing_nothing(tmp_path) -> None:
    picture = look.structure_diagram(LSTM(1, [128, 64, 32]))
    svg = picture.save(tmp_path / "a.svg").read_text()
    assert svg.startswith("<svg")
    assert ' lang="en"' in svg[: svg.index(">")]
    page = picture.save(tmp_path / "a.html").read_text()
    assert '<html lang="en">' in page
    assert "script-src &#39;sha256-" in page
    light = picture.save(tmp_path / "a.png").read_bytes()
    dark = picture.save(tmp_path / "b.png", dark=True, scale=1).read_bytes()
    assert light.startswith(b"\x89PNG")
    assert dark.startswith(b"\x89PNG")
    assert len(light) > len(dark)
    with pytest.raises(OutputError, match="exists"):
        picture.save(tmp_path / "a.png")
    with pytest.raises(OptionError, match=r"must end in \.svg, \.png, \.html"):
        picture.save(tmp_path / "a.pdf")
    with pytest.raises(OptionError, match="scale must be"):
        picture.save(tmp_path / "c.png", scale=0)


def test_a_missing_package_is_named(tmp_path, monkeypatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(MissingDependencyError, match="needs the package resvg-py"):
        look.structure_diagram(LSTM(1, 2)).save(tmp_path / "a.png")


def test_a_widget_holds_picture_and_module() -> None:
    widget = look.structure_diagram(LSTM(1, 2)).widget()
    assert widget.svg.startswith("<svg")
    assert "export function bring" in widget._esm
    assert "body {" not in widget._css


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_are_told_in_chinese(variant) -> None:
    found = run(**VARIANTS[variant])
    for picture in (
        look.structure_diagram(found, language="zh"),
        look.cell_diagram(found, language="zh"),
    ):
        told = " ".join(texts(drawn(picture))) + picture.description
        left = set(re.findall(r"[A-Za-z]{3,}", told))
        assert left <= {"LSTM", "sLSTM", "Zoneout", "tanh", "exp"}
