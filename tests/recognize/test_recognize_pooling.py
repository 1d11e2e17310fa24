"""What is read off the outputs of a sequence."""

import pytest
import torch

from gatework.recognize.pooling import SPAN, Pooling


@pytest.mark.parametrize("steps", [1, 5, SPAN, SPAN + 1, 2 * SPAN, 3 * SPAN + 5])
def test_the_gradient_of_the_largest_goes_to_its_step(steps):
    output = torch.randn(steps, 3, 4, dtype=torch.float64, requires_grad=True)
    given = torch.randn(3, 4, dtype=torch.float64)
    pooled = Pooling("max", 4)(output, None)
    assert torch.equal(pooled, output.amax(dim=0))
    usual = torch.autograd.grad(output.amax(dim=0), output, given)[0]
    assert torch.equal(torch.autograd.grad(pooled, output, given)[0], usual)


def test_the_largest_of_a_short_sequence_is_not_padding():
    output = -torch.rand(40, 2, 4) - 1
    lengths = torch.tensor([40, 7])
    output[7:, 1] = 0
    output.requires_grad_()
    pooled = Pooling("max", 4)(output, lengths)
    assert torch.equal(pooled[1], output[:7, 1].amax(dim=0))
    (slope,) = torch.autograd.grad(pooled.sum(), output)
    assert slope[7:, 1].abs().max() == 0
    assert torch.equal(slope.sum(dim=0), torch.ones(2, 4))


def test_of_equal_steps_the_first_learns():
    output = torch.ones(60, 1, 1, requires_grad=True)
    (slope,) = torch.autograd.grad(Pooling("max", 1)(output, None).sum(), output)
    assert slope.flatten().nonzero().tolist() == [[0]]
