"""The decoders against a sum over all paths, and a language model that turns the scales."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gatework.errors import OptionError
from gatework.recognize.ctc import beam_search, greedy, required_steps
from gatework.recognize.ctc.beam import Judge
from gatework.recognize.losses import CtcLoss


def collapse(path) -> tuple[int, ...]:
    return tuple(k for k, _ in itertools.groupby(path) if k != 0)


def by_all_paths(logits: np.ndarray) -> dict[tuple[int, ...], float]:
    """Return the probability of every transcript, summed over all paths."""
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    found: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        p = float(np.prod([shares[t, k] for t, k in enumerate(path)]))
        found[collapse(path)] = found.get(collapse(path), 0.0) + p
    return found


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(2, 4))
def test_a_wide_beam_finds_the_most_probable_transcript(seed, steps, labels):
    logits = np.random.default_rng(seed).normal(size=(steps, labels)) * 2
    truth = by_all_paths(logits)
    found = beam_search(logits, 10**4)
    best = max(truth.values())
    assert truth[tuple(found[0][0])] == pytest.approx(best, rel=1e-2)
    assert math.exp(found[0][1]) == pytest.approx(best, rel=1e-2)  # labels below 1e-4 left out
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)


@given(st.integers(0, 10**6), st.integers(1, 6))
def test_the_best_path_is_the_collapsed_argmax(seed, steps):
    logits = np.random.default_rng(seed).normal(size=(steps, 3))
    labels, begins = greedy(logits)
    assert tuple(labels) == collapse(logits.argmax(axis=1))
    assert [logits[t].argmax() for t in begins] == labels
    assert begins == sorted(set(begins))


@given(st.lists(st.integers(1, 3), max_size=6))
def test_so_many_steps_are_needed_and_suffice(labels):
    need = required_steps(labels)
    fits = [collapse(p) == tuple(labels) for p in itertools.product(range(4), repeat=min(need, 6))]
    if need <= 6:
        assert any(fits) or not labels
    if 0 < need <= 6:
        shorter = itertools.product(range(4), repeat=need - 1)
        assert not any(collapse(p) == tuple(labels) for p in shorter)


def test_the_loss_is_the_sum_over_all_paths():
    torch.manual_seed(0)
    logits = torch.randn(4, 2, 3)
    targets = torch.tensor([[1, 2], [2, -1]])
    loss = CtcLoss()(logits, targets, torch.tensor([4, 3]))
    expected = [
        -math.log(by_all_paths(logits[:n, row].numpy())[labels]) / len(labels)
        for row, (n, labels) in enumerate([(4, (1, 2)), (3, (2,))])
    ]
    assert float(loss) == pytest.approx(np.mean(expected), rel=1e-4)


class Alphabet:
    """A vocabulary of the letters a to c."""

    def encode(self, text: str) -> np.ndarray:
        return np.array([{"a": 2, "b": 3, "c": 4}.get(letter, 1) for letter in text])


class Voice:
    """Says that c follows b, and is indifferent otherwise; counts what it is asked."""

    vocabulary = Alphabet()

    def __init__(self) -> None:
        self.calls = 0

    def start(self, rows: int) -> None:
        self.last = np.zeros(rows, np.int64)

    def step(self, tokens: np.ndarray) -> np.ndarray:
        self.calls += 1
        shares = np.full((len(tokens), 5), 0.2)
        shares[tokens == 3] = [0.01, 0.01, 0.01, 0.01, 0.96]
        return np.log(shares).astype(np.float32)


def test_a_language_model_turns_the_scales():
    # First b for sure; then a is a little more probable than c.
    logits = np.log([[0.01, 0.01, 0.97, 0.01], [0.1, 0.5, 0.05, 0.35], [0.97, 0.01, 0.01, 0.01]])
    texts = ("", "a", "b", "c")
    assert beam_search(logits, 8)[0][0] == [2, 1]
    assert beam_search(logits, 8, judge=Judge(texts, Voice(), 0.0, 0.0))[0][0] == [2, 1]
    heeded = beam_search(logits, 8, judge=Judge(texts, Voice(), 1.0, 0.0))
    assert heeded[0][0] == [2, 3]
    truth = math.log(by_all_paths(logits)[(2, 3)]) + math.log(0.2) + math.log(0.96)
    assert heeded[0][1] == pytest.approx(truth, abs=1e-3)


def test_a_bonus_makes_transcripts_longer():
    logits = np.log([[0.7, 0.3], [0.7, 0.3], [0.7, 0.3]])
    lengths = [
        len(beam_search(logits, 8, judge=Judge(("", "a"), None, 0.0, beta))[0][0])
        for beta in (-5.0, 0.0, 5.0)
    ]
    assert lengths == [0, 1, 2]


def test_a_narrow_beam_forgets():
    logits = np.log([[0.4, 0.35, 0.25], [0.1, 0.1, 0.8], [0.6, 0.2, 0.2]])
    assert len(beam_search(logits, 2)) == 2
    assert beam_search(logits, 50)[0][1] >= beam_search(logits, 1)[0][1]


def test_a_label_that_the_language_model_does_not_know_is_named():
    with pytest.raises(OptionError, match="does not know the label 'x' as one token"):
        Judge(("", "a", "x"), Voice(), 1.0, 0.0)
    with pytest.raises(OptionError, match="does not know the label 'ab' as one token"):
        Judge(("", "ab"), Voice(), 1.0, 0.0)
