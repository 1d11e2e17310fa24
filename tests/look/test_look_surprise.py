"""The picture of a text's surprise: every piece is there, on the colour of its bits."""

import re

import numpy as np
import pytest
from drawings import at, drawn, of_class, of_tag, points, texts, told, y_reader

from gatework.errors import OptionError
from gatework.look.canvas.raster import SEQUENTIAL, SHADES, palette
from gatework.look.charts.surprise import surprise_chart
from gatework.write.scoring import Judged, Score
from gatework.write.vocabulary import Vocabulary


def score_of(text, bits, vocabulary=None, *, end=False):
    vocabulary = vocabulary or Vocabulary.of([text.replace("?", "")])
    tokens = np.concatenate([vocabulary.encode(text), [0] * end]).astype(np.int64)
    logs = -np.log(2) * np.resize(np.asarray(bits, float), len(tokens))
    other = np.full(len(tokens), 2)
    return Score(vocabulary, text, Judged(tokens, logs, other, other, logs))


def boxes(root):
    return of_class(root, "mark")


def fill(box):
    (rect,) = of_tag(box, "rect")
    return tuple(int(part) for part in re.findall(r"\d+", rect.get("fill", "")))


def test_every_character_stands_in_order_on_the_colour_of_its_bits():
    bits = [0, 1, 2, 3, 4, 4, 9]
    root = drawn(surprise_chart(score_of("abc\nde", bits, end=True)))
    assert "".join(box.findtext("{*}text") or "" for box in boxes(root)) == "abc⏎de∎"
    table = palette(SEQUENTIAL)
    # The colours end at 10, the even number that 98 in 100 values stay below.
    expected = [tuple(table[round(bit / 10 * (SHADES - 1))].tolist()) for bit in bits]
    assert [fill(box) for box in boxes(root)] == expected
    assert told(boxes(root)[2]).startswith("“c”: 2.00 bits\nrank 2; otherwise likeliest: “")
    assert {"0", "5", "10"} <= set(texts(root))


def test_letters_are_dark_on_light_and_light_on_dark():
    root = drawn(surprise_chart(score_of("ab", [0, 8])))
    dark, light = boxes(root)
    assert (len(of_class(dark, "ondark")), len(of_class(light, "onlight"))) == (1, 1)


def test_each_line_has_its_mean():
    root = drawn(surprise_chart(score_of("ab\ncd", [1, 2, 3, 6, 7])))
    means = of_class(root, "line-mean")
    assert [mean.text for mean in means] == ["2.0", "6.5"]
    bars = of_class(root, "unit")
    assert at(bars[1], "width") / at(bars[0], "width") == pytest.approx(3.25, abs=0.01)
    tops = [at(of_tag(box, "rect")[0], "y") for box in boxes(root)]
    assert tops[:3] == [tops[0]] * 3
    assert tops[3] == tops[4] > tops[0]


def test_a_long_text_has_a_curve_whose_mean_is_that_of_the_text():
    bits = np.where(np.arange(600) < 300, 2.0, 6.0)
    root = drawn(surprise_chart(score_of("abcdef" * 100, bits)))
    (curve,) = (node for node in of_class(root, "lstm") if node.get("d"))
    value = y_reader(root)
    heights = [value(y) for _, y in points(curve)]
    assert heights[0] == pytest.approx(2, abs=0.03)
    assert heights[-1] == pytest.approx(6, abs=0.03)
    (mean,) = of_class(root, "cut")
    assert value(at(mean, "y1")) == pytest.approx(4, abs=0.03)
    assert "bits, mean of 10 characters; dashed: of all" in texts(root)
    assert not of_class(drawn(surprise_chart(score_of("abc", [1]))), "cut")


def test_lines_break_between_words_and_stay_within_the_picture():
    text = "the quick brown fox jumps over the lazy dog " * 3 + "#" * 200 + "春眠不觉晓" * 20
    root = drawn(surprise_chart(score_of(text, [1, 4]), width=500))
    found: dict[float, str] = {}
    for box in boxes(root):
        (rect,) = of_tag(box, "rect")
        assert at(rect, "x") + at(rect, "width") <= 350.01
        found[at(rect, "y")] = found.get(at(rect, "y"), "") + (box.findtext("{*}text") or "")
    lines = list(found.values())
    assert "".join(lines) == text.replace(" ", "·")
    spaced = [line for line in lines if "·" in line]
    assert len(spaced) >= 3
    assert all(line.endswith("·") for line in spaced)
    # A word longer than a line is cut where the line is full.
    assert len({len(line) for line in lines if set(line) == {"#"}}) == 1
    assert any("#" in line and "春" in line for line in lines)


def test_words_and_bytes_are_drawn_whole():
    vocabulary = Vocabulary.of(["to be or not"], "word")
    root = drawn(surprise_chart(score_of("to be, or 春", [1, 2, 3, 4, 5], vocabulary)))
    shown = [box.findtext("{*}text") for box in boxes(root)]
    assert shown == ["to", "·be", ",", "·or", "·春"]
    underlined = [
        node.text for node in of_tag(root, "text") if node.get("text-decoration") == "underline"
    ]
    assert underlined == [",", "·春"]
    assert "Underlined: not in the vocabulary, 2 of 5." in texts(root)
    assert "Surprise of each word" in texts(root)
    root = drawn(surprise_chart(score_of("é春", [1, 2, 1, 1, 2], Vocabulary("bytes"))))
    assert [told(box) for box in boxes(root)] == ["“é”: 3.00 bits", "“春”: 4.00 bits"]


def test_what_was_held_impossible_is_told_and_in_no_mean():
    root = drawn(surprise_chart(score_of("abab" * 50, [2, np.inf, 2, 2])))
    assert told(boxes(root)[1]).startswith("“b”: ∞ bits")
    assert {mean.text for mean in of_class(root, "line-mean")} == {"2.0"}
    assert "50 were held to be impossible; no mean counts them." in texts(root)
    nothing = drawn(surprise_chart(score_of("abab" * 50, [np.inf])))
    assert not of_class(nothing, "line-mean")
    assert len(boxes(nothing)) == 200


def test_of_a_very_long_text_a_part_is_drawn():
    score = score_of("ab" * 3000, [1, 3])
    root = drawn(surprise_chart(score, first=1000))
    assert len(boxes(root)) == 4000
    assert "Drawn are 1,001 to 5,000 of 6,000." in texts(root)


def test_it_speaks_chinese():
    root = drawn(surprise_chart(score_of("ab?" * 60, [1, 3, np.inf], end=True), language="zh"))
    said = "".join(one for one in texts(root) if one not in {"a", "b", "?"})
    assert not re.search("[a-zA-Z]", said)
    assert told(boxes(root)[0]).startswith("“a”：1.00 比特")


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(OptionError, match="the text is empty"):
        surprise_chart(score_of("", [], Vocabulary("bytes")))
    with pytest.raises(OptionError, match="first must be from 0 to 2, the last of the text, got 3"):
        surprise_chart(score_of("abc", [1]), first=3)
    with pytest.raises(OptionError, match="language must be one of"):
        surprise_chart(score_of("abc", [1]), language="de")


def test_markup_in_a_text_stays_text():
    assert "<script" not in surprise_chart(score_of("<script>", [1])).svg()
