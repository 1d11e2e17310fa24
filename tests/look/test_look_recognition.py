"""The report of an evaluation: its charts say what the numbers are, and it is one harmless page."""

import base64
import io
import re

import numpy as np
import pytest
from drawings import at, drawn, of_class, of_tag, texts, told
from PIL import Image

from gatework.look.charts.recognition import (
    calibration_chart,
    confusion_chart,
    mistakes_chart,
    transcripts_chart,
)
from gatework.look.charts.thumbnail import thumbnail
from gatework.look.report.recognize import recognition_report
from gatework.recognize import Sequences
from gatework.recognize.evaluation import Evaluation
from gatework.recognize.evaluations import Numeric, Transcribed
from gatework.recognize.features.characters import Characters
from gatework.recognize.features.images import Rows
from gatework.recognize.features.sound import LogMel

NASTY = '</title><script>alert(1)</script><img src=x> & "x"'


def evaluation(count: int = 60, classes: int = 4, names: tuple[str, ...] = ()) -> Evaluation:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, classes, count)
    logits = draw.normal(size=(count, classes)) + 2.5 * np.eye(classes)[truth]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    known = names or tuple(f"class {n}" for n in range(classes))
    return Evaluation(known, tuple(f"f/{n}.png" for n in range(count)), truth, probabilities)


def pictures(count: int = 60) -> Sequences:
    draw = np.random.default_rng(1)
    contents = tuple(draw.integers(0, 256, (6, 5)).astype(np.uint8) for _ in range(count))
    rows = Rows(height=6, width=5)
    names = tuple(f"f/{n}.png" for n in range(count))
    return Sequences(tuple(map(rows, contents)), names, None, "image", rows, contents)


def pixels(image) -> np.ndarray:
    """Return the pixels of an image in a picture."""
    data = image.get("href").removeprefix("data:image/png;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


def test_names_of_broad_letters_stay_in_their_room() -> None:
    broad = {"W": 0.99, "m": 0.98, "@": 1.0, "<": 0.84}  # widths in DejaVu Sans
    names = tuple(letter * 20 for letter in broad)
    found = evaluation(names=names)
    ends = of_class(drawn(confusion_chart(found)), "end")
    labels = [(node.text or " ", float(node.get("x", 0))) for node in ends]
    labels = [(name, right) for name, right in labels if name[0] in broad]
    assert len(labels) == 4
    for name, right in labels:
        assert 12 * (len(name) - 1) * broad[name[0]] < right
    said = texts(drawn(mistakes_chart(found, pictures())))
    taken = [words.split()[-1].rstrip("…") for words in said if words.startswith("taken for ")]
    assert taken
    for name in taken:
        assert 12 * (5 + len(name) * broad[name[0]]) < 920 / 6


@pytest.mark.parametrize("width", [920, 380])
def test_the_matrix_tells_every_count(width) -> None:
    found = evaluation()
    root = drawn(confusion_chart(found, width=width))
    said = [told(mark) for mark in of_class(root, "mark")]
    counts = [int(re.findall(r": (\d+) ", words)[0]) for words in said]
    assert counts == found.confusion.ravel().tolist()
    written = [int(words) for words in texts(root) if words.isdigit()]
    assert written == [count for count in counts if count]
    assert len(of_class(root, "unit")) == 4
    assert len(of_class(root, "fg")) == np.count_nonzero(found.confusion) - 4


def test_a_matrix_of_very_many_classes_is_an_image() -> None:
    found = evaluation(400, 40)
    root = drawn(confusion_chart(found, width=920))
    (image,) = of_tag(root, "image")
    assert pixels(image).shape == (40, 40, 3)
    assert not of_class(root, "mark")


def test_calibration_is_drawn_where_it_is() -> None:
    found = evaluation(500)
    root = drawn(calibration_chart(found, width=920))
    dots = of_tag(root, "circle")
    assert len(dots) == len(found.bins)
    (line,) = of_class(root, "cut")
    left, right = at(line, "x1"), at(line, "x2")
    bottom, top = at(line, "y1"), at(line, "y2")
    for dot, part in zip(dots, found.bins, strict=True):
        assert (at(dot, "cx") - left) / (right - left) == pytest.approx(part.claimed, abs=1e-3)
        assert (at(dot, "cy") - bottom) / (top - bottom) == pytest.approx(part.right, abs=1e-3)


@pytest.mark.parametrize("width", [920, 380])
def test_the_worst_mistakes_are_shown_as_they_were_read(width) -> None:
    found, sequences = evaluation(), pictures()
    root = drawn(mistakes_chart(found, sequences, most=5, width=width))
    images = of_tag(root, "image")
    assert len(images) == 5
    for image, row in zip(images, found.worst(5), strict=True):
        assert np.array_equal(pixels(image)[:, :, 0], sequences.content(row))
        assert at(image, "width") / at(image, "height") == pytest.approx(5 / 6, abs=1e-2)
        assert 0 <= at(image, "x") <= width - at(image, "width")
        assert f"f/{row}.png" in texts(root)


def test_colours_are_kept() -> None:
    rows = Rows(height=2, width=3, colour=True)
    content = np.random.default_rng(0).integers(0, 256, (2, 3, 3)).astype(np.uint8)
    one = Sequences((rows(content),), ("a",), None, "image", rows, (content,))
    image = thumbnail(one, 0, 0, 0, 100, 100)
    shown = re.findall(r'base64,([^"]+)', str(image))[0]
    found = np.asarray(Image.open(io.BytesIO(base64.b64decode(shown))))
    assert np.array_equal(found, content)


def test_sound_is_a_spectrogram_with_its_tone_where_it_sounds() -> None:
    made = LogMel(rate=8000)
    tones = [np.sin(2 * np.pi * pitch * np.arange(4000) / 8000) for pitch in (400.0, 3000.0)]
    sounds = [tone.astype(np.float32) for tone in tones]
    both = Sequences(tuple(map(made, sounds)), ("a", "b"), None, "sound", made, tuple(sounds))
    rows = []
    for place in range(2):
        shown = re.findall(r'base64,([^"]+)', str(thumbnail(both, place, 0, 0, 100, 100)))[0]
        image = Image.open(io.BytesIO(base64.b64decode(shown)))
        rows.append(np.asarray(image, np.int64).mean(axis=1).argmax())
    assert 0 <= rows[1] < 10 < 25 < rows[0]  # low pitches at the bottom


def test_texts_and_curves_stay_in_their_box() -> None:
    made = Characters("ab ")
    words = "abba " * 300
    text = Sequences((made(words),), ("a",), None, "text", made, (words,))
    curve = Sequences((np.random.default_rng(0).normal(size=(900, 9)),), ("a",))
    lines = re.findall(r' y="([\d.]+)"', str(thumbnail(text, 0, 10, 10, 100, 60)))
    assert 1 < len(lines) <= 4
    drawn_curves = str(thumbnail(curve, 0, 10, 10, 100, 60))
    places = [tuple(map(float, pair)) for pair in re.findall(r"[ML](\S+?) ([\d.]+)", drawn_curves)]
    assert drawn_curves.count("<path") == 6
    assert all(10 <= x <= 110 and 10 <= y <= 70 for x, y in places)


def test_transcripts_stand_beside_what_was_heard() -> None:
    heard = ("12", "", "5"), ("12", "34", "6")
    found = Transcribed(("f/0.png", "f/1.png", "f/2.png"), heard[1], heard[0])
    root = drawn(transcripts_chart(found, pictures(3), width=920))
    said = texts(root)
    assert said == [
        *("true", "34", "heard", "nothing", "f/1.png"),
        *("true", "6", "heard", "5", "f/2.png"),
    ]


@pytest.mark.parametrize("kind", ["classes", "steps", "transcripts", "numbers", "perfect"])
def test_the_report_is_one_harmless_page(kind) -> None:
    names = (NASTY, "b", "c", "d")
    found = evaluation(names=names)
    sequences = pictures()
    if kind == "steps":
        sequences = Sequences((np.zeros((60, 1)),), (NASTY,))
    elif kind == "transcripts":
        found = Transcribed(sequences.names, (NASTY,) * 60, ("x",) * 60)
    elif kind == "numbers":
        found = Numeric(sequences.names, np.arange(60.0), np.arange(60.0) * 1.5)
    elif kind == "perfect":
        found = Evaluation(names, found.names, found.truth, np.eye(4)[found.truth])
    page = recognition_report(found, sequences, model=NASTY, data=NASTY)
    assert "<script>alert" not in page
    assert "<img" not in page
    assert page.count("<script") == 1  # the drawing module, allowed by its digest
    assert not re.search(r'="[^"]*\b(nan|inf)\b', page)
    assert not re.search(r'(?:href|src)="(?!data:image/png|#)', page)
    assert {
        "classes": "the surest mistake first",
        "steps": f"of {len(found.names)} steps",
        "transcripts": "edits over",
        "numbers": "<td>59.00</td><td>88.50</td>",
        "perfect": "everything was recognised",
    }[kind] in page


def test_what_was_done_to_the_data_is_in_the_report() -> None:
    whole = pictures()
    said = "3 pictures: scaled to the size of the features"
    sequences = Sequences(whole.values, whole.names, None, "image", None, None, (said,))
    page = recognition_report(evaluation(), sequences, model="m", data="d")
    assert said in page
