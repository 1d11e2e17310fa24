"""Grids: balanced coarse ones, finer ones between."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatework.search import Axis, Choice, Sizes
from gatework.search.grid import coarse_points, every_point, nearby_points


@settings(max_examples=40, deadline=None)
@given(widths=st.lists(st.integers(1, 5), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_the_coarse_order_visits_every_point_once(widths, seed) -> None:
    axes = [Choice(f"axis {i}", tuple(range(width))) for i, width in enumerate(widths)]
    points = list(coarse_points(axes, seed))
    assert sorted(points) == sorted(product(*(range(width) for width in widths)))
    assert points[0] == tuple(width // 2 for width in widths)


@settings(max_examples=40, deadline=None)
@given(count=st.integers(8, 40), seed=st.integers(0, 99))
def test_any_beginning_uses_all_values_of_an_axis_about_equally(count, seed) -> None:
    axes = [Choice(f"axis {i}", tuple(range(width))) for i, width in enumerate((4, 5, 3, 2))]
    points = [point for point, _ in zip(coarse_points(axes, seed), range(count), strict=False)]
    for place, axis in enumerate(axes):
        uses = Counter(point[place] for point in points)
        share = count / len(axis.values)
        assert all(share - 3 <= uses[value] <= share + 3 for value in axis.values)


def test_a_grid_too_large_to_list_is_drawn_from() -> None:
    axes = [Axis(f"axis {i}", tuple(range(10))) for i in range(8)]
    points = [point for point, _ in zip(coarse_points(axes, 0), range(50), strict=False)]
    assert len(set(points)) == 50


def test_nearby_points_halve_the_step_and_change_one_axis_first() -> None:
    axes = [Axis("x", (0.0, 4.0, 8.0)), Axis("y", (1.0, 100.0), scale="log")]
    points = nearby_points(axes, [(4.0, 1.0)], 1, "")
    assert sorted(points[:3]) == [(2.0, 1.0), (4.0, pytest.approx(10.0)), (6.0, 1.0)]
    assert all(x in (2.0, 6.0) and y != 1.0 for x, y in points[3:5])
    assert sorted(points[5:]) == sorted(every_point(axes))  # the coarse grid stays on offer
    assert len(set(points)) == len(points)


def test_deeper_grids_are_finer_and_hold_the_one_before() -> None:
    axes = [Axis("x", (0.0, 4.0, 8.0, 12.0))]
    points = {x for (x,) in nearby_points(axes, [(4.0,), (12.0,)], 2, "")}
    assert points == {2.0, 6.0, 3.0, 5.0, 10.0, 11.0, 0.0, 4.0, 8.0, 12.0}


def test_an_axis_without_anything_between_its_values_offers_the_others() -> None:
    axes = [Choice("kind", ("a", "b", "c")), Axis("x", (0.0, 1.0))]
    points = nearby_points(axes, [("a", 0.0)], 3, "")
    assert ("b", 0.125) in points
    assert ("c", 0.0) in points


@pytest.mark.parametrize(
    ("axis", "value", "depth", "expected"),
    [
        (Axis("n", (4, 8, 16), scale="log", integer=True), 8, 1, [6, 11]),
        (Axis("n", (4, 8, 16), scale="log", integer=True), 4, 1, [6]),
        (Axis("n", (4, 8, 16), scale="log", integer=True, low=2, high=64), 4, 1, [3, 6]),
        (Axis("n", (4, 8, 16), scale="log", integer=True), 8, 6, []),
        (Axis("x", (0.0, 0.2, 0.4)), 0.0, 1, [0.1]),
        (Axis("x", (1.0,)), 1.0, 1, []),
        (Choice("kind", ("a", "b")), "a", 1, []),
    ],
)
def test_neighbours(axis, value, depth, expected) -> None:
    assert axis.finer(value, depth) == pytest.approx(expected)


def test_sizes_are_scaled_one_layer_at_a_time_within_their_bounds() -> None:
    sizes = Sizes("s", ((8,), (16, 8)), low=8, high=16)
    assert sizes.finer((8,), 1) == [(11,)]
    assert sizes.finer((16, 8), 0) == [(8, 8), (16, 16)]
