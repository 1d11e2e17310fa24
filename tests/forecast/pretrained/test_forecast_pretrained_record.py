"""A series that is harder to foresee than others, or easier, has wider or narrower intervals."""

import numpy as np

from gatework.forecast.pretrained.model import Standing, shipped
from gatework.forecast.pretrained.record import (
    EXPECTED,
    FORGET,
    MOST,
    PRIOR,
    TRACKED,
    TRUST,
    UNSEEN,
    TrackRecord,
)


def test_forecasts_are_judged_when_their_outcome_is_there() -> None:
    record, squares, count = TrackRecord.begin(1), 0.0, 0.0
    draw, made = np.random.default_rng(0), []
    for time in range(30):
        value = draw.normal()
        record.judge(np.array([value]))
        squares, count = FORGET * squares, FORGET * count
        for place, step in enumerate(TRACKED):
            if time >= step:
                forecast, below, above = made[time - step][place]
                half = above if value >= forecast else below
                squares += min(((value - forecast) / half) ** 2, MOST)
                count += 1
        made.append(draw.uniform(0.5, 2, (len(TRACKED), 3)) - [1, 0, 0])
        record.expect(made[-1][None, :, 0], made[-1][None, :, 1:], np.array([True]))
    expected = (PRIOR * UNSEEN + squares) / ((PRIOR + count) * EXPECTED)
    np.testing.assert_allclose(record.widening, [expected ** (TRUST / 2)])


def test_a_missing_value_judges_nothing_and_forgets_nothing() -> None:
    record = TrackRecord.begin(2)
    record.judged[:] = [[3.0, 5.0], [3.0, 5.0]]
    record.expect(np.zeros((2, 2)), np.ones((2, 2, 2)), np.array([True, True]))
    for _ in range(TRACKED[-1]):
        record.judge(np.array([np.nan, 0.0]))
    np.testing.assert_array_equal(record.judged[0], [3.0, 5.0])
    assert record.judged[1, 0] < 3.0


def test_intervals_follow_the_errors_of_the_series() -> None:
    draw = np.random.default_rng(3)
    values = 50 + draw.normal(size=(40, 150))
    wild = values.copy()
    wild[:, 100:] += 6 * draw.normal(size=(40, 50)) * (draw.random((40, 50)) < 0.3)
    calm, other = (shipped().begin(one, np.full(40, 150), 1) for one in (values, wild))
    assert (calm.record.widening < 1.1).all()
    assert other.record.widening.mean() > 1.15 * calm.record.widening.mean()
    later = 50 + draw.normal(size=(40, 12))
    lower, upper = calm.forecasts(12).quantiles((0.05, 0.95))
    assert 0.86 < ((lower <= later) & (later <= upper)).mean() < 0.95


def test_a_young_series_is_not_judged() -> None:
    standing = Standing.before(shipped(), 1, 1)
    for value in (5.0, 7.0):
        standing.advance(np.array([value]))
    assert not standing.record.waiting.any()
    np.testing.assert_allclose(standing.record.widening, (UNSEEN / EXPECTED) ** (TRUST / 2))


def test_intervals_of_few_values_hold_much_of_what_comes() -> None:
    values = np.random.default_rng(4).poisson(5.0, (300, 15)).astype(float)
    for known, least in ((2, 0.75), (3, 0.82), (6, 0.87)):
        said = shipped().begin(values[:, :known], np.full(300, known), 1).forecasts(12)
        lower, upper = said.quantiles((0.05, 0.95))
        later = values[:, known : known + 9]
        held = (lower[:, :9] <= later) & (later <= upper[:, :9])
        assert held.mean() > least
