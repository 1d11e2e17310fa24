"""Forms as data: those that ship against famous poems, and files of one's own."""

import pytest

from gatework.errors import DataError, InputFileError, OptionError
from gatework.write.poems import check_poem, form_of, load_forms, shipped_forms
from write.poem_model import LONG_REGULATED, QUATRAINS, REGULATED, SEVEN, TUNES, WASHING_SILK

MINE = """
[two]
title = "两行"
[two.patterns]
"a" = "中仄平平，仄仄平平。"
"""


@pytest.mark.parametrize(
    ("form", "poems"),
    [("wujue", QUATRAINS), ("qijue", SEVEN), ("wulv", REGULATED), ("qilv", LONG_REGULATED)],
)
def test_famous_regulated_verse_keeps_its_form(form, poems):
    for title, text in poems.items():
        assert not check_poem(text, form, repeat=True), title


@pytest.mark.parametrize("tune", TUNES)
def test_famous_ci_keep_their_tune(tune):
    assert not check_poem(TUNES[tune], tune)


def test_a_poet_may_rhyme_ci_by_the_rhymes_of_verse():
    assert not check_poem(WASHING_SILK, "浣溪沙", rhyme="pingshui")


def test_the_four_patterns_of_regulated_verse():
    for name in ("wujue", "qijue", "wulv", "qilv"):
        form = shipped_forms()[name]
        assert len(form.patterns) == 4
        assert form.no_repeat
        firsts = {(line.lines[0].marks[1], bool(line.lines[0].rhyme)) for line in form.patterns}
        assert firsts == {("平", True), ("平", False), ("仄", True), ("仄", False)}
        for pattern in form.patterns:
            assert all(line.rhyme == "a" for line in pattern.lines[1::2])
            assert not any(line.rhyme for line in pattern.lines[2::2])
            for line in pattern.lines:
                assert (line.marks[-1] == "平") == bool(line.rhyme)
                # Never three level ones at the end, nor one level tone between oblique ones.
                assert "平平平" not in line.marks[-3:]
                if line.rhyme:
                    assert line.marks[-5:] != "仄平仄仄平"


def test_a_form_is_found_by_name_and_title():
    assert form_of("五言绝句") is form_of("wujue")
    with pytest.raises(OptionError, match=r"form 'wujeu' is none of .*did you mean 'wujue'"):
        form_of("wujeu")


def test_a_form_of_ones_own(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(MINE + '[free]\nlines = 3\nlength = [5, 20]\nscheme = "aba"\n', "utf-8")
    forms = load_forms(path)
    assert list(forms) == ["two", "free"]
    assert forms["two"].lengths == (4, 4)
    assert forms["two"].rhymes == "pingshui"
    assert not forms["two"].measured
    assert (forms["free"].lines, forms["free"].length, forms["free"].measured) == (3, (5, 20), True)


def test_stanzas_and_repeated_lines():
    assert [line.stanza for line in form_of("菩萨蛮").patterns[0].lines] == [0] * 4 + [1] * 4
    assert form_of("如梦令").repeats == ((4, 5),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no form"),
        ("[a", "mine.toml: Expected"),
        ("a = 3", "form 'a' is no table"),
        ("[a]\ntitel = 'x'", "form 'a' has 'titel', which no form has\nhint: title"),
        ("[a]\nrhymes = 'tang'", "rhymes must be pingshui, cilin, modern or none, got 'tang'"),
        ("[a]\nno_repeat = 1", "no_repeat must be true or false"),
        ("[a]\nsyllables = [5, 0]", "syllables must be a list of numbers from 1 to 40"),
        ("[a]\nlines = 3\nlength = [9, 5]", "length must be two numbers, the shortest and"),
        ("[a]\ntitle = 'x'", "form 'a' must have either patterns, or syllables, or lines"),
        ("[a]\nlines = 3", "form 'a' must have either patterns, or syllables, or lines"),
        ("[a]\nsyllables = [5]\nscheme = 'ab'", "scheme has 2 letters for 1 lines"),
        ("[a.patterns]\nx = ''", "form 'a', pattern 'x': it has no line"),
        ("[a.patterns]\nx = '平仄兵'", "pattern 'x': line 1 has '兵', which is neither"),
        ("[a.patterns]\nx = '平仄，a平'", "pattern 'x': line 2 has 'a' where a tone mark"),
        ("[a.patterns]\nx = '平平a，仄仄'", "line 1 rhymes on 'a', and no other line does"),
        ("[a.patterns]\nx = '平a，仄a'", "rhyme on 'a' end both level and oblique"),
        ("[a.patterns]\nx = '平，仄'\ny = '平，仄仄'", "pattern 'y': its lines have other lengths"),
        ("[a]\nrepeats = [[2, 1]]\n[a.patterns]\nx = '平，仄'", r"repeats has \[2, 1\], which are"),
        ("[a]\nrepeats = [[1, 2]]\n[a.patterns]\nx = '平，仄仄'", "line 2 cannot repeat line 1"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=message) as caught:
        load_forms(path)
    assert "mine.toml" in str(caught.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputFileError, match=r"none\.toml"):
        load_forms(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"[a]\n\xff")
    with pytest.raises(DataError, match="byte 4 is not UTF-8"):
        load_forms(tmp_path / "bytes.toml")
    (tmp_path / "deep.toml").write_text("a = " + "[" * 100_000)
    with pytest.raises(DataError, match=r"deep\.toml: it is nested too deeply"):
        load_forms(tmp_path / "deep.toml")
