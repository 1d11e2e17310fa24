"""Series that come value by value stand where those stand that came as a table."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from gatework.forecast.pretrained.bank import SETS, WIDTH, StreamBank, StreamState
from gatework.forecast.pretrained.model import Standing, shipped
from gatework.forecast.pretrained.signals import (
    SIGNAL_NAMES,
    SIGNALS,
    STEPS_SEEN,
    scale_of,
    signals,
)
from gatework.forecast.pretrained.track import run, side_by_side

LENGTHS = np.array([40, 1, 17, 40])


def table(season: int) -> np.ndarray:
    """Return counts, one value, measured values and some that are missing, nan after the ends."""
    draw = np.random.default_rng(season)
    wave = 3 * np.sin(2 * np.pi * np.arange(40) / 12)
    missing = 100 + wave + draw.normal(size=40)
    missing[draw.random(40) < 0.2] = np.nan
    rows = [draw.poisson(4 + wave), [7.0], draw.normal(size=17), missing]
    return side_by_side([np.asarray(row, float) for row in rows])[0]


@pytest.mark.parametrize("season", [1, 5, 12])
def test_a_stream_is_a_table(season) -> None:
    values = table(season)
    whole = shipped().begin(values, LENGTHS, season)
    stream = Standing.before(shipped(), 4, season)
    for value in values.T:
        stream.advance(value)
    for row in (0, 3):  # those that go on to the end
        for one in fields(StreamState):
            here, there = (getattr(standing.state, one.name)[row] for standing in (whole, stream))
            np.testing.assert_array_equal(here, there, err_msg=one.name)
        np.testing.assert_array_equal(
            whole.forecasts(30).location[row], stream.forecasts(30).location[row]
        )
    early = shipped().begin(values[:, :17], np.minimum(LENGTHS, 17), season)
    np.testing.assert_array_equal(early.features[0][[1, 2]], whole.features[0][[1, 2]])


@pytest.mark.parametrize("season", [1, 12])
def test_a_series_is_read_alike_beside_any_others(season) -> None:
    values = table(season)
    bank = StreamBank(season)
    together = run(bank, values, LENGTHS, np.array([1, 3]))
    for row, length in enumerate(LENGTHS):
        alone = run(bank, values[row : row + 1, :length], LENGTHS[row : row + 1], np.array([1, 3]))
        np.testing.assert_array_equal(alone.signals[:, 0], together.signals[:length, row])
        np.testing.assert_array_equal(alone.forecasts[:, 0], together.forecasts[:length, row])
        for one in fields(StreamState):
            np.testing.assert_array_equal(
                getattr(alone.state, one.name)[0], getattr(together.state, one.name)[row]
            )


def test_signals_are_the_equations() -> None:
    bank, state = StreamBank(12), StreamState.begin(3, 12)
    draw = np.random.default_rng(0)
    values = draw.normal(size=(30, 3)) * [1, 100, 0.01] + 5
    reading = [bank.step(state, value, STEPS_SEEN) for value in values][-1]
    scale = scale_of(state, reading.level)
    found = signals(state, reading, scale, 12)
    assert found.shape == (3, SIGNALS)
    unit = scale[:, None]
    forecasts = reading.forecasts.reshape(3, WIDTH, 3)
    apart = (forecasts - forecasts.mean(axis=1, keepdims=True)) / unit[..., None]
    expected = np.concatenate(
        [
            0.5 * np.arcsinh(reading.errors.reshape(3, -1) / unit),
            np.log(state.error.reshape(3, -1) / unit + 1e-3),
            np.arcsinh(state.bias.reshape(3, -1) / unit),
            0.5 * np.arcsinh(apart).reshape(3, -1),
        ],
        axis=1,
    )
    np.testing.assert_allclose(found[:, : 6 * WIDTH], expected, rtol=1e-5, atol=1e-6)
    called = dict(zip(SIGNAL_NAMES, found.T, strict=True))
    np.testing.assert_array_equal(called["bias of smoother 2"], found[:, 2 * WIDTH + 1])
    after = called["smoother 1 less their mean, 12 ahead"]
    np.testing.assert_array_equal(after, found[:, 3 * WIDTH + 2])
    assert called["whether there is a season"].tolist() == [1, 1, 1]
    np.testing.assert_allclose(called["seasons seen"], 30 / 12 / 3)


def test_without_a_season_one_set_stands_for_all() -> None:
    bank, state = StreamBank(1), StreamState.begin(2, 1)
    for value in np.random.default_rng(0).normal(size=(20, 2)):
        bank.step(state, value, STEPS_SEEN)
    assert state.level.shape[1] == 1
    sets = bank.forecasts(state, np.array([1, 2])).reshape(2, SETS, -1)
    np.testing.assert_array_equal(sets, np.broadcast_to(sets[:, :1], sets.shape))


@pytest.mark.parametrize("season", [1, 12])
def test_what_the_reading_before_saves_changes_no_bit(season: int) -> None:
    bank, before, values = StreamBank(season), None, table(season)
    saving, plain = (StreamState.begin(len(values), season) for _ in range(2))
    for column in values.T:
        before = bank.step(saving, column, STEPS_SEEN, before)
        told = bank.step(plain, column, STEPS_SEEN)
        for one, other in zip(before, told, strict=True):
            np.testing.assert_array_equal(one, other)


def test_what_rolls_is_what_stands() -> None:
    values = table(12)
    rolled = dict(shipped().rolling(values, LENGTHS, 12, 6, 15))
    assert list(rolled) == list(range(15, 41))
    here = shipped().begin(values[:, :20], np.minimum(LENGTHS, 20), 12).forecasts(6)
    for row in (0, 3):
        np.testing.assert_array_equal(rolled[20].location[row], here.location[row])
