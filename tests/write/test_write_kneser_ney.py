"""The simple model beside a writer: counted runs of tokens with Kneser-Ney smoothing."""

import numpy as np
import pytest

from gatework.write.kneser_ney import KneserNey, count_runs


def test_probabilities_of_all_tokens_sum_to_one_after_any_context() -> None:
    draw = np.random.default_rng(0)
    model = KneserNey([draw.integers(1, 6, draw.integers(1, 40)) for _ in range(20)], 7, 4)
    for context in ([], [2], [5, 5, 5, 5], [6, 1]):  # 6 never came
        after = [[*context, token] for token in range(7)]
        told = [model.log_probabilities([np.array(row)])[len(context)] for row in after]
        assert np.exp(told).sum() == pytest.approx(1)


def test_bigrams_are_those_of_the_equations_by_hand() -> None:
    """Of the text a b a c, the ends included: END a, a b, b a, a c, c END, once each.

    With only ones, no discount can be estimated but the largest, 1 - 2 Y 0 / n1 with Y = n1 / (n1 +
    2 n2) and n2 = 1 at least. Order 1 counts contexts: a after two, b, c and END after one.
    """
    a, b, c = 2, 3, 4
    model = KneserNey([np.array([a, b, a, c])], 5, 2)
    first = 1 - 2 * (3 / 5) * (1 / 3)  # discount of what came once: three of one, one of two
    second = np.clip(2 - 3 * (3 / 5) * 1 / 1, 0.1, 2)
    left = (3 * first + second) / 5  # what all discounts leave to the uniform distribution
    unigram_b = (1 - first) / 5 + left / 5
    d = 1 - 2 * (5 / 7) * (1 / 5)
    expected = (1 - d) / 2 + (2 * d / 2) * unigram_b  # after a came b and c, once each
    assert np.exp(model.log_probabilities([np.array([a, b])])[1]) == pytest.approx(expected)


def test_it_counts_the_end_of_a_large_text_and_says_so(monkeypatch) -> None:
    monkeypatch.setattr("gatework.write.kneser_ney.MOST_TOKENS", 150)
    early, late = np.tile([2, 3], 100), np.tile([4, 5], 100)
    found, swapped = (count_runs(both, [late[:20]], 6) for both in ([early, late], [late, early]))
    assert found is not None
    assert swapped is not None
    assert (found.tokens, found.total) == (150, 400)
    assert found.loss < 0.5 < swapped.loss
    assert "of the last 150 tokens" in found.sentence(1.0)
    assert found.sentence(1.0).endswith("better than the network")
    assert found.sentence(0.0).endswith("the network is better")
    assert count_runs([early], [], 6) is None
