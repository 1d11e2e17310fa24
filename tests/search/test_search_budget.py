"""The time budget: shared by the layers, and hardly overrun."""

import itertools
from types import SimpleNamespace

import pytest
from searched import AXES, Bowl

from gatework.engine import serial
from gatework.search import SearchInterrupted, layered_search, plan

BOWL = Bowl()


class Clock:
    """Stands for the time module: time passes only while something is evaluated."""

    def __init__(self, monkeypatch, *seconds: float) -> None:
        self.now, self.seconds = 0.0, itertools.cycle(seconds)
        for module in (plan, serial):
            monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: self.now))

    def __call__(self, parameters, seed):
        self.now += next(self.seconds)
        return BOWL(parameters, seed)


def search(tmp_path, evaluate, budget: float, resume: bool = False):
    return layered_search(
        evaluate, AXES, budget=budget, workers=1, ledger=tmp_path / "l", resume=resume, repeats=0
    )


def test_each_layer_gets_its_share_of_the_time(tmp_path, monkeypatch) -> None:
    result = search(tmp_path, Clock(monkeypatch, 1.0), 50.0)
    assert result.stopped == "budget"
    assert sum(trial.layer == 0 for trial in result.trials) == 17  # 0.35 of the time
    assert len(result.trials) == 50


@pytest.mark.parametrize(
    ("seconds", "budget", "trials"), [(5.0, 7.0, 1), (5.0, 7.6, 2), (5.0, 1.0, 1), (3.0, 100.0, 33)]
)
def test_no_trial_begins_that_would_rather_end_after_the_budget(
    tmp_path, monkeypatch, seconds, budget, trials
) -> None:
    result = search(tmp_path, Clock(monkeypatch, seconds), budget)
    assert (len(result.trials), result.stopped) == (trials, "budget")


def test_uneven_trials_end_by_the_budget_too(tmp_path, monkeypatch) -> None:
    clock = Clock(monkeypatch, 1.0, 1.0, 9.0)
    assert search(tmp_path, clock, 60.0).stopped == "budget"
    assert 50 < clock.now < 70


def test_a_resumed_search_has_what_is_left_of_the_budget(tmp_path, monkeypatch) -> None:
    clock = Clock(monkeypatch, 1.0)

    def interrupted(parameters, seed):
        if clock.now >= 20:
            raise KeyboardInterrupt
        return clock(parameters, seed)

    with pytest.raises(SearchInterrupted, match="20 finished trials are kept"):
        search(tmp_path, interrupted, 50.0)
    clock.now = 1000.0
    result = search(tmp_path, clock, 50.0, resume=True)
    assert (len(result.trials), clock.now) == (50, 1030.0)
