"""Which path runs a layer, and that all paths agree."""

from typing import Any

import pytest
import torch
from torch.nn.utils import prune

from gatework import LSTM, RNN
from gatework.errors import OptionError, ShapeError
from gatework.kernels import Path, choose, native, path
from tolerances import FLOAT32, FLOAT64


def chosen(network: LSTM | RNN, x: torch.Tensor, **settings) -> Path:
    return choose(network.grid()[0][0], x, **settings)


X = torch.zeros(4, 2, 3)
PADDED = torch.ones(4, 2, 1, dtype=torch.bool)

needs_kernels = pytest.mark.skipif(not native.available(), reason=native.why_not() or "-")


@pytest.fixture
def without_kernels(monkeypatch) -> None:
    monkeypatch.setattr(path, "_LOADED", native.Loaded((), "they were not built"))
    monkeypatch.setattr(path, "_warned", set())


@needs_kernels
@pytest.mark.parametrize(
    "options", [{}, {"peephole": True}, {"layer_norm": True}, {"recurrent_dropout": 0.1}]
)
def test_every_variant_takes_the_native_kernels(options) -> None:
    best = native.targets()[0]
    for settings in ({}, {"trace": True}, {"valid": PADDED}):
        found = chosen(LSTM(3, 5, **options), X, **settings)
        assert (found.name, found.instruction_set) == ("native", best)


def test_without_kernels_plain_cells_take_torchs_operator(without_kernels) -> None:
    assert chosen(LSTM(3, 5), X).name == "torch"
    assert chosen(LSTM(3, 5, proj_size=2, learned_state=True, drop_connect=0.1), X).name == "torch"
    found = chosen(LSTM(3, 5, peephole=True), X)
    assert found == (
        "reference",
        "they were not built; torch has no operator for the cell's variants",
        "",
    )
    dropping = LSTM(3, 5, recurrent_dropout=0.1)
    assert chosen(dropping, X).name == "reference"
    assert chosen(dropping.eval(), X).name == "torch"
    assert chosen(LSTM(3, 5), X, trace=True).name == "reference"
    assert chosen(LSTM(3, 5), X, valid=PADDED).name == "reference"
    assert chosen(LSTM(3, 5), X[:0]).name == "reference"


def test_a_fall_back_to_the_reference_warns_once(without_kernels) -> None:
    lstm = LSTM(3, 5, peephole=True)
    with pytest.warns(UserWarning, match="slow reference path: they were not built; torch has no"):
        lstm(X)
    lstm(X)  # warnings are errors here


def test_an_rnn_takes_torchs_operator_where_it_can() -> None:
    assert chosen(RNN(3, 5), X).name == "torch"
    assert chosen(RNN(3, 5), X, trace=True).name == "reference"


@needs_kernels
def test_the_environment_forces_a_path(monkeypatch) -> None:
    monkeypatch.setenv("GATEWORK_KERNEL", "reference")
    assert chosen(LSTM(3, 5), X) == ("reference", "GATEWORK_KERNEL=reference", "")
    monkeypatch.setenv("GATEWORK_KERNEL", "torch")
    assert chosen(LSTM(3, 5), X).name == "torch"
    monkeypatch.setenv("GATEWORK_KERNEL", "base")
    assert chosen(LSTM(3, 5), X) == ("native", "GATEWORK_KERNEL=base", "base")
    monkeypatch.setenv("GATEWORK_KERNEL", "referense")
    with pytest.raises(
        OptionError, match=r"must be one of reference, torch, .*got 'referense'"
    ) as e:
        LSTM(3, 5)(X)
    assert e.value.hint == "export GATEWORK_KERNEL=reference"


def test_kernels_that_the_machine_lacks_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(path, "_LOADED", native.Loaded(("avx2", "base"), ""))
    monkeypatch.setenv("GATEWORK_KERNEL", "neon")
    with pytest.raises(OptionError, match="it has reference, torch, avx2, base") as e:
        LSTM(3, 5)(X)
    assert e.value.hint == "export GATEWORK_KERNEL=avx2"


@needs_kernels
def test_the_plan_names_path_instruction_set_threads_and_reason() -> None:
    lstm = LSTM(3, [128, 64], bidirectional=True, layer_norm=[True, False])
    plan = lstm.plan(torch.zeros(100, 16, 3))
    assert [(run.layer, run.direction) for run in plan.runs] == [
        (0, "forward"),
        (0, "reverse"),
        (1, "forward"),
        (1, "reverse"),
    ]
    assert {(run.path, run.instruction_set) for run in plan.runs} == {
        ("native", native.targets()[0])
    }
    assert str(plan).splitlines()[1].split()[:4] == ["0", "forward", "native", native.targets()[0]]
    assert lstm.plan(torch.zeros(2, 1, 3)).runs[0].threads == 1
    steps = lstm.plan(torch.zeros(2, 1, 3), trace="steps")
    assert {run.path for run in steps.runs} == {"reference"}


def test_plans_of_packed_sequences_and_of_what_is_none() -> None:
    lstm = LSTM(3, 5, batch_first=True)
    packed = torch.nn.utils.rnn.pack_sequence([torch.zeros(4, 3), torch.zeros(2, 3)])
    assert lstm.plan(packed) == lstm.plan(torch.zeros(2, 4, 3), [4, 2])
    with pytest.raises(ShapeError, match="must be a tensor or a packed sequence, got list"):
        lstm.plan([[1.0]])  # type: ignore[arg-type]
    for call in (lstm, lstm.plan):
        with pytest.raises(
            OptionError, match="trace must be True, False or \"steps\", got 'gates'"
        ):
            call(torch.zeros(2, 4, 3), trace="gates")  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:.*torch.jit.trace:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_a_traced_network_takes_torchs_operator() -> None:
    lstm = LSTM(3, 5).requires_grad_(False)
    traced: Any = torch.jit.trace(lambda x: lstm(x)[0], X, check_trace=False)
    x = torch.randn(4, 2, 3)
    torch.testing.assert_close(traced(x), lstm(x)[0], **FLOAT32._asdict())


def test_hooks_of_cells_make_their_weights_anew() -> None:
    lstm = LSTM(3, 5)
    prune.random_unstructured(lstm.cell(), "weight_hh", 0.5)
    optimizer = torch.optim.SGD(lstm.parameters(), lr=0.1)
    before = lstm.cell().weight_hh.clone()
    for _ in range(2):
        optimizer.zero_grad()
        lstm(torch.randn(4, 2, 3))[0].sum().backward()
        optimizer.step()
    lstm(X)
    after = lstm.cell().weight_hh
    assert torch.equal(before == 0, after == 0)
    assert not torch.equal(before, after)


@pytest.mark.parametrize(
    "options", [{}, {"proj_size": 2}, {"bias": False}, {"learned_state": True}]
)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_all_paths_give_the_same_numbers(options, bidirectional, monkeypatch) -> None:
    torch.manual_seed(0)
    lstm = LSTM(3, [6, 5], bidirectional=bidirectional, dtype=torch.float64, **options)
    x = torch.randn(7, 4, 3, dtype=torch.float64, requires_grad=True)
    results = []
    for forced in ("torch", "reference", ""):
        monkeypatch.setenv("GATEWORK_KERNEL", forced)
        output, state = lstm(x)
        total = output.square().sum() + sum(t.sum() for t in state.to_tensors().values())
        results.append([output, *torch.autograd.grad(total, [x, *lstm.parameters()])])
    for fused, reference, best in zip(*results, strict=True):
        torch.testing.assert_close(fused, reference, **FLOAT64._asdict())
        torch.testing.assert_close(best, reference, **FLOAT64._asdict())
