"""Convolutions with the LSTM: windows that end at their step, blind to padding, seen through."""

import numpy as np
import pytest
import torch

from gatework.recognize import SequenceClassifier, estimator
from gatework.recognize.augment import SeriesAugmentation
from gatework.recognize.convolutions import Convolutions, StepNorm

DRAW = np.random.default_rng(0)
X = [DRAW.normal(size=(length, 2)) + place % 2 for place, length in enumerate([6, 9, 7, 12] * 6)]
Y = ["low", "high"] * 12


def test_padding_changes_neither_a_step_nor_what_is_normalised_by():
    together, alone = Convolutions(3), Convolutions(3)
    alone.load_state_dict(together.state_dict())
    x = torch.randn(7, 2, 3, generator=torch.Generator().manual_seed(0))
    longer = torch.cat([x, torch.full((4, 2, 3), 99.0)])
    seen = together(longer, torch.tensor([7, 7]))
    torch.testing.assert_close(seen[:7], alone(x))
    for mine, other in zip(together.buffers(), alone.buffers(), strict=True):
        torch.testing.assert_close(mine, other)


def test_a_step_alone_is_normalised_by_what_came_before():
    norm = StepNorm(2)
    assert norm(torch.tensor([[[3.0], [4.0]]])).flatten().tolist() == pytest.approx([3, 4], 1e-4)


def test_what_is_not_varied_is_normalised_by_what_is_not_varied():
    settings = {"epochs": 3, "convolutions": "before", "augment": SeriesAugmentation(noise=50.0)}
    model = SequenceClassifier((2,), **settings).fit(X, Y)
    windows = model.network_.convolutions
    assert windows is not None
    parts = [torch.from_numpy(model.scaling_.apply(x).astype(np.float32)).T[None] for x in X]
    steps = torch.cat([windows._window(0, part) for part in parts], dim=2)[0].detach()
    torch.testing.assert_close(windows.norms[0].mean, steps.mean(dim=1), rtol=1e-4, atol=1e-5)
    variance = steps.var(dim=1, correction=0)
    torch.testing.assert_close(windows.norms[0].variance, variance, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("convolutions", ["beside", "before"])
def test_a_run_tells_what_the_estimator_tells(convolutions):
    settings = {"convolutions": convolutions, "epochs": 2}
    model = SequenceClassifier((4,), **settings).fit(X, Y)
    run = model.examine(X, sequence="X[3]")
    told = np.log(model.predict_proba(X[3:4])[0])
    np.testing.assert_allclose(run.output[-1], told, rtol=1e-4, atol=1e-5)
    raw = run.raw.clone().requires_grad_()
    run.again(raw)[-1, 0].backward()
    assert raw.grad is not None
    assert (raw.grad.abs().sum(dim=(1, 2)) > 0).all()


def test_few_sequences_are_passed_over_until_there_were_steps_enough(monkeypatch):
    monkeypatch.setattr(estimator, "LEAST_STEPS", 100)
    model = SequenceClassifier((2,), convolutions="none", batch_size=10).fit(X, Y)
    assert len(model.history_.losses) == 34  # of 3 steps each
    assert model.history_.validation == []  # two or three sequences would say little
    few = SequenceClassifier((2,), convolutions="none", epochs=2).fit(X, Y)
    assert len(few.history_.losses) == 2


def test_a_tenth_of_many_sequences_is_kept_apart():
    many = np.resize(np.asarray(Y), 500)
    model = SequenceClassifier((2,), epochs=1).fit(np.ones((500, 3)), many)
    assert len(model.history_.validation) == 1
