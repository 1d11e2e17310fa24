"""The surrogate: it knows what lies near the trials, doubts what is far, and goes for gains."""

from statistics import NormalDist

import numpy as np
import pytest

from gatework.search import Axis, Choice, Rung, Sizes, Trial
from gatework.search.acquisition import most_promising
from gatework.search.surrogate import Surrogate, coordinates

NORMAL = NormalDist()


def valley(places: np.ndarray) -> np.ndarray:
    return np.square(places[:, 0] - 0.3) + 0.2 * np.square(places[:, 1] - 0.8)


def test_expectations_follow_a_smooth_function() -> None:
    draw = np.random.default_rng(0)
    places, new = draw.uniform(size=(40, 2)), draw.uniform(size=(50, 2))
    mean, deviation = Surrogate(places, valley(places), 0).expect(new)
    assert np.abs(mean - valley(new)).mean() < 0.005
    assert np.median(deviation) < 0.01


def test_noise_is_smoothed_away() -> None:
    draw = np.random.default_rng(1)
    places = draw.uniform(size=(120, 2))
    noisy = valley(places) + draw.normal(0, 0.1, 120)
    mean, _ = Surrogate(places, noisy, 0).expect(places)
    assert np.square(mean - valley(places)).mean() < 0.25 * 0.1**2


def test_doubt_grows_with_distance() -> None:
    places = np.linspace(0, 0.4, 12)[:, None]
    surrogate = Surrogate(places, np.sin(12 * places[:, 0]), 0)
    _, deviation = surrogate.expect(np.array([[0.2], [0.5], [1.0]]))
    assert deviation[0] < deviation[1] < deviation[2]


def test_a_few_disasters_do_not_blur_the_rest() -> None:
    draw = np.random.default_rng(2)
    places = draw.uniform(size=(30, 2))
    errors = valley(places)
    errors[:3] = 1e9
    mean, _ = Surrogate(places, errors, 0).expect(places[3:])
    assert np.corrcoef(mean, valley(places[3:]))[0, 1] > 0.9


@pytest.mark.parametrize("errors", [np.zeros(6), np.full(6, 3.5)])
def test_equal_errors_are_no_obstacle(errors) -> None:
    surrogate = Surrogate(np.linspace(0, 1, 6)[:, None], errors, 0)
    assert sorted(surrogate.choose(np.array([[0.1], [0.5]]), 3)) == [0, 1]


def test_thousands_of_trials_cost_no_more_than_some_hundred() -> None:
    draw = np.random.default_rng(3)
    places = draw.uniform(size=(4000, 2))
    mean, _ = Surrogate(places, valley(places), 0).expect(np.array([[0.3, 0.8]]))
    assert mean[0] == pytest.approx(0, abs=0.02)


def test_each_choice_is_that_of_a_process_fitted_anew_with_those_before() -> None:
    draw = np.random.default_rng(4)
    places, offered = draw.uniform(size=(25, 2)), draw.uniform(size=(40, 2))
    surrogate = Surrogate(places, valley(places) + draw.normal(0, 0.02, 25), 0)
    x, y, expected = surrogate._x, surrogate._y, []
    for _ in range(6):
        inverse = np.linalg.inv(
            kernel(x, x, surrogate) + (surrogate._noise + 1e-8) * np.eye(len(x))
        )
        centre = inverse.sum(axis=0) @ y / inverse.sum()
        variance = (y - centre) @ inverse @ (y - centre) / len(y)
        least = (centre + kernel(x, x, surrogate) @ inverse @ (y - centre)).min()
        cross = kernel(offered, x, surrogate)
        mean = centre + cross @ inverse @ (y - centre)
        deviation = np.sqrt(variance * (1 - np.sum(cross @ inverse * cross, axis=1)))
        gain = [(least - m) * NORMAL.cdf((least - m) / d) + d * NORMAL.pdf((least - m) / d)
                for m, d in zip(mean, deviation, strict=True)]  # fmt: skip
        gain = [-1 if number in expected else one for number, one in enumerate(gain)]
        expected.append(int(np.argmax(gain)))
        x, y = np.vstack([x, offered[expected[-1]]]), np.append(y, mean[expected[-1]])
    assert surrogate.choose(offered, 6) == expected


def kernel(a: np.ndarray, b: np.ndarray, surrogate: Surrogate) -> np.ndarray:
    s = np.sqrt(5 * np.square((a[:, None] - b) / surrogate._scales).sum(axis=2))
    return (1 + s + s**2 / 3) * np.exp(-s)


def trial(index: int, x: float, error: float | None, status: str = "done", rungs=()) -> Trial:
    return Trial(index, 0, {"x": x}, error, 1.0, status, rungs=rungs)


def test_the_most_promising_points_are_where_errors_fall_and_not_side_by_side() -> None:
    axes = [Axis("x", (0.0, 10.0))]
    trials = [trial(n, x, (x - 7.2) ** 2) for n, x in enumerate((0.0, 2.0, 5.0, 6.0, 8.5, 10.0))]
    offered = [(x / 10,) for x in range(0, 101, 2) if x / 10 not in (0, 2, 5, 6, 8.5, 10)]
    first, second, third = (x for (x,) in most_promising(axes, offered, trials, 3, 0))
    assert first == pytest.approx(7.2, abs=0.4)
    assert len({first, second, third}) == 3


def test_stopped_and_failed_trials_warn() -> None:
    axes = [Axis("x", (0.0, 10.0))]
    poor = (Rung(90.0, 4, 10.0, stopped=True),)
    trials = [trial(n, x, 20 - x) for n, x in enumerate((0.0, 1.0, 2.0, 3.0))]
    trials += [trial(4, 8.0, None, "stopped", poor), trial(5, 10.0, None, "failed")]
    ((x,),) = most_promising(axes, [(4.0,), (9.0,)], trials, 1, 0)
    assert x == 4.0


def test_coordinates_of_every_kind_of_axis() -> None:
    axes = [
        Axis("rate", (0.01, 1.0), scale="log"),
        Choice("kind", ("a", "b")),
        Sizes("sizes", ((8,), (32, 16)), high=64),
    ]
    places = coordinates(axes, [(0.1, "b", (32, 16)), (1.0, "a", (8,))])
    assert places[0] == pytest.approx([0.5, 0, 1, 1, 1, 0.5])
    assert places[1] == pytest.approx([1, 1, 0, 0.5, 0, 0])
