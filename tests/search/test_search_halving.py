"""Successive halving: poor candidates end at a rung, and the ledger says why."""

import pytest
from searched import AXES, Bowl

from gatework.search import Outcome, layered_search, read_ledger
from gatework.search.halving import decide

BOWL = Bowl()


class Climb:
    """Comes closer to the error of the bowl with each of four rungs."""

    def __init__(self) -> None:
        self.steps: dict[str, int] = {}

    def __call__(self, parameters, seed):
        final = BOWL(parameters, seed).error
        for step in range(4):
            self.steps[repr(parameters)] = step + 1
            yield Outcome(final + 2 / (step + 1))
        return Outcome(final, {"steps": 5})


def search(folder, evaluate, **settings):
    settings = {"trials": 40, "workers": 1, "seed": 3, "ledger": folder / "l", **settings}
    return layered_search(evaluate, AXES, **settings)


def shown(trials) -> list:
    return [(t.index, t.parameters, t.error, t.status, t.seed, t.rungs, t.message) for t in trials]


def test_stopped_trials_cost_less_and_the_best_goes_on(tmp_path) -> None:
    climb = Climb()
    result = search(tmp_path, climb)
    stopped = [trial for trial in result.trials if trial.status == "stopped"]
    assert len(stopped) > 5
    for trial in stopped:
        last = trial.rungs[-1]
        assert last.stopped
        assert last.threshold is not None
        assert last.error > last.threshold
        assert trial.error is None
        assert f"stopped at rung {len(trial.rungs)}" in trial.message
        assert climb.steps[repr(trial.parameters)] == len(trial.rungs)
        assert not any(rung.stopped for rung in trial.rungs[:-1])
    assert result.best.details == {"steps": 5}
    assert result.best.error is not None
    assert read_ledger(tmp_path / "l") == list(result.trials)


def test_each_decision_follows_from_the_earlier_trials_alone(tmp_path) -> None:
    trials = search(tmp_path, Climb()).trials
    for trial in trials:
        earlier = [t for t in trials[: trial.index] if t.seed == 3]
        for place, rung in enumerate(trial.rungs):
            factor = 3.0 if trial.seed == 3 else None
            others = [t.rungs[place].error for t in earlier if len(t.rungs) > place]
            assert rung == decide(rung.error, others if factor else [], factor)


@pytest.mark.parametrize("workers", [2, 3])
def test_any_number_of_workers_stops_the_same_trials(tmp_path, workers) -> None:
    one = search(tmp_path, Climb(), ledger=tmp_path / "one")
    several = search(tmp_path, Climb(), ledger=tmp_path / "several", workers=workers)
    assert shown(one.trials) == shown(several.trials)


def test_without_halving_every_trial_ends(tmp_path) -> None:
    trials = search(tmp_path, Climb(), reduction_factor=None).trials
    assert {trial.status for trial in trials} == {"done"}
    assert {len(trial.rungs) for trial in trials} == {4}


def test_a_rung_that_is_no_outcome_is_a_failure(tmp_path) -> None:
    def odd(parameters, seed):
        yield "soon" if parameters["x"] > 1.5 else Outcome(1.0)
        return Outcome(1.0)

    failed = [t for t in search(tmp_path, odd).trials if t.status == "failed"]
    assert failed
    assert {t.message for t in failed} == {"the evaluation returned str, expected an Outcome"}


@pytest.mark.parametrize(
    ("error", "others", "factor", "stopped"),
    [
        (5.0, [1.0, 2.0, 3.0], 3, False),  # too few to compare with
        (5.0, [1.0, 2.0, 3.0, 4.0], 3, True),
        (1.5, [1.0, 2.0, 3.0, 4.0, 5.0], 3, False),  # second of six, where two go on
        (2.5, [1.0, 2.0, 3.0, 4.0, 5.0], 3, True),
        (2.5, [1.0, 2.0, 3.0, 4.0, 5.0], 2, False),
        (9.0, [1.0] * 20, None, False),
        (1.0, [1.0] * 20, 3, False),  # equal is not worse
    ],
)
def test_one_in_so_many_goes_on(error, others, factor, stopped) -> None:
    assert decide(error, others, factor).stopped is stopped
