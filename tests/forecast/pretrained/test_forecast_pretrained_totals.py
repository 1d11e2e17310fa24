"""Totals of the periods to come: paths that go together, and intervals that hold."""

from __future__ import annotations

import numpy as np

from gatework.forecast.pretrained.plain import serving
from gatework.forecast.pretrained.totals import sample_paths, totals_of

KNOWN, AHEAD, MANY = 60, 12, 40


def test_intervals_of_totals_hold_on_made_counts() -> None:
    draw = np.random.default_rng(5)
    rate = 5 * np.exp(np.cumsum(draw.normal(0, 0.08, (MANY, KNOWN + AHEAD)), axis=1))
    values = draw.poisson(rate).astype(float)
    found = serving().begin(values[:, :KNOWN], np.full(MANY, KNOWN), 12).forecasts(AHEAD)
    names = [f"series {row}" for row in range(MANY)]
    _, low, high, chances = totals_of(found, names, (0.5, 0.9), (0, 1e6), 0)
    came = values[:, KNOWN:].sum(axis=1)
    held = {level: np.mean((low[level] <= came) & (came <= high[level])) for level in low}
    assert held[0.9] >= 0.8
    assert held[0.5] < held[0.9]
    assert (chances[0.0] == 1).all()
    assert (chances[1e6] == 0).all()


def test_what_is_drawn_of_a_series_depends_on_no_other() -> None:
    values = np.random.default_rng(6).poisson(4, (3, 40)).astype(float)
    found = serving().begin(values, np.full(3, 40), 12).forecasts(6)
    one, other, third = sample_paths(found, ("a", "b", "c"), 300, 1)
    (alone,) = sample_paths(found.rows(np.array([1])), ("b",), 300, 1)
    assert np.array_equal(other, alone)
    assert abs(np.corrcoef(one.sum(axis=1), third.sum(axis=1))[0, 1]) < 0.3
    ahead = np.corrcoef(one.T)
    assert ahead[4, 5] > 0
