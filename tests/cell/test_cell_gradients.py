"""First and second derivatives of every variant against finite differences, in float64."""

import itertools

import pytest
import torch
from torch import Tensor

from gatework import LSTM, RNN

VARIANTS = {
    "plain": {},
    "no bias": {"bias": False},
    "peephole": {"peephole": True},
    "layer norm": {"layer_norm": True},
    "coupled gates": {"coupled_gates": True},
    "projection": {"proj_size": 2},
    "exponential": {"exponential_gating": True},
    "learned state": {"learned_state": True},
    "regularised": {
        "recurrent_dropout": 0.3,
        "candidate_dropout": 0.3,
        "zoneout_cell": 0.3,
        "zoneout_hidden": 0.3,
        "drop_connect": 0.3,
    },
    "peephole, layer norm, coupled, projection, learned": {
        "peephole": True,
        "layer_norm": True,
        "coupled_gates": True,
        "proj_size": 2,
        "learned_state": True,
    },
    "exponential, layer norm, projection, zoneout, learned": {
        "exponential_gating": True,
        "layer_norm": True,
        "proj_size": 2,
        "zoneout_hidden": 0.2,
        "learned_state": True,
    },
}
SETTINGS = [
    pytest.param(options, bidirectional, id=f"{name}{' bidirectional' * bidirectional}")
    for (name, options), bidirectional in itertools.product(VARIANTS.items(), (False, True))
]


def as_function(network, lengths, seed):
    """Return a function of input and weights, and their values, with the masks held fixed."""
    names = [name for name, _ in network.named_parameters()]
    x = torch.randn(3, 2, 2, dtype=torch.float64, requires_grad=True)

    def function(x: Tensor, *weights: Tensor) -> tuple[Tensor, ...]:
        torch.manual_seed(seed)
        output, state = torch.func.functional_call(
            network, dict(zip(names, weights, strict=True)), (x,), {"lengths": lengths}
        )
        return (output, *state.to_tensors().values())

    return function, (x, *network.parameters())


@pytest.mark.parametrize(("options", "bidirectional"), SETTINGS)
@pytest.mark.parametrize("lengths", [None, [3, 1]], ids=["full", "lengths"])
def test_first_derivatives(options, bidirectional, lengths) -> None:
    torch.manual_seed(1)
    lstm = LSTM(2, [3, 4], bidirectional=bidirectional, dtype=torch.float64, **options)
    function, inputs = as_function(lstm, lengths, seed=2)
    assert torch.autograd.gradcheck(function, inputs, fast_mode=True)


@pytest.mark.parametrize(("options", "bidirectional"), SETTINGS)
def test_second_derivatives(options, bidirectional) -> None:
    torch.manual_seed(3)
    lstm = LSTM(2, [3], bidirectional=bidirectional, dtype=torch.float64, **options)
    function, inputs = as_function(lstm, [3, 2], seed=4)
    assert torch.autograd.gradgradcheck(function, inputs, fast_mode=True)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_derivatives_of_the_plain_rnn(nonlinearity) -> None:
    torch.manual_seed(5)
    rnn = RNN(2, [3, 2], nonlinearity=nonlinearity, bidirectional=True, dtype=torch.float64)
    function, inputs = as_function(rnn, [3, 2], seed=6)
    assert torch.autograd.gradcheck(function, inputs)
    assert torch.autograd.gradgradcheck(function, inputs, fast_mode=True)


@pytest.mark.parametrize("options", [{}, {"exponential_gating": True, "layer_norm": True}])
def test_traces_are_differentiable(options) -> None:
    torch.manual_seed(7)
    lstm = LSTM(2, [3, 2], dtype=torch.float64, **options)
    names = [name for name, _ in lstm.named_parameters()]

    def function(x: Tensor, *weights: Tensor) -> tuple[Tensor, ...]:
        _, _, trace = torch.func.functional_call(
            lstm, dict(zip(names, weights, strict=True)), (x,), {"trace": True, "lengths": [3, 1]}
        )
        return tuple(s for row in trace.layers for cell in row for s in cell.signals().values())

    x = torch.randn(3, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(function, (x, *lstm.parameters()), fast_mode=True)


def test_the_output_is_differentiable_by_the_state_of_any_step() -> None:
    """The tensors in ``steps`` are those that the computation went through."""
    lstm = LSTM(2, [3, 2], dtype=torch.float64)
    output, _, trace = lstm(torch.randn(6, 1, 2, dtype=torch.float64), trace="steps")
    early = trace[0].steps[1].state.cell
    (gradient,) = torch.autograd.grad(output[-1].sum(), early)
    assert gradient.abs().sum() > 0
