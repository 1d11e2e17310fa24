"""Memorization: the longest copied run is found, and a memorised poem is not passed off as new."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from gatework.errors import FileFormatError
from gatework.write import memorization
from gatework.write.poems import Copied, MemorizationIndex, check_poem, write_poems
from write.poem_model import ALL, QUATRAINS, SEVEN, PoemModel, Reciter

TOWER = QUATRAINS["登鹳雀楼"]
MAPLE = SEVEN["枫桥夜泊"]


def plainly(texts: list[str], text: str) -> int:
    """The longest run by trying all, counted in letters; below three it is nothing."""
    known = ["".join(filter(str.isalnum, one.lower())) for one in texts]
    letters = "".join(filter(str.isalnum, text.lower()))
    runs = {letters[i:j] for i in range(len(letters)) for j in range(i + 3, len(letters) + 1)}
    return max((len(run) for run in runs if any(run in one for one in known)), default=0)


TEXTS = st.lists(st.text("abC ，春", max_size=30), max_size=5)


@given(TEXTS, st.text("aBc，春x", max_size=20))
def test_the_longest_run_is_the_longest(texts, text):
    index = MemorizationIndex.of(texts)
    found = index.longest_run(text)
    assert found.length == len(found.run) == plainly(texts, text)
    if found.length:
        letters = "".join(filter(str.isalnum, texts[found.document].lower()))
        assert letters[found.place :].startswith(found.run)
        assert found.run in "".join(filter(str.isalnum, text.lower()))


def test_a_run_goes_across_punctuation_but_not_into_the_next_document():
    index = MemorizationIndex.of(["春眠不觉晓，\n处处闻啼鸟。", "夜来风雨声，花落知多少。"])
    assert index.longest_run("不觉晓处——处闻！") == Copied(6, "不觉晓处处闻", 0, 2)
    assert index.longest_run("闻啼鸟夜来风雨").run == "夜来风雨"
    assert index.longest_run("啼鸟夜来") == Copied(0, "", -1, 0)
    assert index.longest_run("") == Copied(0, "", -1, 0)
    assert (len(index), repr(index)) == (20, "MemorizationIndex(20 letters in 2 documents)")


def test_letters_count_in_either_case():
    index = MemorizationIndex.of(["To be, or not to be"])
    assert index.longest_run("Or NOT: to").run == "ornotto"


def test_the_index_is_saved_as_tensors():
    index = MemorizationIndex.of(ALL)
    saved = load(save({**index.to_tensors(), "else": np.zeros(3)}))
    again = MemorizationIndex.from_tensors(saved)
    for text in (TOWER[5:], MAPLE, "江枫渔火不与周郎便"):
        assert again.longest_run(text) == index.longest_run(text)
    assert saved["novelty.text"].nbytes == 2 * (len(index) + len(ALL))


@pytest.mark.parametrize(
    "damage",
    [
        lambda tensors: tensors.pop("novelty.text"),
        lambda tensors: tensors.update({"novelty.starts": tensors["novelty.starts"] + 1}),
        lambda tensors: tensors.update({"novelty.letters": tensors["novelty.letters"][::-1]}),
        lambda tensors: tensors.update({"novelty.letters": tensors["novelty.letters"][:9]}),
        lambda tensors: tensors.update({"novelty.text": tensors["novelty.text"].astype(float)}),
        lambda tensors: tensors.update({"novelty.text": tensors["novelty.text"][None]}),
    ],
)
def test_damaged_tensors_are_refused(damage):
    tensors = MemorizationIndex.of(ALL).to_tensors()
    damage(tensors)
    with pytest.raises(FileFormatError, match=r"novelty"):
        MemorizationIndex.from_tensors(tensors)


def test_an_empty_text_has_no_run():
    index = MemorizationIndex.from_tensors(MemorizationIndex.of([]).to_tensors())
    assert index.longest_run("春眠不觉晓").length == 0
    assert MemorizationIndex.of(["，。"]).longest_run("春眠不觉晓").length == 0


def test_new_poems_say_what_they_copied():
    for poem in write_poems(
        PoemModel(ALL), "wujue", count=5, memorization=MemorizationIndex.of(ALL)
    ):
        assert poem.new
        assert poem.copied is not None
        assert poem.copied.length <= 7
        assert not any("not new" in note for note in poem.notes)


def test_a_memorised_poem_is_written_again():
    # Sure of the text, yet not so sure that it could not say anything else.
    model = Reciter(MAPLE, ALL, sure=7.5)
    options = {"pattern": "仄起入韵", "temperature": 1.0, "top_p": 1.0, "count": 24}
    freely = write_poems(model, "qijue", **options)
    looked = write_poems(
        model, "qijue", **options, memorization=MemorizationIndex.of([MAPLE]), most_copied=14
    )
    again = [poem for poem in looked if any("written again" in note for note in poem.notes)]
    assert again
    for before, after in zip(freely, looked, strict=True):
        assert after.new
        assert after.copied is not None
        assert after.copied.length <= 14
        assert check_poem(after.text, "qijue") == []
        assert (after in again) == (before.text != after.text)
    note = next(note for note in again[0].notes if "written again" in note)
    assert "letters in a row from the training text, '" in note


def test_what_is_known_by_heart_is_not_passed_off_as_new():
    model = Reciter(MAPLE, ALL, sure=40.0)
    index = MemorizationIndex.of([TOWER, MAPLE])
    (poem,) = write_poems(model, "qijue", pattern="仄起入韵", memorization=index)
    assert poem.text.replace("\n", "") == MAPLE
    assert not poem.new
    assert poem.copied == Copied(28, "".join(poem.lines), 1, 0)
    assert poem.notes[0].startswith("written again 4 times: the first had 28 letters in a row")
    assert poem.notes[1].startswith("not new: it had 28 letters in a row from the training text")
    assert poem.as_dict()["copied"]["length"] == 28
    (cold,) = write_poems(
        model, "qijue", pattern="仄起入韵", memorization=index, temperature=0, most_copied=28
    )
    assert cold.new
    assert cold.notes == ()


def test_lines_that_were_given_are_not_held_against_the_poem():
    model, index = PoemModel(ALL), MemorizationIndex.of(ALL)
    (poem,) = write_poems(model, "wujue", first_line=TOWER[:12], memorization=index)
    assert poem.new
    assert poem.copied is not None
    assert poem.copied.length < 6


def test_a_text_in_pieces_is_indexed_as_a_whole(monkeypatch) -> None:
    text = "ὈΔΥΣΣΕΥΣ ΚΑΙ ΣΟΦΟΣ, ΣΣ ΤΕΛΟΣ. Ein Satz danach. "
    whole = MemorizationIndex.of([text]).to_tensors()
    for piece in range(1, 12):
        monkeypatch.setattr(memorization, "_PIECE", piece)
        found = MemorizationIndex.of([text]).to_tensors()
        assert all(np.array_equal(found[name], whole[name]) for name in whole)
