"""The table of regimes: what is measured, how it is chosen, how much work it is."""

import dataclasses

import pytest

from gatework.bench import REGIMES, Limits, Regime, select
from gatework.bench.measure import CONTENDERS, judge
from gatework.bench.regimes import beside_others
from gatework.bench.variants import NAMES, options
from gatework.errors import OptionError
from gatework.network import LSTM


def test_every_regime_has_its_own_name_known_rivals_and_limits_in_order() -> None:
    names = [regime.name for regime in REGIMES]
    assert len(set(names)) == len(names)
    for regime in REGIMES:
        assert set(regime.rivals) <= CONTENDERS.keys() - set(regime.ours)
        assert 0 < regime.limits.at_least <= regime.limits.aim


def test_every_variant_is_measured_forward_training_and_against_the_loop() -> None:
    for variant in NAMES:
        found = {(r.group, r.task) for r in REGIMES if r.variant == variant}
        assert found == {("variants", "inference"), ("variants", "training"), ("loop", "training")}


def test_a_quick_run_has_a_part_of_every_group() -> None:
    quick = select(quick=True)
    assert {r.group for r in quick} == {r.group for r in REGIMES}
    assert len(quick) < len(REGIMES) / 2


def test_a_group_is_not_taken_for_another_that_begins_like_it() -> None:
    assert {r.group for r in select("step")} == {"step"}
    assert {r.group for r in select("step, 3 layers")} == {"step, 3 layers"}


def test_one_regime_is_chosen_by_its_name_even_in_a_quick_run() -> None:
    name = "training: H 512, B 64"
    assert [r.name for r in select(name, quick=True)] == [name]


def test_an_unknown_regime_is_refused_with_the_nearest() -> None:
    with pytest.raises(OptionError, match="there is no regime 'trainig'") as caught:
        select("trainig")
    assert caught.value.hint == "--only 'training'"


@pytest.mark.parametrize("variant", ["plain", *NAMES])
def test_operations_are_those_of_the_weights(variant) -> None:
    H, B, T = 8, 3, 5
    regime = Regime("a", "inference", H, (), Limits(1, 1), batch=B, steps=T, variant=variant)
    network = LSTM(H, H, **({} if variant == "plain" else options(variant, H)))
    matrices = sum(w.numel() for w in network.parameters() if w.dim() == 2 and len(w) >= 4)
    assert regime.flops == 2 * T * B * matrices
    training = dataclasses.replace(regime, task="training")
    assert training.flops == 3 * regime.flops
    assert dataclasses.replace(training, lengths=True).flops == 1.5 * regime.flops
    assert dataclasses.replace(regime, layers=3).flops == 3 * regime.flops


def test_weights_that_a_step_reads() -> None:
    regime = Regime("a", "step", 128, (), Limits(1, 1), layers=3)
    assert regime.weight_bytes == 3 * 4 * (512 * 128 + 512 * 128)
    assert dataclasses.replace(regime, storage="float16").weight_bytes == regime.weight_bytes / 2


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        (None, "not measured"),
        (1.29, "missed"),
        (1.3, "at least"),
        (1.79, "at least"),
        (1.8, "aim"),
        (9.0, "aim"),
    ],
)
def test_verdicts_at_the_limits(ratio, verdict) -> None:
    assert judge(ratio, Limits(1.3, 1.8)) == verdict


def test_beside_others_a_regime_has_limits_of_its_own() -> None:
    for regime in REGIMES:
        busy = beside_others(regime)
        assert busy == dataclasses.replace(regime, limits=busy.limits)
        assert busy.limits.at_least <= regime.limits.at_least
    assert beside_others(select("training")[0]).limits == (1.0, 1.3)
    assert beside_others(select("step")[0]) == select("step")[0]
