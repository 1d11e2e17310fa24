"""The vocabulary: its order, its marks, and that texts come back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatework.errors import DataError, OptionError
from gatework.write import Vocabulary
from gatework.write.vocabulary import LEVELS, split

TEXT = "One fish, two fish — don't 春眠不覺曉。\nRed fish!\t"


@pytest.mark.parametrize("level", LEVELS)
def test_a_text_comes_back_from_its_tokens(level) -> None:
    vocabulary = Vocabulary.of([TEXT], level)
    tokens = vocabulary.encode(TEXT)
    assert tokens.dtype == np.int64
    assert tokens.min() > Vocabulary.UNKNOWN
    assert vocabulary.decode(tokens) == TEXT


@given(st.text(max_size=60), st.sampled_from(["char", "word"]))
def test_tokens_joined_are_the_text_whatever_it_is(text, level) -> None:
    assert "".join(split(text, level)) == text


@given(st.text(max_size=60))
def test_bytes_take_every_text(text) -> None:
    text = text.encode("utf-8", "ignore").decode()
    vocabulary = Vocabulary("bytes")
    assert len(vocabulary) == 258
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_frequent_tokens_come_first_and_ties_by_code_point() -> None:
    assert Vocabulary.of(["cabcab b"], "char").tokens == ("", "", "b", "a", "c", " ")


def test_rare_tokens_are_left_out_and_read_as_unknown() -> None:
    assert Vocabulary.of(["aaabbc"], "char", min_count=2).tokens[2:] == ("a", "b")
    vocabulary = Vocabulary.of(["aaabbc"], "char", size=3)
    assert vocabulary.tokens[2:] == ("a",)
    assert vocabulary.encode("abz😀").tolist() == [2, 1, 1, 1]
    assert vocabulary.decode([2, 1, 0]) == "a\ufffd"
    assert vocabulary.unknown_in("abazb") == ["b", "z"]


def test_broken_bytes_are_marked_and_not_lost_silently() -> None:
    assert Vocabulary("bytes").decode([0xE6 + 2, 0x98 + 2]) == "\ufffd"


def test_words_take_the_space_before_them_and_chinese_stands_alone() -> None:
    assert split("don't go, 春天 ok", "word") == ["don't", " go", ",", " 春", "天", " ok"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"level": "chars"}, r"level must be one of char, word, bytes.*did you mean 'char'"),
        ({"size": 2}, "size must be a whole number of at least 3, got 2"),
        ({"min_count": 0}, "min_count must be a whole number of at least 1, got 0"),
    ],
)
def test_what_is_out_of_range_is_named(arguments, sentence) -> None:
    with pytest.raises(OptionError, match=sentence):
        Vocabulary.of(["abc"], **arguments)


def test_when_no_token_comes_often_enough_it_says_how_often_they_come() -> None:
    with pytest.raises(DataError, match="no token comes 5 times: the most frequent, 'a', comes 3"):
        Vocabulary.of(["abaca"], min_count=5)


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", ""]])
def test_a_token_that_is_there_twice_or_empty_is_refused(tokens) -> None:
    with pytest.raises(DataError, match="each token once"):
        Vocabulary("char", tokens)


def test_a_token_of_another_level_is_refused() -> None:
    with pytest.raises(DataError, match="'ab' is no token of the level 'char'"):
        Vocabulary("char", ["ab"])
