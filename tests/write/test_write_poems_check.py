"""The checker: it finds what leaves the form, and names the place."""

import pytest

from gatework.errors import OptionError
from gatework.write.poems import check_poem
from write.poem_model import QUATRAINS

TOWER = QUATRAINS["登鹳雀楼"]


def kinds(text, form="wujue", **options):
    return [(one.kind, one.line, one.character) for one in check_poem(text, form, **options)]


def test_a_poem_that_keeps_its_form_has_no_violation():
    assert check_poem(TOWER, "wujue") == []
    assert check_poem(TOWER.replace("。", "。\n"), "wujue") == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("更上一层楼。", "", ("lines", 0, 0)),
        ("黄河入", "黄河直入", ("length", 2, 0)),
        ("流。", "流；", ("punctuation", 2, 0)),
        ("黄河", "白河", ("repetition", 2, 1)),
        ("山尽", "树尽", ("tone", 1, 4)),
        ("一层楼", "一层台", ("rhyme", 4, 5)),
        ("一层楼", "一层流", ("repetition", 4, 5)),
        ("入海", "入𰻝", ("tone", 2, 4)),
    ],
)
def test_each_kind_of_violation_is_found(old, new, found):
    assert old in TOWER
    text = TOWER.replace(old, new)
    assert found in kinds(text)
    assert str(check_poem(text, "wujue")[0])


def test_a_rhyme_word_may_not_come_twice_even_where_repetition_may():
    assert ("rhyme", 4, 5) in kinds(TOWER.replace("一层楼", "一层流"), repeat=True)


def test_what_is_not_asked_is_not_checked():
    text = TOWER.replace("山尽", "树尽").replace("一层楼", "一层台").replace("黄河", "海河")
    assert kinds(text, tones=False, rhyme="none", repeat=True) == []
    assert {kind for kind, *_ in kinds(text)} == {"tone", "rhyme", "repetition"}


def test_reduplication_counts_only_where_it_is_not_allowed():
    text = "处处依山尽，黄河入海流。欲穷千里目，更上一层楼。"
    assert kinds(text) == [("repetition", 1, 2)]
    assert kinds(text, reduplicate=True) == []
    apart = text.replace("处处", "处白").replace("更上", "更处")
    assert ("repetition", 4, 2) in kinds(apart, reduplicate=True)


def test_a_wanted_rhyme_and_another_table():
    assert kinds(TOWER, rhyme="十一尤") == []
    assert kinds(TOWER, rhyme="七阳") == [("rhyme", 2, 5), ("rhyme", 4, 5)]
    # By the tongue of today 白, 国 and 一 are level.
    assert kinds(TOWER, rhyme="modern", tones=False) == []
    assert kinds(TOWER, rhyme="modern") != []


def test_a_line_that_must_be_said_again():
    text = "昨夜雨疏风骤，浓睡不消残酒。试问卷帘人，却道海棠依旧。知否，知否。应是绿肥红瘦。"
    assert check_poem(text, "如梦令") == []
    found = check_poem(text.replace("知否。", "知手。"), "如梦令")
    assert [(one.kind, one.line) for one in found] == [("repetition", 6)]


def test_measured_lines():
    assert kinds("古池や\n蛙飛びこむ\n水の音", "haiku")[0] == ("length", 1, 0)
    assert kinds("ふるいけや\nかわずとびこむ\nみずのおと", "haiku") == []
    frog = "An old silent pond\nA frog jumps into the pond\nSplash! Silence again"
    assert kinds(frog, "haiku") == []
    assert kinds("a line", "sonnet") == [("lines", 0, 0)]
    lines = ["x" * 40] * 13
    assert kinds("\n".join([*lines, "x" * 57]), "sonnet") == [("length", 14, 0)]
    assert kinds("\n".join([*lines, "x" * 56]), "sonnet") == []


def test_unknown_names_are_refused():
    with pytest.raises(OptionError, match="form 'x' is none of"):
        check_poem(TOWER, "x")
    with pytest.raises(OptionError, match="no table has a rhyme 'x'"):
        check_poem(TOWER, "wujue", rhyme="x")
