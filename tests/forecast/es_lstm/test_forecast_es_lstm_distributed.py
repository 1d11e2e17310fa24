"""One network trained by several processes: the same as by one, and whole after a loss."""

import multiprocessing
import os
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from lost_process import STEPS, LosesOne

from gatework import GlobalForecaster
from gatework.engine import Pool
from gatework.errors import EngineError, OptionError, TrainingError
from gatework.forecast import Panel, PanelForecast, Series
from gatework.forecast.es_lstm import distributed
from gatework.system import sockets
from listening import TOLD, listening

SETTINGS: dict[str, Any] = {
    "horizon": 2,
    "hidden_sizes": (8,),
    "dropout": 0.0,
    "members": 1,
    "epochs": 4,
    "batch_size": 3,
}


def panel() -> Panel:
    """Seven series, so that the last batch has one, and a part of it none."""
    draw = np.random.default_rng(0)
    made = []
    for number in range(7):
        length = 30 + 3 * number
        labels = tuple(str(period) for period in range(1, length + 1))
        values = 20 + 4 * np.sin(np.arange(length) / 3 + number) + draw.normal(0, 1, length)
        made.append(Series(f"s{number}", values, labels))
    return Panel.from_series(made)


class Told:
    """Progress that is kept."""

    def __init__(self) -> None:
        self.heard: list[tuple] = []
        self.listened: set[str] = set()

    def start(self, epochs: int, batches: int, done: int) -> None:
        self.heard.append(("start", epochs, batches, done))

    def step(self, loss: float, items: int) -> None:
        raise AssertionError("too much to be told from process to process")

    def epoch(self, number: int, loss: float, validation: float | None) -> None:
        self.heard.append(("epoch", number, round(loss, 5)))
        if TOLD.exists():
            there = (os.getpid(), *(one.pid for one in multiprocessing.active_children()))
            self.listened |= listening(there)

    def stop(self) -> None:
        self.heard.append(("stop",))


def forecast(**changes: Any) -> PanelForecast:
    return GlobalForecaster(**SETTINGS | changes).fit(panel()).predict()


def assert_same(one: PanelForecast, other: PanelForecast) -> None:
    np.testing.assert_allclose(one.values, other.values, rtol=2e-5)
    np.testing.assert_allclose(one.lower[0.95], other.lower[0.95], rtol=1e-4)
    np.testing.assert_allclose(one.upper[0.95], other.upper[0.95], rtol=1e-4)


def test_several_processes_train_the_network_that_one_does() -> None:
    told = Told()
    assert_same(forecast(processes=3, progress=told), forecast())
    once = [("start", 4, 3, 0), *(("epoch", number) for number in range(1, 5)), ("stop",)]
    heard = [words[:2] if words[0] == "epoch" else words for words in told.heard]
    assert heard == once * 2  # for the intervals, and for the forecasts
    losses = [words[2] for words in told.heard if words[0] == "epoch"]
    assert losses[0] > losses[3]
    assert told.listened == ({"127.0.0.1"} if TOLD.exists() else set())


def test_a_process_that_is_killed_costs_no_more_than_its_epoch(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(distributed, "_Apart", LosesOne)
    told = Told()
    found = forecast(processes=2, progress=told, checkpoint=tmp_path / "kept")
    assert (tmp_path / "died").exists()
    assert_same(found, forecast())
    begun = [words[3] for words in told.heard if words[0] == "start"]
    assert begun == [0, STEPS, 0]  # for the intervals twice, and for the forecasts


def test_a_process_that_is_lost_again_and_again_is_told(tmp_path, monkeypatch) -> None:
    tried = []

    def lost(self, *_: Any) -> tuple[None, str]:
        tried.append(self)
        return None, "RuntimeError: [pair.cc:537] Connection reset by peer.\nGLHF!"

    monkeypatch.setattr(distributed.DistributedTraining, "_run", lost)
    said = r"2 that train together failed: one was lost 2 times, killed or out of memory"
    with pytest.raises(TrainingError, match=rf"{said}; .*keeps the epochs.*\nhint: processes=1"):
        forecast(processes=2, checkpoint=tmp_path)
    assert len(tried) == 2


def test_what_goes_wrong_in_a_process_is_told(tmp_path) -> None:
    (tmp_path / "kept").write_text("no folder")
    with pytest.raises(OSError, match="kept"):
        forecast(processes=2, checkpoint=tmp_path / "kept")
    (tmp_path / "calibration-0.checkpoint").write_text("of something else")
    with pytest.raises(TrainingError, match=r"2 that train together failed: FileFormatError: "):
        forecast(processes=2, checkpoint=tmp_path)
    with pytest.raises(EngineError, match="cannot be reached"):
        forecast(processes=2, engine="ray", address="127.0.0.1:9")
    for wrong, said in (
        ({"processes": 0}, "processes must be a whole number of at least 1"),
        ({"engine": "ray"}, "processes must be 2 or more"),
        ({"address": "a:1"}, "it needs engine='ray'"),
    ):
        with pytest.raises(OptionError, match=said):
            forecast(**wrong)


def test_processes_that_start_slowly_are_waited_for(monkeypatch) -> None:
    monkeypatch.setattr(distributed, "LOOK", 0.0)
    started = iter((0, 1, 2))
    pool = cast(Pool, SimpleNamespace(free=lambda: next(started, 2)))
    assert distributed._started(pool, 2)
    monkeypatch.setattr(distributed, "MEETING", timedelta(0))
    assert not distributed._started(pool, 3)


@pytest.mark.skipif(not TOLD.exists(), reason="the system does not tell what listens")
def test_processes_of_a_cluster_meet_at_the_interface_that_is_named() -> None:
    before = listening([os.getpid()])
    with distributed.DistributedTraining(2, "ray")._meeting() as (meeting, store):
        assert listening([os.getpid()]) == before | {"127.0.0.1"}
        meeting.store().set("a word", "heard")
        assert store.get("a word") == b"heard"
    named = distributed.DistributedTraining(2, "ray", interface=sockets.loopback())
    with named._meeting() as (meeting, _):
        assert (meeting.host, meeting.interface) == ("127.0.0.1", sockets.loopback())
    none = distributed.DistributedTraining(2, "ray", interface="none")
    with pytest.raises(OptionError, match="has no network interface 'none'"), none._meeting():
        pass
    with pytest.raises(OptionError, match=r"interface is .*: it needs engine='ray'"):
        forecast(processes=2, interface="lo")
