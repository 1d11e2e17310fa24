"""Averaged weights: what the average is, where it is used, and that it resumes."""

import pytest
import torch
from torch import nn

from gatework.errors import OptionError
from gatework.train import WeightAverage
from training import flat, network, shuffled, trainer


def walked(rule, steps):
    """A weight that is 1, 2, 3, ... after each step."""
    weight = nn.Parameter(torch.zeros(1))
    average = WeightAverage([weight], rule)
    for step in range(1, steps + 1):
        with torch.no_grad():
            weight.fill_(float(step))
        average.update()
    return weight, average


def test_an_exponential_average_forgets_the_start_soon_and_then_decays_as_asked() -> None:
    weight, average = walked(0.5, 40)
    expected = 0.0
    for step in range(1, 41):
        share = 1 - min(0.5, step / (step + 10))
        expected += share * (step - expected)
    with average.in_place():
        assert weight.item() == pytest.approx(expected)
    assert weight.item() == 40


def test_non_monotone_is_the_mean_of_the_steps_after_validation_got_worse() -> None:
    weight, average = walked("non-monotone", 3)
    average.consider([1.0, 2, 2, 2, 2, 2])  # none of more than five epochs before
    assert average.weights is None
    average.consider([1.0, 2, 2, 2, 2, 2, 1.5])
    for value in (10.0, 20.0):
        with torch.no_grad():
            weight.fill_(value)
        average.update()
    average.install()
    assert weight.item() == pytest.approx(15)


def test_validation_and_the_end_see_the_average(tmp_path) -> None:
    seen, plain = [], network()
    trainer(plain).fit(shuffled())
    model = network()
    trainer(model, average=0.9).fit(shuffled(), lambda m: seen.append(flat(m).clone()) or 1.0)
    assert not torch.equal(flat(model), flat(plain))
    assert torch.equal(flat(model), seen[0])  # the first epoch is the best of equals
    without = network()
    trainer(without, average=0.9).fit(shuffled())
    assert torch.equal(flat(without), seen[-1])


def test_a_run_with_an_average_resumes_to_the_same_bits(tmp_path) -> None:
    whole, cut, path = network(), network(), tmp_path / "run"
    trainer(whole, average=0.9, epochs=4).fit(shuffled())

    class Stop(Exception):
        pass

    class Stopping:
        def start(self, epochs, batches, done): ...
        def stop(self): ...
        def epoch(self, number, loss, validation): ...

        def __init__(self):
            self.left = 5

        def step(self, loss, items):
            self.left -= 1
            if not self.left:
                raise Stop

    settings = {"average": 0.9, "epochs": 4, "checkpoint": path, "checkpoint_every": 1}
    with pytest.raises(Stop):
        trainer(cut, progress=Stopping(), **settings).fit(shuffled())
    cut = network()
    trainer(cut, **settings).fit(shuffled())
    assert torch.equal(flat(cut), flat(whole))


@pytest.mark.parametrize("rule", [0.0, 1.0, "mean", True, float("nan")])
def test_a_rule_that_is_none_is_refused(rule) -> None:
    with pytest.raises(OptionError, match="average must be None, a decay between 0 and 1"):
        trainer(network(), average=rule)


def test_non_monotone_needs_validation() -> None:
    with pytest.raises(OptionError, match="needs validation"):
        trainer(network(), average="non-monotone").fit(shuffled())
