"""Scales put values where they say, and ticks are round, few, and inside."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatework.look.canvas.numerals import percent, show, show_all, show_table, tick_labels
from gatework.look.canvas.plot import side_by_side, spread
from gatework.look.canvas.scales import Linear, Log
from gatework.look.canvas.svg import text_width
from gatework.look.canvas.thinning import thin

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(FINITE, min_size=1, max_size=8))
def test_a_linear_scale_holds_every_value_in_order(values):
    scale = Linear.over(values, 300.0, 20.0)
    places = [scale(value) for value in sorted(values)]
    assert all(20.0 <= place <= 300.0 for place in places)
    assert places == sorted(places, reverse=True)
    ticks = scale.ticks(6)
    assert len(ticks) <= 8
    assert all(math.isfinite(value) and label for value, label in ticks)
    assert len({label for _, label in ticks}) == len(ticks)


@given(st.floats(-1e5, 1e5), st.floats(1e-3, 1e5), st.floats(0, 1))
def test_a_linear_scale_inverts(low, span, share):
    scale = Linear(low, low + span, 10.0, 500.0)
    value = low + share * span
    assert scale.invert(scale(value)) == pytest.approx(value, rel=1e-6, abs=1e-6 * span)


@given(st.lists(st.floats(min_value=5e-324, allow_infinity=False), min_size=1, max_size=8))
def test_a_log_scale_holds_every_positive_value_in_order(values):
    scale = Log.over(values, 0.0, 400.0)
    places = [scale(value) for value in sorted(values)]
    assert all(0.0 <= place <= 400.0 for place in places)
    assert places == sorted(places)
    ticks = scale.ticks(6)
    assert 1 <= len(ticks) <= 8
    assert all(scale.low <= value <= scale.high for value, _ in ticks)


def test_a_log_scale_inverts_and_spaces_decades_evenly():
    scale = Log(1e-4, 1e-1, 0.0, 300.0)
    assert [scale(v) for v in (1e-4, 1e-3, 1e-2, 1e-1)] == pytest.approx([0, 100, 200, 300])
    assert scale.invert(scale(0.0031)) == pytest.approx(0.0031)
    assert [label for _, label in scale.ticks(5)] == ["0.0001", "0.001", "0.01", "0.1"]


def test_ticks_are_round_and_whole_where_asked():
    assert [label for _, label in Linear(0, 47, 0, 1).ticks(6)] == ["0", "10", "20", "30", "40"]
    assert [value for value, _ in Linear(0, 2, 0, 1).ticks(6, whole=True)] == [0, 1, 2]
    assert [label for _, label in Linear(-0.2, 0.2, 0, 1).ticks(4)] == [
        "-0.2",
        "-0.1",
        "0.0",
        "0.1",
        "0.2",
    ]


def test_values_that_hardly_differ_get_a_scale_of_their_own_size():
    scale = Linear.over([7.0, 7.0], 100.0, 0.0)
    assert (scale.low, scale.high) == (3.5, 10.5)
    assert Linear.over([0.0], 100.0, 0.0)(0.0) == 50.0
    assert Linear.over([], 100.0, 0.0).ticks(4)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.0, "0"),
        (-2.0, "-2"),
        (1234567.0, "1234567"),
        (123456789.0, "1.23×10⁸"),
        (0.00001234, "1.23×10⁻⁵"),
        (0.1 + 0.2, "0.3"),
        (999.96, "1000"),
        (math.nan, "–"),
        (math.inf, "–"),
    ],
)
def test_numbers_are_written_for_people(value, told):
    assert show(value) == told


def test_a_column_has_one_number_of_decimals():
    assert show_all([0.5, 12.25, -3.0]) == ["0.5", "12.2", "-3.0"]
    assert show_all([3.0, 4.0, None, math.nan]) == ["3", "4", "–", "–"]
    assert show_all([1e-9, 2e12]) == ["1.00×10⁻⁹", "2.00×10¹²"]
    assert show_all([0.000328, 0.0000858]) == ["0.000328", "0.000086"]
    assert show_all([-0.0001, 5.25]) == ["0.00", "5.25"]
    assert show_all([]) == []
    assert show_table([[4.2, None], [0.5, 14.94]]) == [["4.20", "–"], ["0.50", "14.94"]]
    assert show_table([[1.5, 2e12]]) == [["1.50", "2.00×10¹²"]]


def test_tick_labels_tell_ticks_apart_however_large_or_small():
    assert tick_labels([0.0, 1e300], 1e300) == ["0", "1×10³⁰⁰"]
    assert tick_labels([1.0e-200, 1.5e-200], 5e-201) == ["1.0×10⁻²⁰⁰", "1.5×10⁻²⁰⁰"]
    assert percent(0.001) == "0.1%"


@given(st.lists(st.floats(0, 200), max_size=12))
def test_spread_labels_keep_apart_and_in_order(positions):
    places = spread(positions, 0.0, 200.0, 12.0)
    gap = min(12.0, 200.0 / max(len(positions), 1))
    assert np.all(np.diff(sorted(places)) >= gap - 1e-6)
    assert all(-1e-6 <= place <= 200 + 1e-6 for place in places)
    order = np.argsort(positions, kind="stable")
    assert np.all(np.diff(np.array(places)[order]) > 0)


def test_labels_side_by_side_do_not_touch():
    names = ["training", "validation", "test", "forecast"]
    places = side_by_side(names, [150.0, 300.0, 330.0, 352.0], 40.0, 360.0)
    ends = [
        (at - text_width(n) / 2, at + text_width(n) / 2)
        for at, n in zip(places, names, strict=True)
    ]
    assert all(b[0] - a[1] >= 7.9 for a, b in pairwise(ends))
    assert ends[-1][1] <= 360.0


@given(st.lists(st.floats(-1e9, 1e9) | st.just(math.nan), max_size=300), st.integers(1, 40))
def test_thinning_keeps_the_ends_and_every_extreme(values, buckets):
    array = np.array(values)
    kept = thin(array, buckets)
    assert len(kept) <= max(2 * buckets + 2, 0)
    assert list(kept) == sorted(set(kept))
    if len(array):
        assert kept[0] == 0
        assert kept[-1] == len(array) - 1
    if np.isfinite(array).any():
        assert np.nanmax(array[kept]) == np.nanmax(array)
        assert np.nanmin(array[kept]) == np.nanmin(array)
