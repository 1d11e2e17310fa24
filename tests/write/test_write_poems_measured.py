"""Forms with measured lines: haiku and sonnets, for alphabets, kana and Chinese."""

import numpy as np
import pytest

from gatework.errors import DataError, OptionError
from gatework.write.poems import MemorizationIndex, check_poem, load_forms, write_poems
from gatework.write.poems.syllables import syllables
from gatework.write.vocabulary import Vocabulary
from write.poem_model import ALL, PoemModel

PROSE = (
    "Shall I compare thee to a summer's day?\nThou art more lovely, and more temperate:\n"
    "Rough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date.\n"
)
KANA = "ふるいけやかわずとびこむみずのおと、なつくさやつわものどもがゆめのあと。\n"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("春眠不觉晓", 5),
        ("しゃしん", 3),
        ("ファミリー", 4),
        ("time", 1),
        ("loved wanted walked", 4),
        ("little table", 4),
        ("the roses", 3),
        ("day's don't", 2),
        ("hmm", 1),
        ("été", 2),
        ("Тихий Дон", 3),
        ("a-b 7!", 2),
        ("", 0),
    ],
)
def test_syllables(text, count):
    assert syllables(text) == count


@pytest.mark.parametrize("level", ["char", "word"])
@pytest.mark.parametrize("form", ["haiku", "sonnet"])
def test_lines_have_their_measure(level, form):
    poems = write_poems(PoemModel([PROSE], level), form, count=8, seed=1, temperature=1.0)
    for poem in poems:
        assert check_poem(poem.text, form) == [], poem.text
        assert all(line == line.strip() and line[0].isalpha() for line in poem.lines)
        assert "  " not in poem.text
        assert poem.pattern == ""
        assert poem.rhymes == {}
        assert poem.log_probability < 0
    assert len({poem.text for poem in poems}) == 8
    assert (
        write_poems(PoemModel([PROSE], level), form, count=2, seed=1, temperature=1.0)
        == (poems[:2])
    )


def test_words_are_whole_where_words_are_drawn():
    words = set(Vocabulary.of([PROSE], "word").tokens)
    (poem,) = write_poems(PoemModel([PROSE], "word"), "sonnet")
    for line in poem.lines:
        pieces = [piece.strip(",.:?") for piece in line.split()]
        assert all({piece, " " + piece, ""} & words for piece in pieces)


def test_what_is_not_kept_is_said():
    (sonnet,) = write_poems(PoemModel([PROSE], "word"), "sonnet")
    assert sonnet.notes == (
        "the rhyme scheme ababcdcdefefgg is not kept: there is no table of rhymes for this text",
    )
    (haiku,) = write_poems(PoemModel([PROSE]), "haiku")
    assert haiku.notes == ("syllables of words are estimated by their vowels",)


@pytest.mark.parametrize("texts", [[KANA], ALL, [text.replace("，", "") for text in ALL]])
def test_a_haiku_of_kana_or_chinese_counts_exactly(texts):
    for poem in write_poems(PoemModel(texts), "haiku", count=10):
        assert [len(line) for line in poem.lines] == [5, 7, 5]
        assert poem.text == "\n".join(poem.lines)
        assert poem.notes == ()
        assert all(sign.isalpha() for line in poem.lines for sign in line)


def test_a_model_that_never_stops_breaks_a_word_and_says_so(tmp_path):
    path = tmp_path / "short.toml"
    path.write_text("[short]\nlines = 2\nlength = [4, 9]\n", "utf-8")
    form = load_forms(path)["short"]
    model = PoemModel(["ab cd\n"])
    index = model.vocabulary.index
    model._logs[:, [index[" "], index["\n"]]] = -60.0
    (poem,) = write_poems(model, form)
    assert [len(line) for line in poem.lines] == [9, 9]
    assert not poem.whole
    assert poem.notes == (
        "a line breaks a word, for it would be too long",
        "written again 4 times: the first broke a word at the end of a line",
    )
    model._logs[:, index[" "]] = 0.0
    (poem,) = write_poems(model, form)
    assert poem.whole
    assert poem.notes == ()


def test_memorization_is_looked_up_here_as_well():
    (poem,) = write_poems(PoemModel([PROSE]), "haiku", memorization=MemorizationIndex.of([PROSE]))
    assert poem.copied is not None
    assert poem.new


@pytest.mark.parametrize(
    "options",
    [
        {"acrostic": "abc"},
        {"first_line": "a"},
        {"theme": ["a"]},
        {"rhyme": "modern"},
        {"pattern": "x"},
    ],
)
def test_what_measured_lines_cannot_have_is_refused(options):
    (name,) = options
    with pytest.raises(OptionError, match=f"haiku has measured lines and takes no {name}"):
        write_poems(PoemModel([PROSE]), "haiku", **options)


def test_models_that_cannot_write_are_refused():
    with pytest.raises(OptionError, match=r"haiku is written by characters or words, and .* bytes"):
        write_poems(PoemModel([], "bytes"), "haiku")
    with pytest.raises(DataError, match="haiku needs letters, and this model knows none"):
        write_poems(PoemModel(["12 3."]), "haiku")


def test_a_model_without_spaces_or_breaks_ends_its_lines():
    model = PoemModel(["abe"])
    (poem,) = write_poems(model, "haiku")
    assert check_poem(poem.text, "haiku") == []
    assert np.all([len(line) > 1 for line in poem.lines])
