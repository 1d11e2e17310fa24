"""The draw from few tokens: it agrees with the specification of sampling."""

import numpy as np
import pytest

from gatework.runtime import filters
from gatework.runtime.choose import tempered
from gatework.write.poems.draw import draw


@pytest.mark.parametrize("size", [3, 256, 700])
@pytest.mark.parametrize("top_p", [0.05, 0.6, 1.0])
def test_it_draws_from_the_tokens_that_the_filter_keeps(size, top_p):
    chance = np.random.default_rng(size)
    scores = chance.normal(0, 1.5, (4, size))
    scores[:, chance.permutation(size)[: size // 3]] = -np.inf
    logs = tempered(scores, 0.7)
    kept = filters.top_p(logs, top_p) & np.isfinite(scores)
    many = np.repeat(scores, 2000, axis=0)
    drawn = draw(many, chance.random(len(many)), temperature=0.7, top_p=top_p).reshape(4, 2000)
    counts = np.array([np.bincount(row, minlength=size) for row in drawn])
    assert not counts[~kept].any()
    wanted = np.where(kept, np.exp(logs), 0.0)
    wanted /= wanted.sum(axis=1, keepdims=True)
    # Five standard deviations of a count, and one draw.
    assert np.all(np.abs(counts - 2000 * wanted) <= 5 * np.sqrt(2000 * wanted) + 1)


def test_the_extremes():
    scores = np.array([[-1.0, -2.0, -np.inf], [-np.inf, -np.inf, -np.inf]])
    for number in (0.0, 1 - 2**-53):
        cold = draw(scores, np.full(2, number), temperature=0.0, top_p=1.0)
        assert cold.tolist() == [0, 0]
    last = draw(scores, np.full(2, 1 - 2**-53), temperature=1.0, top_p=1.0)
    assert last[0] == 1
    first = draw(scores, np.zeros(2), temperature=1.0, top_p=1.0)
    assert first[0] == 0
    assert draw(scores, np.ones(2) * 0.999, temperature=1e-3, top_p=1.0)[0] == 0
