"""What a file holds of pretrained networks and of where series stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gatework.errors import OptionError
from gatework.forecast.pretrained.model import PretrainedNetwork, Standing, shapes, stack_for
from gatework.forecast.pretrained.model_file import STANDING

LENGTHS = np.array([1, 40, 3, 25])


def network(members: int = 2, sizes: tuple[int, ...] = (6, 5)) -> PretrainedNetwork:
    draw = np.random.default_rng(0)
    made = [
        {
            name: draw.normal(size=shape).astype(np.float32) / 10
            for name, shape in shapes(7, stack_for(7, sizes)).items()
        }
        for _ in range(members)
    ]
    return PretrainedNetwork.of(made, sizes, {"version": "of a test"})


def standing(season: int) -> Standing:
    draw = np.random.default_rng(1)
    values = draw.poisson(20.0, size=(len(LENGTHS), int(LENGTHS.max()))).astype(float)
    values[1, 5] = values[3, 0] = np.nan
    values[np.arange(values.shape[1]) >= LENGTHS[:, None]] = np.nan
    return network().begin(values, LENGTHS, season)


def again(one: Standing) -> Standing:
    said = STANDING.read(STANDING.describe(one))
    tensors = STANDING.collect(one)
    expected = {name: (one.dtype, tuple(one.shape)) for name, one in tensors.items()}
    assert STANDING.expected(said) == expected
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())
    return STANDING.build(said, tensors)


@pytest.mark.parametrize("season", [1, 4, 7])
def test_what_is_read_again_goes_on_bit_by_bit(season: int) -> None:
    one = standing(season)
    other = again(one)
    for value in (3.0, np.nan, 0.0, 50.0, 12.5):
        ours, theirs = one.forecasts(5), other.forecasts(5)
        for name, array in vars(ours).items():
            np.testing.assert_array_equal(array, getattr(theirs, name), err_msg=name)
        for stands in (one, other):
            stands.advance(np.full(len(LENGTHS), value))
        other = again(other)


def test_the_networks_are_in_the_file() -> None:
    found = again(standing(4)).network
    assert found.about["version"] == "of a test"
    assert found.about["hidden_sizes"] == [6, 5]
    assert len(found.members) == 2


def test_a_series_without_a_value_yet() -> None:
    begun = network().begin(np.array([[np.nan]]), np.array([1]), 4)
    assert again(begun).state.least[0] == np.inf


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("series", 0, "series must be"),
        ("season", "4", "season must be"),
        ("network", {"entry": 0}, "must have the keys entry, hidden_sizes, members, about"),
    ],
)
def test_a_description_that_is_not_sound_is_refused(key: str, value: Any, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        STANDING.read(STANDING.describe(standing(4)) | {key: value})


def test_counters_below_zero_are_refused() -> None:
    one = standing(4)
    tensors = STANDING.collect(one)
    tensors["state.age"] -= 100
    with pytest.raises(OptionError, match=r"state\.age must not be negative"):
        STANDING.build(STANDING.read(STANDING.describe(one)), tensors)
