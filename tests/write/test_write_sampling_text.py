"""Going on with a text: seeds, rows, ends, and whole characters."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling_model import SamplingTableModel, TableModel, letters

from gatework.errors import OptionError
from gatework.write.sampling import Pieces, RowRng, Sampling, write_many, write_on
from gatework.write.vocabulary import Vocabulary

samplings = st.builds(
    Sampling,
    temperature=st.sampled_from([0.0, 0.5, 1.0, 1.5]),
    top_k=st.none() | st.integers(1, 5),
    top_p=st.none() | st.floats(0.3, 1),
    min_p=st.none() | st.floats(0.01, 0.5),
    typical=st.none() | st.floats(0.3, 1),
    repetition_penalty=st.sampled_from([1.0, 1.3, 3.0]),
    repetition_window=st.integers(1, 5),
)


def text_of(model, *arguments, **options):
    return "".join(write_on(model, *arguments, **options))


@given(st.integers(0, 10**9), samplings, st.sampled_from(["", "ab", "cab"]), st.booleans())
@settings(max_examples=40)
def test_a_row_of_many_is_the_row_alone_whatever_writes_it(seed, sampling, start, stop):
    model = TableModel.of(letters(), 3)
    options = {"length": 45, "sampling": sampling, "seed": seed, "stop_at_end": stop}
    ended: set[int] = set()
    many = write_many(model, start, count=4, ended=ended.add, **options)
    assert {row for row, text in enumerate(many) if len(text) < 45} <= ended <= set(range(4 * stop))
    alone = [text_of(model, start, row=row, **options) for row in range(4)]
    assert many == alone
    later: set[int] = set()
    assert write_many(model, start, count=2, first=2, ended=later.add, **options) == many[2:]
    assert later == ended & {2, 3}
    assert write_many(SamplingTableModel.of(letters(), 3), start, count=4, **options) == many


def test_seeds_and_rows_give_texts_of_their_own():
    model = TableModel.of(letters(), 3)
    texts = write_many(model, count=6, seed=1, length=60, stop_at_end=False)
    assert len(set(texts)) == 6
    assert not set(texts) & set(write_many(model, count=6, seed=2, length=60, stop_at_end=False))
    assert {len(text) for text in texts} == {60}


def test_the_draws_of_a_row_are_those_of_its_generator():
    sequence = np.random.SeedSequence(5, spawn_key=(2,))
    expected = np.random.Generator(np.random.PCG64(sequence)).random(200)
    rng = RowRng(5, range(3))
    first = rng.ahead(30)
    rng.keep(np.array([2, 0]))
    second = np.concatenate([rng.ahead(1), rng.ahead(169)], axis=1)
    assert np.concatenate([first[2], second[0]]).tolist() == expected.tolist()


def test_temperature_0_follows_the_most_likely_token():
    model = TableModel.of(letters(), 8)
    text = text_of(model, "ab", length=12, sampling=Sampling(temperature=0), stop_at_end=False)
    context, expected = [2, 3], ""
    for _ in range(12):
        logs = model.table[context[0], context[1]].copy()
        logs[:2] = -np.inf
        context = [context[1], int(logs.argmax())]
        expected += model.vocabulary.tokens[context[1]]
    assert text == expected


def test_a_text_ends_where_its_document_does_and_end_is_no_text():
    # After "a" comes "b", after "b" the end, whatever stands before.
    vocabulary = letters(3)
    table = np.full((5, 5, 5), -np.inf)
    for last, following in ((0, 2), (1, 2), (2, 3), (3, 0), (4, 4)):
        table[:, last, following] = 0
    model = TableModel(vocabulary, table)
    assert text_of(model, length=50) == "ab"
    assert model.steps == 3
    assert text_of(model, "a", length=50) == "b"
    assert text_of(model, "c", length=7) == "c" * 7
    # Never drawn, END leaves nothing possible behind "b": all letters are then equally likely.
    assert len(text_of(model, length=50, stop_at_end=False)) == 50


def test_rows_that_ended_are_written_no_further():
    model = TableModel.of(letters(), 3, spread=0.5)
    texts = write_many(model, count=30, seed=4, length=200)
    assert len({len(text) for text in texts}) > 5
    assert model.rows < 30
    assert model.steps <= max(len(text) for text in texts) + 1


def test_unknown_letters_of_the_start_are_read_as_such_and_not_written():
    model = TableModel.of(letters(), 3)
    table = model.table.copy()
    table[:, 1, :] = [-np.inf, -np.inf, 0, -np.inf, -np.inf, -np.inf, -np.inf]
    table[:, 2, :] = [-np.inf, 0, -0.5, -np.inf, -np.inf, -np.inf, -np.inf]
    model = TableModel(model.vocabulary, table)
    assert text_of(model, "?", length=3) == "aaa"
    marked = text_of(model, "?", length=3, sampling=Sampling(temperature=0, forbid_unknown=False))
    assert marked == "a�a"


def test_the_start_counts_as_recent():
    vocabulary = letters(3)
    level = np.full((5, 5, 5), np.log(0.2))
    level[:, :, 2] = np.log(0.3)
    model = TableModel(vocabulary, level)
    cold = {"temperature": 0.0, "forbid_unknown": True}
    assert text_of(model, "b", length=1, sampling=Sampling(**cold), stop_at_end=False) == "a"
    shy = Sampling(**cold, repetition_penalty=2.0, repetition_window=2)
    assert text_of(model, "ab", length=4, sampling=shy, stop_at_end=False) == "cabc"
    shy = Sampling(**cold, repetition_penalty=2.0, repetition_window=1)
    assert text_of(model, "ab", length=4, sampling=shy, stop_at_end=False) == "abab"


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_bytes_come_out_as_whole_characters(seed):
    # A model that spells these texts byte by byte, as the last two bytes allow.
    vocabulary = Vocabulary("bytes")
    table = np.full((258, 258, 258), -30.0, np.float32)
    spoken = "春眠不觉晓, é🙂!"
    numbers = [0, 0, *vocabulary.encode(spoken * 2).tolist()]
    for before, last, following in zip(numbers, numbers[1:], numbers[2:], strict=False):
        table[before, last, following] = 0
    model = TableModel(vocabulary, table)
    length = 1 + seed % 60
    pieces = list(write_on(model, length=length, seed=seed, stop_at_end=False))
    text = "".join(pieces)
    assert "�" not in text
    assert (spoken * 3).startswith(text)
    assert 0 <= length - len(text.encode()) <= 3
    assert all(pieces)


def test_broken_bytes_become_marks():
    pieces = Pieces(Vocabulary("bytes"))
    assert pieces([0xFF + 2, ord("a") + 2]) == "�a"
    assert pieces([0xE6 + 2]) == ""
    assert pieces([ord("b") + 2, 0, 1]) == "�b�"


def test_texts_stream_as_they_are_written():
    model = TableModel.of(letters(), 3)
    pieces = write_on(model, "abc", length=20, stop_at_end=False)
    assert model.steps == 0
    next(pieces)
    assert model.steps == 4


def test_wrong_arguments_are_named_before_anything_is_written():
    model = TableModel.of(letters(), 3)
    with pytest.raises(OptionError, match=r"length must be .* at least 1, got 0; row must be"):
        write_on(model, length=0, row=-1)
    with pytest.raises(OptionError, match=r"count must be a whole number of at least 1, got 2\.0"):
        write_many(model, count=2.0)  # pyright: ignore[reportArgumentType]
    with pytest.raises(OptionError, match="seed must be a whole number of at least 0, got None"):
        write_many(model, count=2, seed=None)  # pyright: ignore[reportArgumentType]
    assert model.steps == 0


def test_writing_and_scoring_need_no_torch():
    code = (
        "import gatework.write.sampling, gatework.write.scoring, sys; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_what_needs_torch_says_so_where_torch_is_not():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from gatework.errors import MissingDependencyError\n"
        "import gatework.write\n"
        "try:\n"
        "    gatework.write.Writer\n"
        "except MissingDependencyError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "gatework.write.Writer needs the package 'torch'" in done.stdout
