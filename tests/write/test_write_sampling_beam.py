"""Beam search against greedy writing, against sums computed anew, and against all texts."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sampling_model import TableModel, letters

from gatework.errors import OptionError
from gatework.write.sampling import Sampling, beam_search, write_on


def log_probability(model, start, tokens):
    """Return the sum over the tokens, read one by one."""
    last = [0, 0, *model.vocabulary.encode(start)]
    total = 0.0
    for token in tokens:
        total += float(model.table[last[-2], last[-1], token])
        last.append(token)
    return total


@given(st.integers(0, 500), st.sampled_from(["", "a", "cb"]), st.booleans())
@settings(max_examples=40)
def test_width_1_is_greedy_writing(seed, start, stop):
    model = TableModel.of(letters(), seed)
    cold = Sampling(temperature=0)
    greedy = "".join(write_on(model, start, length=9, sampling=cold, stop_at_end=stop))
    for diversity in (0.0, 2.0):
        (found,) = beam_search(
            model, start, length=9, width=1, diversity=diversity, stop_at_end=stop
        )
        assert found.text == greedy


@given(
    st.integers(0, 500),
    st.integers(1, 12),
    st.floats(0, 2),
    st.sampled_from([0.0, 0.7]),
    st.sampled_from(["", "bc"]),
)
@settings(max_examples=40)
def test_scores_are_the_true_sums_and_fall(seed, width, penalty, diversity, start):
    model = TableModel.of(letters(), seed, spread=1.0)
    found = beam_search(
        model,
        start,
        length=7,
        width=width,
        length_penalty=penalty,
        diversity=diversity,
        count=width,
    )
    assert found
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len({one.text for one in found}) == len(found) <= width
    for one in found:
        written = (*one.tokens, 0) if one.ended else one.tokens
        assert one.text == model.vocabulary.decode(one.tokens)
        assert one.log_probability == pytest.approx(log_probability(model, start, written))
        assert one.score == pytest.approx(one.log_probability / ((5 + len(written)) / 6) ** penalty)
        assert one.ended or len(one.tokens) == 7


@given(st.integers(0, 500), st.sampled_from([0.0, 0.6, 1.0, 2.0]), st.booleans())
@settings(max_examples=30)
def test_a_wide_beam_finds_what_trying_all_texts_finds(seed, penalty, stop):
    model = TableModel.of(letters(3), seed)
    length, options = 4, [2, 3, 4]
    everything = []
    for size in range(length + 1):
        for tokens in itertools.product(options, repeat=size):
            written = tokens if size == length else (*tokens, 0)
            if size == length or stop:
                total = log_probability(model, "a", written)
                everything.append((total / ((5 + len(written)) / 6) ** penalty, tokens))
    everything.sort(key=lambda one: -one[0])
    found = beam_search(
        model,
        "a",
        length=length,
        width=500,
        length_penalty=penalty,
        count=5,
        stop_at_end=stop,
    )
    assert [one.tokens for one in found] == [tokens for _, tokens in everything[:5]]
    assert [one.score for one in found] == pytest.approx([score for score, _ in everything[:5]])


def test_a_wider_beam_finds_what_greed_misses():
    # "a" is likelier at first, but only behind "b" something certain follows.
    vocabulary = letters(2)
    table = np.full((4, 4, 4), np.log(0.25))
    table[0, 0] = np.log([0.001, 0.001, 0.55, 0.448])
    table[0, 3] = np.log([0.001, 0.001, 0.001, 0.997])
    model = TableModel(vocabulary, table)
    (greedy,) = beam_search(model, length=2, width=1, stop_at_end=False)
    (wide,) = beam_search(model, length=2, width=2, stop_at_end=False)
    assert (greedy.text[0], wide.text) == ("a", "bb")
    assert wide.log_probability > greedy.log_probability


def test_diversity_keeps_texts_that_branch_early():
    # One first letter is far likelier, and what follows it is open: without diversity all results
    # begin with it.
    vocabulary = letters(6)
    size = len(vocabulary)
    table = np.full((size, size, size), np.log(0.02))
    table[:, :, 2:] = np.log((1 - 0.04) / 6)
    table[0, 0, 2:] = np.log([0.86, 0.02, 0.02, 0.02, 0.02, 0.02])
    model = TableModel(vocabulary, table)
    plain = beam_search(model, length=2, width=4, count=4, stop_at_end=False)
    wide = beam_search(model, length=2, width=4, count=4, diversity=3.0, stop_at_end=False)
    assert {one.text[0] for one in plain} == {"a"}
    assert len({one.text[0] for one in wide}) >= 3


def test_unknown_is_not_written_and_the_search_stops_when_it_is_settled():
    model = TableModel.of(letters(), 2)
    table = model.table.copy()
    table[:, :, 1] = 5
    (found,) = beam_search(TableModel(model.vocabulary, table), length=10)
    assert 1 not in found.tokens
    (marked,) = beam_search(
        TableModel(model.vocabulary, table), length=3, width=1, forbid_unknown=False
    )
    assert marked.tokens == (1, 1, 1)
    ends = np.full(model.table.shape, -20.0)
    ends[:, :, 0] = -1e-6
    model = TableModel(model.vocabulary, ends)
    (found,) = beam_search(model, length=400, width=3)
    assert (found.text, found.ended) == ("", True)
    assert model.steps < 5


def test_all_wrong_arguments_are_named_at_once():
    model = TableModel.of(letters(), 2)
    with pytest.raises(OptionError) as caught:
        beam_search(model, length=0, width=True, length_penalty=-1, diversity=float("nan"))
    message = str(caught.value)
    for part in (
        "length must be a whole number of at least 1, got 0",
        "width must be a whole number of at least 1, got True",
        "length_penalty must be a number from 0 to 100, got -1",
        "diversity must be a number from 0 to 100, got nan",
    ):
        assert part in message
    with pytest.raises(OptionError, match="count must be at most width, got 9 and 8"):
        beam_search(model, count=9)
    assert model.steps == 0
