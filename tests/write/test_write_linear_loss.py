"""The loss in chunks is the plain one, with the plain gradients, however the chunks fall."""

import pytest
import torch
from torch.nn import functional

from gatework.write import linear_loss
from gatework.write.linear_loss import linear_cross_entropy


@pytest.mark.parametrize("chunk", [7, 20, 21, 1000])
def test_loss_and_gradients_in_chunks_are_those_of_torch(chunk, monkeypatch) -> None:
    monkeypatch.setattr(linear_loss, "CHUNK", chunk)
    torch.manual_seed(0)
    parts = [torch.randn(11, 4), torch.randn(7, 4), torch.randn(7)]
    parts = [part.double().requires_grad_() for part in parts]
    targets = torch.randint(7, (11,))
    x, weight, bias = parts
    expected = functional.cross_entropy(functional.linear(x, weight, bias), targets)
    found = linear_cross_entropy(x, weight, bias, targets)
    assert torch.allclose(found, expected)
    wanted = torch.autograd.grad(3 * expected, parts)
    for gradient, other in zip(torch.autograd.grad(3 * found, parts), wanted, strict=True):
        assert torch.allclose(gradient, other)
    with torch.no_grad():
        assert torch.allclose(linear_cross_entropy(x, weight, bias, targets), expected)


def test_logits_far_apart_overflow_nothing(monkeypatch) -> None:
    monkeypatch.setattr(linear_loss, "CHUNK", 4)
    x = torch.full((3, 1), 1000.0, requires_grad=True)
    weight = torch.tensor([[1.0], [-1.0]])
    loss = linear_cross_entropy(x, weight, torch.zeros(2), torch.tensor([0, 0, 1]))
    loss.backward()
    assert loss.item() == pytest.approx(2000 / 3)
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()
