"""Repeats over seeds: a lucky draw does not win, and noise is measured."""

import random

import pytest
from searched import AXES, Bowl

from gatework.search import Axis, Outcome, Trial, layered_search, ranking
from gatework.search.ranking import contenders

BOWL = Bowl()


def noisy(parameters, seed):
    """A valley at 5, and as much luck."""
    draw = random.Random(f"{parameters} {seed}")
    return Outcome((parameters["x"] - 5) ** 2 / 10 + draw.gauss(0, 1))


LINE = (Axis("x", tuple(range(11))),)


def search(folder, evaluate=noisy, axes=LINE, **settings):
    settings = {"trials": 60, "workers": 1, "seed": 3, "ledger": folder / "l", **settings}
    return layered_search(evaluate, list(axes), **settings)


def test_leading_candidates_are_repeated_with_other_seeds(tmp_path) -> None:
    result = search(tmp_path)
    repeats = [trial for trial in result.trials if trial.seed != 3]
    assert 9 <= len(repeats) <= 12
    assert {trial.seed for trial in repeats} <= {1003, 2003, 3003, 4003}
    assert len(result.ranking[0].errors) > 1
    assert 0 < result.ranking[0].standard_error < 1
    assert result.best == result.ranking[0].trial
    assert result.best.seed == 3


def test_repeating_chooses_better_parameters_than_the_least_error(tmp_path) -> None:
    """Judged by the true error, over several searches."""
    with_repeats, without = [], []
    for seed in range(10):
        for repeats, into in ((4, with_repeats), (0, without)):
            found = search(
                tmp_path, seed=seed, repeats=repeats, ledger=tmp_path / f"{seed}{repeats}"
            )
            into.append((found.best.parameters["x"] - 5) ** 2 / 10)
    assert sum(with_repeats) < sum(without)


def test_an_evaluation_that_ignores_its_seed_is_not_repeated_for_long(tmp_path) -> None:
    result = search(tmp_path, BOWL, AXES)
    assert sum(trial.seed != 3 for trial in result.trials) == 3
    assert len(result.trials) == 60


@pytest.mark.parametrize("trials", [1, 5, 11])
def test_a_short_search_repeats_nothing(tmp_path, trials) -> None:
    assert {trial.seed for trial in search(tmp_path, trials=trials).trials} == {3}


def test_a_repeat_is_never_stopped(tmp_path) -> None:
    def climb(parameters, seed):
        yield Outcome(100.0 if seed != 3 else 1.0)
        return noisy(parameters, seed)

    repeats = [trial for trial in search(tmp_path, climb).trials if trial.seed != 3]
    assert repeats
    assert {trial.status for trial in repeats} == {"done"}


def trial(index: int, x: int, error: float, seed: int = 0) -> Trial:
    return Trial(index, 0, {"x": x}, error, 1.0, "done", seed=seed)


def test_the_rank_is_by_mean_and_standard_error() -> None:
    trials = [trial(0, 1, 1.0), trial(1, 2, 0.8), trial(2, 3, 5.0)]
    assert [one.trial.index for one in ranking(trials)] == [1, 0, 2]
    trials += [trial(3, 2, 1.6, seed=1), trial(4, 1, 1.0, seed=1)]
    first, second, third = ranking(trials)
    # Deviations 0 and sqrt(0.32), one degree of freedom each: pooled sqrt(0.16).
    assert (first.trial.index, second.trial.index, third.trial.index) == (0, 1, 2)
    assert first.standard_error == pytest.approx(0.4 / 2**0.5)
    assert third.standard_error == pytest.approx(0.4)
    assert second.mean == pytest.approx(1.2)


def test_who_could_not_be_best_anymore_does_not_contend() -> None:
    trials = [trial(0, 1, 1.0), trial(1, 2, 1.1), trial(2, 3, 9.0)]
    trials += [trial(3, 1, 1.2, seed=1), trial(4, 2, 1.3, seed=1)]
    assert [one.trial.index for one in contenders(ranking(trials), 3)] == [0, 1]
    assert contenders([], 3) == []


def test_every_point_of_a_grid_on_request(tmp_path) -> None:
    result = search(tmp_path, BOWL, AXES, trials=None, exhaustive=True)
    grid = [trial for trial in result.trials if trial.layer == 0]
    assert len(grid) == 4 * 3 * 3 * 3
    assert len({repr(trial.parameters) for trial in grid}) == len(grid)
    assert result.stopped == "exhausted"
    assert result.best.error == min(trial.error for trial in grid if trial.error is not None)
