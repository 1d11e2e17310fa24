"""Functions of writing take arguments by names of old, with a warning; each argument once."""

import pytest

from gatework.errors import OptionError
from gatework.write import Settings, Vocabulary
from gatework.write.poems import MemorizationIndex, write_poems
from write.poem_model import ALL, PoemModel


def test_a_vocabulary_takes_least_for_min_count() -> None:
    with pytest.warns(FutureWarning, match=r"^least of Vocabulary.of is called min_count now$"):
        by_old_name = Vocabulary.of(["aab"], least=2)  # pyright: ignore[reportCallIssue]
    assert by_old_name == Vocabulary.of(["aab"], min_count=2) != Vocabulary.of(["aab"])


def test_settings_take_steps_for_bptt() -> None:
    with pytest.warns(FutureWarning, match=r"^steps of Settings is called bptt now$"):
        by_old_name = Settings(steps=7)  # pyright: ignore[reportCallIssue]
    assert by_old_name == Settings(bptt=7)
    with pytest.raises(OptionError, match="steps and bptt are one argument; give it once"):
        Settings(steps=7, bptt=7)  # pyright: ignore[reportCallIssue]


def test_write_poems_takes_novelty_for_memorization() -> None:
    model, index = PoemModel(ALL), MemorizationIndex.of(ALL)
    with pytest.warns(FutureWarning, match="^novelty of write_poems is called memorization now$"):
        (poem,) = write_poems(model, "wujue", novelty=index)  # pyright: ignore[reportCallIssue]
    assert poem == write_poems(model, "wujue", memorization=index)[0]
    assert poem.copied is not None
