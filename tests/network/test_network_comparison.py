"""accelerate(model).compare: both start alike, and nothing of the user's is touched."""

import copy
import random
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from gatework.errors import OptionError, ShapeError
from gatework.kernels import native
from gatework.network import comparison
from gatework.network.accelerate import AcceleratedLSTM, accelerate


@pytest.fixture(autouse=True)
def _quickly_on_our_path(monkeypatch) -> None:
    # Also where no kernel is built, so that what is compared with torch is never torch.
    monkeypatch.setenv("GATEWORK_KERNEL", "" if native.available() else "reference")
    monkeypatch.setattr(comparison, "SECONDS", 0.0)


class Reader(nn.Module):
    """A model with all that a comparison must leave alone: modes, statistics, gradients."""

    def __init__(self, honest: bool = True) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.lstm = nn.LSTM(3, 8, batch_first=True, num_layers=2, dropout=0.5)
        self.honest = honest

    def forward(self, x, *, scale=1.0):
        y, state = self.lstm(self.norm(x.transpose(1, 2)).transpose(1, 2) * scale)
        if not self.honest and type(self.lstm) is AcceleratedLSTM:
            y = y * 1.5
        return {"output": y, "state": state, "steps": x.shape[1]}


def test_a_comparison_on_the_users_model_leaves_it_as_it_is() -> None:
    torch.manual_seed(0)
    x = torch.randn(4, 6, 3)
    model = Reader()
    before = copy.deepcopy(model.state_dict())
    drawn = torch.get_rng_state()
    found = accelerate(model).compare(x, scale=2.0)
    assert 0 <= found.outputs < 1e-5
    assert found.gradients is not None
    assert 0 < found.gradients < 1e-4
    assert min(*found.forward, *(found.training or ())) > 0
    assert type(model.lstm) is AcceleratedLSTM
    assert model.training
    assert all(weight.grad is None for weight in model.parameters())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), drawn)
    titles, forward, training, apart = str(found).splitlines()
    assert titles.split() == ["torch", "gatework", "ratio"]
    assert forward.split()[::2][:2] == ["forward", "ms"]
    assert training.startswith("training step")
    assert apart.startswith("largest difference, as a share of the largest value: outputs ")
    wrong = accelerate(Reader(honest=False)).compare(x)
    assert wrong.outputs > 0.05
    frozen = accelerate(Reader().requires_grad_(False)).compare(x)
    assert (frozen.training, frozen.gradients) == (None, None)
    assert len(str(frozen).splitlines()) == 3


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(
        OptionError, match=r"nothing of the model was swapped.*GRU is not torch\.nn"
    ):
        accelerate(nn.GRU(3, 4)).compare(torch.zeros(2, 1, 3))

    model = nn.Sequential(nn.LSTM(3, 4))
    model.register_forward_hook(lambda *_: "done")
    with pytest.raises(ShapeError, match="returned no tensor of floating-point numbers"):
        accelerate(model).compare(torch.zeros(2, 1, 3))

    with pytest.raises(OptionError, match="ModuleDict has no forward of its own"):
        accelerate(nn.ModuleDict({"reader": nn.LSTM(3, 4)})).compare(torch.zeros(2, 1, 3))

    undone = accelerate(nn.LSTM(3, 4))
    undone.undo()
    with pytest.raises(OptionError, match=r"since undo\(\)") as refused:
        undone.compare(torch.zeros(2, 1, 3))
    assert refused.value.hint == "gatework.accelerate(model).compare(x)"


class Odd(nn.Module):
    """A model that draws, keeps a state with its graph, and edits what it is given."""

    state = None
    kinds: ClassVar[list[type]] = []

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, 5)

    def forward(self, x):
        self.kinds.append(type(self.lstm))
        state = (torch.randn(1, 2, 5) * random.random(), torch.full((1, 2, 5), np.random.rand()))
        if self.state is not None:
            state = tuple(new + old.detach() for new, old in zip(state, self.state, strict=True))
        x = x.mul_(2) if not x.requires_grad else x
        y, self.state = self.lstm(x, state)
        return nn.functional.dropout(y, 0.5, training=True)


def drawn() -> list[str]:
    return [str(torch.get_rng_state().tolist()), str(random.getstate()), str(np.random.get_state())]


def test_every_run_starts_from_the_same() -> None:
    torch.manual_seed(0)
    x = torch.randn(4, 2, 3)
    given, model = x.clone(), Odd()
    report = accelerate(model)
    model(x.clone())  # keeps a state with its graph
    kept, before = model.state, drawn()
    found = report.compare(given)
    assert found.outputs < 1e-5
    assert found.gradients is not None
    assert found.gradients < 1e-4
    assert torch.equal(given, x)
    assert model.state is kept
    assert drawn() == before


def test_no_gradient_reaches_the_users_tensors() -> None:
    model, first = Odd(), nn.Linear(3, 3)
    leaf = torch.randn(4, 2, 3, requires_grad=True)
    for x in (leaf, first(leaf)):
        assert accelerate(model).compare(x).training is not None
    assert all(one.grad is None for one in (leaf, *first.parameters(), *model.parameters()))


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode])
def test_training_is_compared_where_the_caller_has_gradients_off(off) -> None:
    with off():
        found = accelerate(nn.LSTM(3, 4)).compare(torch.randn(4, 2, 3))
    assert None not in (found.training, found.gradients)


def test_a_parametrization_on_top_is_compared_with_torch_and_undone() -> None:
    model = Odd()
    report = accelerate(model)
    parametrizations.weight_norm(model.lstm, "weight_hh_l0")
    assert accelerate(model).swapped == ("lstm",)
    model.kinds.clear()
    x = torch.randn(4, 2, 3)
    assert report.compare(x).outputs < 1e-5
    assert {issubclass(kind, AcceleratedLSTM) for kind in model.kinds} == {True, False}
    weight = model.lstm.weight_hh_l0
    report.undo()
    assert not isinstance(model.lstm, AcceleratedLSTM)
    torch.testing.assert_close(model.lstm.weight_hh_l0, weight)
    nn.utils.parametrize.remove_parametrizations(model.lstm, "weight_hh_l0")
    assert type(model.lstm) is nn.LSTM


def test_nan_and_infinity_are_told() -> None:
    class Broken(nn.Module):
        def __init__(self, value: float) -> None:
            super().__init__()
            self.lstm, self.value = nn.LSTM(3, 4), value

        def forward(self, x):
            y = self.lstm(x)[0]
            ours = type(self.lstm) is AcceleratedLSTM
            return y, y.detach() * (self.value if ours else 1.0), torch.tensor([torch.inf])

    x = torch.randn(4, 2, 3)
    found = accelerate(Broken(torch.nan)).compare(x)
    assert np.isnan(found.outputs)
    assert "outputs NaN (not a number, no difference can be told)" in str(found)
    # Equal infinities, the third output, do not differ, and hide no difference of the others.
    assert accelerate(Broken(1.0)).compare(x).outputs < 1e-5
    assert accelerate(Broken(2.0)).compare(x).outputs > 0.5
