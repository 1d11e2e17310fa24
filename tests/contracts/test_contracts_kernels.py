"""The contract of every kernel: the numbers of the reference, forward, backward and traced.

Every instruction set that runs here, both precisions and all variants, over sizes that straddle
the vectors. The truth is the reference path in float64.
"""

import copy
import itertools
import math
from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from gatework import LSTM, State
from gatework.cell import CellOptions
from gatework.kernels import native, path
from tolerances import FEW_STEPS32, FLOAT32, FLOAT64, SATURATED32, SATURATED64

SIZES = (1, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 127, 129)
ALONE: list[dict[str, Any]] = [
    {},
    {"bias": False},
    {"peephole": True},
    {"layer_norm": True},
    {"coupled_gates": True},
    {"exponential_gating": True},
    {"proj_size": 1},
    {"recurrent_dropout": 0.3},
    {"candidate_dropout": 0.3},
    {"zoneout_cell": 0.2},
    {"zoneout_hidden": 0.2},
    {"drop_connect": 0.3},
    {"learned_state": True},
]
PAIRS = [
    merged
    for one, two in itertools.combinations(ALONE[1:], 2)
    if not CellOptions(3, 5, **(merged := {**one, **two})).problems()
]
ALL_TOGETHER: list[dict[str, Any]] = [
    {
        name: value
        for options in ALONE[1:]
        for name, value in options.items()
        if name not in left_out
    }
    for left_out in (
        ("exponential_gating",),
        ("exponential_gating", "coupled_gates", "bias"),
        ("coupled_gates", "peephole", "zoneout_cell"),
    )
]


class Result(NamedTuple):
    """Everything a run gives, by name."""

    values: dict[str, Tensor]
    gradients: dict[str, Tensor]


@pytest.fixture(params=native.targets() or ("none",))
def target(request) -> str:
    """An instruction set that runs here; `make neon` checks NEON elsewhere, under an emulator."""
    if not native.available():
        pytest.skip(native.why_not())
    return request.param


def result(
    lstm: LSTM,
    x: Tensor,
    forced: str,
    monkeypatch,
    lengths: list[int] | None = None,
    *,
    trace: bool = True,
    given_state: bool = True,
) -> Result:
    """Run forward, with a trace unless told otherwise, and backward from everything, all seeded."""
    monkeypatch.setenv(path.VARIABLE, forced)
    paths = {(run.path, run.instruction_set) for run in lstm.plan(x, lengths).runs}
    assert paths == {("reference", "") if forced == "reference" else ("native", forced)}
    x = x.detach().clone().requires_grad_() if x.is_contiguous() else x.detach().requires_grad_()
    B = x.shape[0] if lstm.batch_first else x.shape[1]
    torch.manual_seed(5)
    start = State.from_tensors(
        {
            name: (torch.rand(t.shape, dtype=torch.float64) + 0.1).to(t.dtype).requires_grad_()
            for name, t in State.zeros(lstm, B).to_tensors().items()
        }
    )
    torch.manual_seed(7)
    output, state, *signals = lstm(x, start if given_state else None, lengths, trace=trace)
    values = {"output": output} | {f"state {k}": v for k, v in state.to_tensors().items()}
    for layer, row in enumerate(signals[0].layers if trace else ()):
        for direction, cell in enumerate(row):
            values |= {f"{layer} {direction} {k}": v for k, v in cell.signals().items()}
    torch.manual_seed(9)
    total = torch.zeros((), dtype=torch.float64)
    for value in values.values():
        weight = torch.randn(value.shape, dtype=torch.float64)
        total = total + (value.double() * weight).sum()
    inputs = {"x": x, **dict(lstm.named_parameters())}
    if given_state:
        inputs |= start.to_tensors()
    found = torch.autograd.grad(total, list(inputs.values()), allow_unused=True)
    gradients = {
        name: torch.zeros_like(value) if gradient is None else gradient
        for (name, value), gradient in zip(inputs.items(), found, strict=True)
    }
    return Result({k: v.detach() for k, v in values.items()}, gradients)


def compare(found: Result, truth: Result, dtype: torch.dtype) -> None:
    rtol, atol = FLOAT64 if dtype == torch.float64 else FLOAT32
    for part, expected in zip(found, truth, strict=True):
        assert part.keys() >= expected.keys()
        for name, value in part.items():
            # The reference has no signals of a run of no steps.
            wanted = expected[name] if value.numel() else value
            # Relative to the largest of its kind: single values may cancel to almost nothing.
            scale = wanted.abs().max().item() if wanted.numel() else 0.0
            torch.testing.assert_close(
                value.double(),
                wanted.double(),
                rtol=rtol,
                atol=atol + rtol * scale,
                msg=lambda text, name=name: f"{name}: {text}",
            )


def check(
    options: dict[str, Any],
    sizes: list[int],
    target: str,
    dtype: torch.dtype,
    monkeypatch,
    *,
    T: int = 5,
    B: int = 7,
    lengths: list[int] | None = None,
    low_memory: bool = False,
    bidirectional: bool = True,
    given_state: bool = True,
) -> None:
    torch.manual_seed(3)
    truth = LSTM(3, sizes, bidirectional=bidirectional, dtype=torch.float64, **options)
    lstm = copy.deepcopy(truth).to(dtype)
    lstm.low_memory = low_memory
    truth.load_state_dict(lstm.state_dict())
    x = torch.randn(T, B, 3, dtype=dtype)
    # Random masks are drawn in float64 for both, so that the same units are dropped.
    for network in (truth, lstm):
        for row in network.grid():
            for cell in row:
                _draw_in_float64(cell)
    # A trace keeps everything, which the low-memory mode is there to avoid.
    found, expected = (
        result(
            network,
            values,
            forced,
            monkeypatch,
            lengths,
            trace=not low_memory,
            given_state=given_state,
        )
        for network, values, forced in ((lstm, x, target), (truth, x.double(), "reference"))
    )
    compare(found, expected, dtype)


def _draw_in_float64(cell: Any) -> None:
    drawn, weights = cell.run_masks, cell.run_weights

    def run_masks(steps: int, batch: int, like: Tensor) -> Any:
        masks = drawn(steps, batch, like.double())
        return type(masks)(*(m.to(like.dtype) if isinstance(m, Tensor) else m for m in masks))

    def run_weights() -> Any:
        if not cell.options.drop_connect or not cell.training:
            return weights()
        p = cell.options.drop_connect
        mask = torch.empty(cell.weight_hh.shape, dtype=torch.float64).bernoulli_(1 - p) / (1 - p)
        cell.training = False
        try:
            plain = weights()
        finally:
            cell.training = True
        return plain._replace(weight_hh=plain.weight_hh * mask.to(plain.weight_hh.dtype))

    cell.run_masks, cell.run_weights = run_masks, run_weights


DTYPES = [torch.float32, torch.float64]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", ALONE + ALL_TOGETHER)
def test_variants(options, dtype, target, monkeypatch) -> None:
    check(options, [17, 9], target, dtype, monkeypatch)
    check(options, [17, 9], target, dtype, monkeypatch, lengths=[5, 0, 3, 1, 5, 2, 4])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", [{}, {"learned_state": True}, *ALL_TOGETHER])
def test_runs_that_start_from_no_given_state(options, dtype, target, monkeypatch) -> None:
    check(
        options, [17, 9], target, dtype, monkeypatch, B=4, given_state=False, lengths=[5, 0, 3, 5]
    )


@pytest.mark.parametrize("options", PAIRS)
def test_pairs_of_variants(options, target, monkeypatch) -> None:
    check(options, [19], target, torch.float64, monkeypatch, lengths=[5, 0, 3, 1, 5, 2, 4])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", [{}, ALL_TOGETHER[1], ALL_TOGETHER[2]])
@pytest.mark.parametrize("H", SIZES)
def test_sizes_that_straddle_the_vectors(H, options, dtype, target, monkeypatch) -> None:
    if H == 1:
        # There is nothing smaller to project to, and layer norm leaves a difference of two equal
        # numbers of a single cell.
        options = {k: v for k, v in options.items() if k not in ("proj_size", "layer_norm")}
    check(options, [H], target, dtype, monkeypatch, T=3, B=6)


@pytest.mark.parametrize("options", [{}, {"exponential_gating": True, "layer_norm": True}])
@pytest.mark.parametrize("P", [2, 7, 8, 9, 15, 16, 17, 31, 33, 64])
def test_projections_that_straddle_the_vectors(P, options, target, monkeypatch) -> None:
    options = {**options, "proj_size": P}
    check(options, [P + 1], target, torch.float64, monkeypatch, T=3, B=6)
    check(options, [70], target, torch.float32, monkeypatch, T=3, B=6, bidirectional=False)


@pytest.mark.parametrize("options", [{}, *ALL_TOGETHER])
@pytest.mark.parametrize(("T", "B"), [(0, 3), (1, 1), (4, 0), (2, 13), (70, 1), (600, 2)])
def test_long_short_and_empty(T, B, options, target, monkeypatch) -> None:
    check(options, [6], target, torch.float64, monkeypatch, T=T, B=B)


@pytest.mark.parametrize("options", [{}, *ALL_TOGETHER])
@pytest.mark.parametrize("lengths", [None, [300, 0, 299, 17]])
def test_low_memory(options, lengths, target, monkeypatch) -> None:
    check(
        options,
        [9],
        target,
        torch.float64,
        monkeypatch,
        T=300,
        B=4,
        lengths=lengths,
        low_memory=True,
    )


@pytest.mark.parametrize("options", [{}, {"layer_norm": True}])
def test_awkward_strides(options, target, monkeypatch) -> None:
    torch.manual_seed(3)
    lstm = LSTM(3, 5, dtype=torch.float64, **options)
    base = torch.randn(9, 8, 12, dtype=torch.float64)
    layouts = {
        "transposed": base[:4, :, :3].transpose(0, 1),
        "every other": base[::2, ::2, ::4],
        "features first": base[:3].permute(2, 1, 0),
        "one row for all": base[:, :1, :3].expand(9, 4, 3),
        "one step for all": base[:1, :, 9:].expand(6, 8, 3),
    }
    for name, x in layouts.items():
        found = result(lstm, x, target, monkeypatch)
        truth = result(lstm, x.contiguous(), "reference", monkeypatch)
        assert found.values["output"].shape == (*x.shape[:2], 5), name
        compare(found, truth, torch.float64)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", ALONE[:6])
def test_saturated_gates(options, dtype, target, monkeypatch) -> None:
    torch.manual_seed(3)
    truth = LSTM(3, 9, dtype=torch.float64, **options)
    for parameter in truth.parameters():
        parameter.data.mul_(300)
    lstm = copy.deepcopy(truth).to(dtype)
    truth.load_state_dict(lstm.state_dict())
    x = torch.randn(5, 4, 3, dtype=dtype) * 10
    rtol, atol = SATURATED64 if dtype == torch.float64 else SATURATED32
    found = result(lstm, x, target, monkeypatch)
    expected = result(truth, x.double(), "reference", monkeypatch)
    for name, value in found.values.items():
        assert torch.isfinite(value).all(), name
        torch.testing.assert_close(
            value.double(),
            expected.values[name],
            rtol=rtol,
            atol=atol,
            msg=lambda text, name=name: f"{name}: {text}",
        )
    for name, value in found.gradients.items():
        assert torch.isfinite(value).all(), name
        if dtype == torch.float64:
            wanted = expected.gradients[name]
            scale = 1 + wanted.abs().max().item()
            torch.testing.assert_close(value, wanted, rtol=rtol, atol=atol * scale)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", ALONE[:7])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_passes_through(bad, options, dtype, target, monkeypatch) -> None:
    torch.manual_seed(3)
    lstm = LSTM(3, 18, dtype=dtype, **options)
    x = torch.randn(4, 6, 3, dtype=dtype)
    x[1, 2, 0] = bad
    near = FLOAT64 if dtype == torch.float64 else FEW_STEPS32
    outputs = []
    for forced in (target, "reference"):
        monkeypatch.setenv(path.VARIABLE, forced)
        y, state = lstm(x)
        outputs.append([y, *state.to_tensors().values()])
    for found, wanted in zip(*outputs, strict=True):
        torch.testing.assert_close(found, wanted, **near._asdict(), equal_nan=True)
    assert torch.isfinite(outputs[0][0][:, [0, 1, 3, 4, 5]]).all()


@pytest.mark.parametrize("H", [16, 33, 128])
def test_float32_is_as_precise_as_torchs(H, target, monkeypatch) -> None:
    """The error against float64, over many seeds, at most twice that of torch.nn.LSTM."""
    ours, theirs = 0.0, 0.0
    for seed in range(8):
        torch.manual_seed(seed)
        peer = torch.nn.LSTM(H, H)
        lstm, truth = LSTM.from_torch(peer), copy.deepcopy(peer).double()
        x = torch.randn(30, 8, H)
        weight = torch.randn(30, 8, H)
        parts = []
        monkeypatch.setenv(path.VARIABLE, target)
        for network in (lstm, peer, truth):
            hh: Any = (
                network.cell().weight_hh if isinstance(network, LSTM) else network.weight_hh_l0
            )
            inputs = x.to(hh.dtype).requires_grad_()
            y, _ = network(inputs)
            found = torch.autograd.grad((y * weight.to(y.dtype)).sum(), [inputs, hh])
            parts.append([part.detach().double() for part in (y, *found)])
        for mine, other, exact in zip(*parts, strict=True):
            scale = exact.square().mean()
            ours += ((mine - exact).square().mean() / scale).item()
            theirs += ((other - exact).square().mean() / scale).item()
    assert math.sqrt(ours) <= 2 * math.sqrt(theirs)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_options_sizes_and_lengths(data) -> None:
    if not native.available():
        pytest.skip(native.why_not())
    options = data.draw(st.sampled_from(ALONE + PAIRS + ALL_TOGETHER))
    H = data.draw(st.integers(2, 40))
    T, B = data.draw(st.integers(0, 6)), data.draw(st.integers(0, 9))
    lengths = data.draw(st.none() | st.lists(st.integers(0, T), min_size=B, max_size=B))
    target = data.draw(st.sampled_from(native.targets()))
    with pytest.MonkeyPatch.context() as patch:
        check(
            options,
            [H],
            target,
            torch.float64,
            patch,
            T=T,
            B=B,
            lengths=lengths,
            low_memory=data.draw(st.booleans()),
            bidirectional=data.draw(st.booleans()),
        )
