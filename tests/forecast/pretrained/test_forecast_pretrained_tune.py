"""Pretrained networks go on learning, near where they were."""

from dataclasses import replace

import numpy as np
import pytest

from gatework.errors import OptionError
from gatework.forecast.pretrained.example import Example
from gatework.forecast.pretrained.model import PretrainedNetwork
from gatework.forecast.pretrained.pretrain import PretrainSettings, pretrain
from gatework.forecast.pretrained.tune import USUAL, tuned

BRIEF = replace(USUAL, steps=3, epochs=1, few=0)


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    draw = np.random.default_rng(0)
    return [Example(name, "", 5 + draw.normal(size=30), 1) for name in "abc"]


@pytest.fixture(scope="module")
def network(examples) -> PretrainedNetwork:
    small = PretrainSettings(hidden_sizes=(4,), entry=4, members=1, epochs=1, synthetic=0)
    return pretrain(examples, small)


def changed(one: PretrainedNetwork, other: PretrainedNetwork) -> dict[str, float]:
    """Return how far each weight went, by the first part of its name."""
    found: dict[str, float] = {}
    for name, before in one.members[0].weights.items():
        far = float(np.abs(other.members[0].weights[name] - before).sum())
        found[name.partition(".")[0]] = found.get(name.partition(".")[0], 0.0) + far
    return found


def test_all_of_it_learns_and_the_same_seed_learns_the_same(examples, network) -> None:
    first, second = (tuned(network, examples, BRIEF, seed=3) for _ in range(2))
    assert min(changed(network, first).values()) > 0
    assert max(changed(first, second).values()) == 0
    assert max(changed(first, tuned(network, examples, BRIEF, seed=4)).values()) > 0


def test_of_few_values_only_the_heads_learn(examples, network) -> None:
    far = changed(network, tuned(network, examples, replace(BRIEF, few=10_000)))
    assert far["entry"] == far["lstm"] == 0
    assert min(far["head"], far["spread"]) > 0


def test_a_strong_pull_keeps_the_weights_near_where_they_were(examples, network) -> None:
    free, held = (
        sum(changed(network, tuned(network, examples, replace(BRIEF, steps=30, pull=p))).values())
        for p in (0.0, 100.0)
    )
    assert held < 0.5 * free


def test_a_checkpoint_is_of_the_weights_that_it_began_with(tmp_path, examples, network) -> None:
    first = tuned(network, examples, BRIEF, checkpoint=tmp_path)
    again = tuned(network, examples, BRIEF, checkpoint=tmp_path)
    assert max(changed(first, again).values()) == 0
    with pytest.raises(OptionError, match="PulledLoss"):
        tuned(first, examples, BRIEF, checkpoint=tmp_path)
