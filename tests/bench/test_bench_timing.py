"""Timing by a clock that the test moves: turns, repetitions, medians."""

import pytest

from gatework.bench import timing
from gatework.bench.timing import Effort, Timing, take_turns


class Clock:
    """A clock that moves only when a call says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def call(self, name: str, seconds: list[float], log: list[str]):
        """Return a call that takes each of ``seconds`` in turn, then the last for ever."""
        left = list(seconds)

        def run() -> None:
            log.append(name)
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return run


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(timing.time, "process_time", lambda: 2 * clock.now)
    monkeypatch.setattr(timing.time, "sleep", lambda seconds: None)
    return clock


def test_contenders_take_turns(clock) -> None:
    log: list[str] = []
    calls = {"ours": clock.call("ours", [1.0], log), "peer": clock.call("peer", [2.0], log)}
    found = take_turns(calls, Effort(rounds=3, sample=1.0))
    # Two calls of each to learn how long it takes, then one untimed and one timed a round.
    assert log[4:] == ["ours", "ours", "peer", "peer"] * 3
    assert found["ours"] == Timing(1.0, 1.0, 1.0, 3, 2.0)
    assert found["peer"].median == 2.0


def test_a_short_call_is_repeated_until_a_sample_is_long_enough(clock) -> None:
    log: list[str] = []
    effort = Effort(rounds=2, sample=1.0)
    found = take_turns({"ours": clock.call("ours", [0.001], log)}, effort)
    assert found["ours"].median == pytest.approx(0.001)
    timed = len(log) - 1 - (1 + 4 + 16 + 64 + 256)  # the calls that found the number out
    assert timed == 2 * (1 + 1000)


def test_the_median_and_the_quartiles_stand_for_the_samples(clock) -> None:
    # The untimed calls take 9; one timed sample was disturbed.
    seconds = [9, 9, *[value for sample in (1.0, 1.2, 50.0, 1.1, 1.3) for value in (9, sample)]]
    found = take_turns({"ours": clock.call("ours", seconds, [])}, Effort(5, 1.0))["ours"]
    assert found.median == pytest.approx(1.2)
    assert (found.low, found.high) == pytest.approx((1.1, 1.3))
    assert found.spread == pytest.approx(0.2 / 1.2)
