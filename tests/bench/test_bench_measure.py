"""Contenders: made ready, compared before they are timed, judged."""

import dataclasses
import os

import numpy as np
import pytest
import torch
from torch import nn

from gatework import LSTM
from gatework.bench import Limits, Regime, onnx_model
from gatework.bench import measure as measured
from gatework.bench.contender import Running, UnavailableError, disagreement
from gatework.bench.measure import CONTENDERS, Measurement, measure
from gatework.bench.regimes import LSTM as OURS
from gatework.bench.regimes import RUNTIME
from gatework.bench.setting import Setting
from gatework.bench.timing import Effort, Timing

BRIEF = Effort(rounds=1, sample=1e-6)
LIMITS = Limits(1, 2)


def tiny(task, *rivals: str, **settings) -> Regime:
    return Regime("tiny", task, 4, rivals, LIMITS, batch=3, steps=6, **settings)


REGIMES = {
    "inference": tiny("inference", "torch.nn.LSTM"),
    "two layers": tiny("inference", "torch.nn.LSTM", layers=2),
    "training": tiny("training", "torch.nn.LSTM", layers=2),
    "lengths": tiny("training", "torch.nn.LSTM packed", lengths=True),
    "trace": tiny("inference", "gatework without trace", trace=True),
    "dropped": tiny("training", "gatework reference", variant="recurrent dropout"),
    "zoned out": tiny("training", "gatework reference", variant="cell zoneout"),
    "connections dropped": tiny("training", "gatework reference", variant="DropConnect"),
    "projected": tiny("training", "gatework reference", variant="projection"),
    "normalised": tiny("inference", "gatework reference", variant="layer norm"),
}


@pytest.mark.parametrize("name", REGIMES)
def test_all_contenders_of_a_regime_give_the_same_numbers(name) -> None:
    found = measure(REGIMES[name], 1, BRIEF)
    assert found.times.keys() == {*REGIMES[name].ours, *REGIMES[name].rivals}
    assert not found.skipped
    assert not found.wrong


@pytest.mark.parametrize("batch", [1, 3])
def test_a_step_of_the_others_gives_the_same_numbers(batch) -> None:
    regime = dataclasses.replace(tiny("step"), batch=batch, layers=2)
    setting = Setting(regime, 1)
    numbers = [CONTENDERS[name](setting).numbers for name in ("torch.nn.LSTM", "LSTMCell")]
    first, second = (found() for found in numbers if found is not None)
    assert disagreement(first, second) < 1e-6
    with torch.no_grad():
        expected = setting.torch.plain(setting.torch.x)[0].numpy()
    assert disagreement(first, [expected]) < 1e-6


@pytest.mark.parametrize("storage", ["float32", "float16"])
def test_our_runtime_gives_the_numbers_of_torch_or_says_why_it_is_not_there(storage) -> None:
    rivals = ("torch.nn.LSTM",) if storage == "float32" else ("gatework float32",)
    one = dataclasses.replace(tiny("step", *rivals), batch=1, storage=storage)
    streams = tiny("step", *rivals, layers=2, storage=storage)
    sequences = tiny("inference", *rivals, storage=storage)
    for regime in (one, streams, sequences):
        found = measure(regime, 1, BRIEF)
        assert not found.wrong
        assert (RUNTIME in found.times) != (RUNTIME in found.skipped)


def test_the_plain_cell_beside_a_variant_is_timed_but_not_compared() -> None:
    found = measure(tiny("inference", "gatework plain", variant="peephole"), 1, BRIEF)
    assert found.times.keys() == {OURS, "gatework plain"}
    assert not found.wrong


def test_wrong_numbers_are_found_whatever_the_speed(monkeypatch) -> None:
    def wrong(setting: Setting) -> Running:
        right = CONTENDERS["torch.nn.LSTM"](setting).numbers
        assert right is not None
        return Running(lambda: None, lambda: [numbers * 1.001 for numbers in right()])

    monkeypatch.setitem(CONTENDERS, "wrong", wrong)
    found = measure(tiny("inference", "wrong"), 1, BRIEF)
    assert found.wrong["wrong"] == pytest.approx(0.001, rel=0.02)
    assert found.verdict == "wrong numbers"
    assert not found.met


def test_numbers_that_are_none_are_wrong_numbers(monkeypatch) -> None:
    nothing = [np.full((6, 3, 4), np.nan, dtype=np.float32)]
    monkeypatch.setitem(CONTENDERS, "nan", lambda setting: Running(lambda: None, lambda: nothing))
    assert "nan" in measure(tiny("inference", "nan"), 1, BRIEF).wrong


def test_rivals_that_are_not_there_are_named_with_the_reason(monkeypatch) -> None:
    def absent(setting: Setting) -> Running:
        raise UnavailableError("not installed: pip install absent")

    monkeypatch.setitem(CONTENDERS, "absent", absent)
    regime = tiny("inference", "torch.nn.LSTM", "absent", "LSTMCell")
    found = measure(regime, 1, BRIEF, leave_out={"LSTMCell": "takes too long"})
    assert found.skipped == {
        "absent": "not installed: pip install absent",
        "LSTMCell": "takes too long",
    }
    assert found.best == "torch.nn.LSTM"


def test_without_onnxruntime_it_is_named_as_missing(monkeypatch) -> None:
    monkeypatch.setattr(measured.onnx_peer, "is_here", lambda name: name != "onnxruntime")
    with pytest.raises(UnavailableError, match=r"^not installed: pip install onnxruntime$"):
        CONTENDERS["onnxruntime"](Setting(tiny("inference"), 1))


def test_the_threads_and_the_environment_are_as_before(monkeypatch) -> None:
    monkeypatch.setenv("GATEWORK_KERNEL", "reference")
    threads = torch.get_num_threads()
    measure(tiny("training", "gatework reference", variant="peephole"), 2, BRIEF)
    assert torch.get_num_threads() == threads
    assert os.environ["GATEWORK_KERNEL"] == "reference"


def test_the_ratio_is_to_the_fastest_rival() -> None:
    times = {OURS: 2.0, "slow": 8.0, "fast": 3.0}
    found = Measurement(
        tiny("inference", "slow", "fast"),
        1,
        {name: Timing(t, t, t, 1, t) for name, t in times.items()},
        {},
        {},
    )
    assert (found.best, found.ratios, found.verdict) == ("fast", {OURS: 1.5}, "at least")
    alone = dataclasses.replace(found, times={OURS: found.times[OURS]})
    assert (alone.ratios, alone.verdict, alone.met) == ({}, "no rival", False)
    both = dataclasses.replace(found, times={**found.times, RUNTIME: Timing(4, 4, 4, 1, 4)})
    assert (both.ratios, both.verdict) == ({OURS: 1.5, RUNTIME: 0.75}, "missed")
    verdicts = [dataclasses.replace(found, others=cores).verdict for cores in (None, 0.2, 0.3)]
    assert verdicts == ["at least", "at least", "busy machine"]


def test_the_onnx_model_is_the_lstm() -> None:
    from onnx import load_from_string
    from onnx.reference import ReferenceEvaluator

    module = nn.LSTM(3, 5, num_layers=2)
    x, h, c = torch.randn(4, 2, 3), torch.randn(2, 2, 5), torch.randn(2, 2, 5)
    with torch.no_grad():
        y, (h_n, c_n) = module(x, (h, c))
    weights = {name: weight.numpy() for name, weight in module.state_dict().items()}
    session = ReferenceEvaluator(load_from_string(onnx_model.build(weights)))
    feed = {"x": x.numpy(), "h": h.numpy(), "c": c.numpy()}
    found = session.run(None, feed)
    expected = [tensor.numpy() for tensor in (y, h_n, c_n)]
    assert disagreement([np.asarray(part) for part in found], expected) < 1e-6


def test_our_network_has_the_weights_of_torch() -> None:
    setting = Setting(tiny("inference"), 1)
    network = setting.torch.network
    assert isinstance(network, LSTM)
    expected = setting.torch.torch_lstm.get_parameter("weight_hh_l0")
    assert torch.equal(network.cell().weight_hh, expected)
