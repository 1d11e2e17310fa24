"""Which path runs a layer, and that all paths agree."""

import pytest
import torch

from gatework import LSTM
from gatework.errors import OptionError
from gatework.kernels import choose
from tolerances import FLOAT64


def path(lstm: LSTM, x: torch.Tensor, **settings) -> tuple[str, str]:
    return choose(lstm.grid()[0][0], x, **{"valid": None, "trace": False, **settings})


X = torch.zeros(4, 2, 3)


def test_plain_cells_take_torchs_operator_and_the_others_the_reference() -> None:
    assert path(LSTM(3, 5), X)[0] == "torch"
    assert path(LSTM(3, 5, proj_size=2, learned_state=True, drop_connect=0.1), X)[0] == "torch"
    assert path(LSTM(3, 5, peephole=True), X) == (
        "reference",
        "torch has no operator for the cell's variants",
    )
    dropping = LSTM(3, 5, recurrent_dropout=0.1)
    assert path(dropping, X)[0] == "reference"
    assert path(dropping.eval(), X)[0] == "torch"
    assert path(LSTM(3, 5), X, trace=True)[0] == "reference"
    assert path(LSTM(3, 5), X, valid=torch.ones(4, 2, 1, dtype=torch.bool))[0] == "reference"
    assert path(LSTM(3, 5), X[:0])[0] == "reference"


def test_the_environment_forces_a_path(monkeypatch) -> None:
    monkeypatch.setenv("GATEWORK_KERNEL", "reference")
    assert path(LSTM(3, 5), X) == ("reference", "GATEWORK_KERNEL=reference")
    monkeypatch.setenv("GATEWORK_KERNEL", "referense")
    with pytest.raises(OptionError, match="must be one of reference, torch, got 'referense'") as e:
        LSTM(3, 5)(X)
    assert e.value.hint == "export GATEWORK_KERNEL=reference"


@pytest.mark.parametrize(
    "options", [{}, {"proj_size": 2}, {"bias": False}, {"learned_state": True}]
)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_both_paths_give_the_same_numbers(options, bidirectional, monkeypatch) -> None:
    torch.manual_seed(0)
    lstm = LSTM(3, [6, 5], bidirectional=bidirectional, dtype=torch.float64, **options)
    x = torch.randn(7, 4, 3, dtype=torch.float64, requires_grad=True)
    results = []
    for forced in ("torch", "reference"):
        monkeypatch.setenv("GATEWORK_KERNEL", forced)
        output, state = lstm(x)
        total = output.square().sum() + sum(t.sum() for t in state.to_tensors().values())
        results.append([output, *torch.autograd.grad(total, [x, *lstm.parameters()])])
    for fused, reference in zip(*results, strict=True):
        torch.testing.assert_close(fused, reference, **FLOAT64._asdict())
