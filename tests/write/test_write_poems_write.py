"""Writing under constraints: forms are kept, wishes are granted, and what cannot be is said."""

import numpy as np
import pytest

from gatework.errors import DataError, OptionError
from gatework.write.poems import check_poem, form_of, load_forms, rhyme_table, write_poems
from gatework.write.vocabulary import Vocabulary
from write.poem_model import ALL, PoemModel, Reciter

FIXED = ["wujue", "qijue", "wulv", "qilv", "忆江南", "渔歌子", "如梦令", "浣溪沙", "菩萨蛮"]
FIXED += ["卜算子", "采桑子", "清平乐", "蝶恋花", "鹧鸪天"]


@pytest.fixture(scope="module")
def model() -> PoemModel:
    return PoemModel(ALL)


@pytest.mark.parametrize("form", FIXED)
def test_every_poem_keeps_its_form(model, form):
    for poem in write_poems(model, form, count=40, seed=3, temperature=1.0, top_p=1.0):
        assert check_poem(poem.text, form) == [], poem.text
        assert poem.notes == ()
        assert len(poem.lines) == form_of(form).lines
        assert poem.log_probability < 0


def test_a_poem_does_not_depend_on_its_neighbours(model):
    many = write_poems(model, "qijue", count=66, seed=9)
    assert write_poems(model, "qijue", count=3, seed=9) == many[:3]
    assert len({poem.text for poem in many}) == 66
    assert write_poems(model, "qijue", seed=10)[0].text != many[0].text


def test_the_model_reads_the_poem_with_its_punctuation(model):
    poem = write_poems(model, "wujue", seed=4)[0]
    read = model.vocabulary.decode(np.concatenate(model.read))
    assert model.read[0].tolist() == [Vocabulary.END]
    assert poem.text.replace("\n", "").startswith(read)
    assert len(read) == 4 * 6 - 2  # all but the last character, and what ends the poem


def test_the_log_probability_is_the_models_own(model):
    poem = write_poems(model, "wujue", seed=4, temperature=0.5)[0]
    tokens = model.vocabulary.encode(poem.text.replace("\n", ""))
    before = np.concatenate([[Vocabulary.END], tokens[:-1]])
    logs = [
        model.step(np.array([first]))[0, token]
        for first, token in zip(before, tokens, strict=True)
        if model.vocabulary.tokens[token].isalpha()
    ]
    assert poem.log_probability == pytest.approx(np.mean(logs), rel=1e-6)


def test_a_poem_is_set_out_in_sentences_and_stanzas(model):
    verse = write_poems(model, "wujue")[0]
    assert [len(line) for line in verse.text.split("\n")] == [12, 12]
    assert str(verse) == verse.text
    ci = write_poems(model, "菩萨蛮")[0]
    assert [len(line) for line in ci.text.split("\n")] == [16, 12, 0, 12, 12]
    assert ci.as_dict()["lines"] == list(ci.lines)
    assert ci.as_dict()["copied"] is None


def test_all_patterns_are_drawn_and_one_can_be_asked_for(model):
    drawn = {poem.pattern for poem in write_poems(model, "wujue", count=40)}
    assert drawn == {"仄起", "仄起入韵", "平起", "平起入韵"}
    asked = write_poems(model, "wujue", count=10, pattern="平起")
    assert {poem.pattern for poem in asked} == {"平起"}
    with pytest.raises(OptionError, match="wujue has no pattern '起'; it has 仄起, 仄起入韵"):
        write_poems(model, "wujue", pattern="起")


def test_an_acrostic_stands_at_the_head_of_the_lines(model):
    for poem in write_poems(model, "wujue", count=30, acrostic="春白秋江"):
        assert [line[0] for line in poem.lines] == list("春白秋江")
        assert check_poem(poem.text, "wujue") == []


def test_an_acrostic_against_the_tones_is_kept_and_said(model):
    (poem,) = write_poems(model, "忆江南", acrostic="日月春花人")
    assert [line[0] for line in poem.lines] == list("日月春花人")
    assert poem.notes == ("line 1, character 1, '日' is oblique; the form wants level",)
    assert [one.kind for one in check_poem(poem.text, "忆江南")] == ["tone"]


def test_given_lines_stand_at_the_beginning(model):
    for poem in write_poems(model, "wujue", count=20, first_line="白日依山尽"):
        assert poem.lines[0] == "白日依山尽"
        assert check_poem(poem.text, "wujue") == []
    (poem,) = write_poems(model, "wujue", first_line="白日依山尽，黄河入海流。")
    assert poem.lines[:2] == ("白日依山尽", "黄河入海流")
    assert poem.rhymes == {"a": "十一尤"}
    assert check_poem(poem.text, "wujue") == []


def test_a_given_line_that_rhymes_decides_the_rhyme(model):
    for poem in write_poems(model, "qijue", count=20, first_line="月落乌啼霜满天"):
        assert poem.rhymes == {"a": "一先"}
        assert check_poem(poem.text, "qijue") == []


def test_given_lines_that_cannot_rhyme_are_kept_and_said(model):
    (poem,) = write_poems(model, "wujue", first_line="空山新雨后，惊起却回头")
    assert poem.lines[:2] == ("空山新雨后", "惊起却回头")
    assert not any("rhyme" in note for note in poem.notes)
    (poem,) = write_poems(model, "wujue", first_line="空山新雨后，天气晚来急")
    assert "line 2, character 5, '急' does not rhyme with the lines that it should" in poem.notes
    assert any("'急' is oblique; the form wants level" in note for note in poem.notes)


def test_a_line_said_again(model):
    (poem,) = write_poems(model, "如梦令", acrostic="春花秋月明明天")
    assert poem.lines[4] == poem.lines[5]
    with pytest.raises(OptionError, match="says line 5 again, and character 1 is wanted as '明'"):
        write_poems(model, "如梦令", acrostic="春花秋月明人天")


def test_words_of_a_theme_become_more_likely(model):
    def share(**options):
        poems = write_poems(model, "qijue", count=40, seed=2, **options)
        assert all(check_poem(poem.text, "qijue") == [] for poem in poems)
        return sum("秋" in poem.text for poem in poems), sum("梧桐" in poem.text for poem in poems)

    plain, loud = share(), share(theme=["秋", "明月"], theme_weight=6.0)
    assert loud[0] > plain[0] + 10
    assert share(theme=["秋"], theme_weight=0.0) == plain


def test_a_theme_may_be_one_word(model):
    wanted = write_poems(model, "qijue", seed=1, theme=["明月"], require_theme=True)
    assert write_poems(model, "qijue", seed=1, theme="明月", require_theme=True) == wanted


def test_a_theme_that_is_required_must_be_there(model):
    with pytest.raises(OptionError, match="require_theme is given, and no theme"):
        write_poems(model, "wujue", require_theme=True)


def test_a_required_theme_always_comes(model):
    theme = ["相思", "明月", "酒"]
    poems = write_poems(model, "qijue", count=40, theme=theme, require_theme=True)
    for poem in poems:
        assert all(word in poem.text for word in theme)
        assert check_poem(poem.text, "qijue") == []
    assert len({poem.text.index("明月") for poem in poems}) > 5


def test_a_theme_without_a_place_is_refused(model):
    with pytest.raises(DataError, match="no place in wujue for all of the theme: 明月明月明"):
        write_poems(model, "wujue", theme=["明月明月明"], require_theme=True)
    with pytest.raises(OptionError, match="theme '春 风' must be a word of 1 to 5 characters"):
        write_poems(model, "wujue", theme=["春 风"])


def test_one_rhyme_can_be_asked_for(model):
    for poem in write_poems(model, "qijue", count=10, rhyme="七阳"):
        assert poem.rhymes == {"a": "七阳"}
        assert check_poem(poem.text, "qijue", rhyme="七阳") == []
    (poem,) = write_poems(model, "菩萨蛮", rhyme="第十二部平")
    assert poem.rhymes["b"] == poem.rhymes["d"] == "第十二部平"
    with pytest.raises(OptionError, match="'一屋' is oblique, and wujue rhymes on level tones"):
        write_poems(model, "wujue", rhyme="一屋")


def test_other_tables_and_none(model):
    for poem in write_poems(model, "wujue", count=20, rhyme="modern"):
        assert check_poem(poem.text, "wujue", rhyme="modern") == []
    free = write_poems(model, "wujue", count=30, rhyme="none")
    assert all(check_poem(poem.text, "wujue", rhyme="none") == [] for poem in free)
    assert all(poem.rhymes == {} for poem in free)
    assert any(check_poem(poem.text, "wujue") for poem in free)


def test_tones_can_be_left_free(model):
    poems = write_poems(model, "wujue", count=30, tones=False)
    assert all(check_poem(poem.text, "wujue", tones=False) == [] for poem in poems)
    assert any(check_poem(poem.text, "wujue") for poem in poems)


def test_characters_come_twice_only_where_they_may(model):
    options = {"count": 40, "temperature": 0.3}
    plain = write_poems(model, "qilv", **options)
    assert all(len(set("".join(poem.lines))) == 56 for poem in plain)
    twice = write_poems(model, "qilv", repeat=True, **options)
    assert any(len(set("".join(poem.lines))) < 56 for poem in twice)
    assert all(check_poem(poem.text, "qilv", repeat=True) == [] for poem in twice)


def test_reduplication_is_an_option():
    echo = PoemModel(ALL)
    np.fill_diagonal(echo._logs, 5.0)  # whoever speaks it says it again
    poems = write_poems(echo, "qilv", count=10, reduplicate=True)
    assert all(check_poem(poem.text, "qilv", reduplicate=True) == [] for poem in poems)
    doubled = [sum(a == b for a, b in zip(p.text, p.text[1:], strict=False)) for p in poems]
    assert min(doubled) > 5
    assert all(len(set("".join(p.lines))) < 56 for p in poems)
    assert not any(line[i] == line[i + 1] for p in write_poems(echo, "qilv", count=3)
                   for line in p.lines for i in range(6))  # fmt: skip


def test_temperature_zero_takes_the_most_likely(model):
    one, other = write_poems(model, "wujue", count=2, pattern="平起", temperature=0)
    assert one == other
    assert check_poem(one.text, "wujue") == []
    warm = write_poems(model, "wujue", count=20, pattern="平起", temperature=1.5, top_p=1.0)
    assert all(poem.log_probability < one.log_probability for poem in warm)


# Seven level characters are needed, two of them to rhyme: whoever wastes one of these is lost.
SCARCE = '[x]\nno_repeat = true\n[x.patterns]\nx = "平平仄，平仄平a。平仄仄，平仄平a。"\n'


def scarce(tmp_path, characters: str):
    path = tmp_path / "scarce.toml"
    path.write_text(SCARCE, "utf-8")
    return PoemModel([characters + "，。"]), load_forms(path)["x"]


def test_the_last_characters_of_a_rhyme_are_kept_for_it(tmp_path):
    # 楼 and 流 are one rhyme; 春 东 天 山 家 are level, and each of another.
    model, form = scarce(tmp_path, "楼流春东天山家月雪日落白石")
    for poem in write_poems(model, form, count=64, temperature=1.0, top_p=1.0):
        assert check_poem(poem.text, form) == []
        assert poem.rhymes == {"a": "十一尤"}
        assert poem.notes == ()


def test_a_rhyme_with_too_few_characters_is_named(tmp_path):
    model, form = scarce(tmp_path, "楼春东天山月雪日落白石")
    with pytest.raises(DataError, match=r"rhyme '.*' has only 1 characters that this model knows"):
        write_poems(model, form)
    with pytest.raises(DataError, match=r"rhyme '七阳' has only 0 .*, and the form needs 2"):
        write_poems(model, form, rhyme="七阳")


def test_too_few_characters_altogether_are_said(tmp_path):
    model, form = scarce(tmp_path, "楼流春东天月雪")
    (poem,) = write_poems(model, form)
    assert any("comes again: the model knows too few characters" in note for note in poem.notes)
    assert {one.kind for one in check_poem(poem.text, form)} == {"repetition"}
    assert poem.rhymes == {"a": "十一尤"}


def test_a_model_without_punctuation_still_writes():
    silent = PoemModel(["".join(sign for sign in text if sign.isalpha()) for text in ALL])
    (poem,) = write_poems(silent, "wujue")
    assert check_poem(poem.text, "wujue") == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "count must be a whole number of at least 1, got 0"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"temperature": -0.1}, "temperature must be at least 0"),
        ({"temperature": float("nan")}, "temperature must be at least 0"),
        ({"top_p": 0}, "top_p must be above 0 and at most 1"),
        ({"theme_weight": -1}, "theme_weight must be at least 0"),
        ({"most_copied": -1}, "most_copied must be a whole number"),
        ({"form": "wuju"}, "form 'wuju' is none of .*did you mean 'wujue'"),
        ({"rhyme": "三阳"}, "no table has a rhyme '三阳'"),
        ({"acrostic": "春夏秋"}, "'春夏秋' must have a character for each of the 4 lines .* got 3"),
        ({"acrostic": "春春秋江"}, "'春' is wanted twice, in lines 1 and 2.*\nhint: --repeat"),
        ({"first_line": "春眠"}, "given line 1, '春眠', has 2 characters; line 1 of wujue has 5"),
        ({"first_line": "，"}, "0 lines are given, and wujue has 4"),
        ({"first_line": "白日依山尽，白日依山尽"}, "line 2, '白日依山尽', is line 1 again"),
        (
            {"first_line": "白日依山尽", "acrostic": "春日江花"},
            "the acrostic begins line 1 with '春', and the given line with '白'",
        ),
    ],
)
def test_wrong_arguments_are_refused(model, options, message):
    with pytest.raises(OptionError, match=message):
        write_poems(model, **({"form": "wujue"} | options))


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"acrostic": "春㐂秋江"}, "acrostic character '㐂'"),
        ({"first_line": "白日依山㐂"}, "given line character '㐂'"),
        ({"theme": ["明㐂"]}, "theme character '㐂'"),
    ],
)
def test_characters_that_the_model_does_not_know_are_named(model, options, what):
    with pytest.raises(DataError, match=f"{what} is not known to this model"):
        write_poems(model, "wujue", **options)


def test_models_that_cannot_write_the_form_are_refused():
    with pytest.raises(OptionError, match=r"a character at a time, and this model reads word"):
        write_poems(PoemModel(ALL, "word"), "wujue")
    with pytest.raises(DataError, match=r"wujue needs .* characters, and this model knows none"):
        write_poems(PoemModel(["to be or not"]), "wujue")
    (poem,) = write_poems(PoemModel(ALL), "wujue", repeat=True, acrostic="春春春春")
    assert [line[0] for line in poem.lines] == list("春春春春")


def test_given_characters_are_reserved(model):
    for poem in write_poems(model, "qilv", count=20, acrostic="春花秋月何时江往"):
        assert all("".join(poem.lines).count(sign) == 1 for sign in "春花秋月")


def test_a_reciter_is_held_to_the_form():
    text = "空山新雨后，天气晚来秋。明月松间照，清泉石上流。"
    (poem,) = write_poems(Reciter(text, ALL), "wujue", pattern="平起")
    assert poem.text.replace("\n", "") == text
    table = rhyme_table("pingshui")
    assert set(table.rhymes_of("秋")) & set(table.rhymes_of("流")) == {poem.rhymes["a"]}
