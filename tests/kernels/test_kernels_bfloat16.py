"""Products of bfloat16 under autocast: the equations in float64, their factors rounded alike."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor

from gatework import LSTM, accelerate
from gatework.kernels import native, path
from tolerances import BFLOAT16, EXACT

needs_bfloat16 = pytest.mark.skipif(
    not any(native.load().bfloat16),
    reason="this processor does not multiply bfloat16 (AVX512_BF16)",
)
VARIANTS: list[dict[str, Any]] = [
    {},
    {"bias": False, "zoneout_cell": 0.2, "recurrent_dropout": 0.3},
    {"layer_norm": True},
    {"peephole": True, "coupled_gates": True, "zoneout_hidden": 0.2},
    {"exponential_gating": True, "candidate_dropout": 0.3},
    {"proj_size": 7},
    {"exponential_gating": True, "layer_norm": True, "proj_size": 3},
]


def rounded(x: Tensor) -> Tensor:
    return x.float().bfloat16().to(x.dtype)


class RoundedProduct(torch.autograd.Function):
    """x weight^T where every factor is rounded, forward and backward."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return rounded(x) @ rounded(weight).T

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        x, weight, d = map(rounded, (*ctx.saved_tensors, *gradients))
        return d @ weight, d.flatten(0, -2).T @ x.flatten(0, -2)


class RoundedWeight:
    """A weight for the equations, which say ``x @ weight.T``."""

    def __init__(self, weight: Tensor) -> None:
        self.T = self
        self.weight = weight

    def __rmatmul__(self, x: Tensor) -> Tensor:
        return RoundedProduct.apply(x, self.weight)


def rounding(lstm: LSTM) -> LSTM:
    """Return the network in float64 with cells that round as the kernels do."""
    double = copy.deepcopy(lstm).double()
    for cell in (cell for row in double.grid() for cell in row):
        plain, drawn = cell.run_weights, cell.run_masks

        def run_weights(plain: Any = plain) -> Any:
            w = plain()
            kinds = {"weight_ih": w.weight_ih, "weight_hh": w.weight_hh}
            return w._replace(**{name: RoundedWeight(weight) for name, weight in kinds.items()})

        def run_masks(steps: int, batch: int, like: Tensor, drawn: Any = drawn) -> Any:
            masks = drawn(steps, batch, like.float())
            return type(masks)(*(m.double() if isinstance(m, Tensor) else m for m in masks))

        cell.run_weights, cell.run_masks = run_weights, run_masks
    return double


def everything(lstm: LSTM, x: Tensor, lengths: list[int] | None) -> dict[str, Tensor]:
    """Return outputs, states and all gradients."""
    torch.manual_seed(7)
    x = x.detach().requires_grad_()
    y, state = lstm(x, lengths=lengths)
    weights = torch.linspace(-1, 1, y.numel()).view_as(y)
    total = (y * weights).sum() + sum(part.square().sum() for part in state.to_tensors().values())
    inputs = {"x": x, **dict(lstm.named_parameters())}
    found = torch.autograd.grad(total, list(inputs.values()))
    values = {"output": y, **state.to_tensors(), **dict(zip(inputs, found, strict=True))}
    return {name: value.detach() for name, value in values.items()}


@needs_bfloat16
@pytest.mark.parametrize("options", VARIANTS)
@pytest.mark.parametrize(
    ("T", "B", "features", "H", "lengths"),
    [(1, 1, 3, 9, None), (4, 2, 17, 33, None), (3, 7, 4, 70, [3, 0, 1, 3, 2, 2, 3])],
)
def test_factors_are_rounded_and_all_else_is_not(
    T, B, features, H, lengths, options, monkeypatch
) -> None:
    torch.manual_seed(3)
    lstm = LSTM(features, H, bidirectional=True, **options)
    x = torch.randn(T, B, features)
    found = []
    for low_memory in (False, True):
        lstm.low_memory = low_memory
        with torch.autocast("cpu", torch.bfloat16):
            found.append(everything(lstm, x, lengths))
    exact = everything(lstm, x, lengths)
    monkeypatch.setenv(path.VARIABLE, "reference")
    wanted = everything(rounding(lstm), x.double(), lengths)
    assert not torch.equal(found[0]["output"], exact["output"])
    for name, value in found[0].items():
        assert value.dtype == torch.float32
        assert torch.equal(value, found[1][name]), name
        scale = wanted[name].abs().max().item()
        torch.testing.assert_close(
            value.double(),
            wanted[name],
            rtol=BFLOAT16.rtol,
            atol=BFLOAT16.atol * scale,
            msg=lambda text, name=name: f"{name}: {text}",
        )


@needs_bfloat16
@pytest.mark.parametrize("options", [{}, {"layer_norm": True}])
@pytest.mark.parametrize(("B", "H"), [(1, 160), (3, 130), (40, 33)])
def test_the_same_bits_on_any_number_of_threads_and_beside_any_rows(options, B, H) -> None:
    lstm = LSTM(40, H, **options)
    x = torch.randn(30, B, 40)
    before = torch.get_num_threads()
    found = []
    try:
        with torch.autocast("cpu", torch.bfloat16):
            for threads in (1, 2, 5):
                torch.set_num_threads(threads)
                found.append(everything(lstm, x, None))
            with torch.no_grad():
                alone = lstm(x[:, -1:])[0]
    finally:
        torch.set_num_threads(before)
    for other in found[1:]:
        for name, value in other.items():
            assert torch.equal(value, found[0][name]), name
    assert torch.equal(alone, found[0]["output"][:, -1:])


@needs_bfloat16
def test_what_asks_for_it_and_what_does_not(monkeypatch) -> None:
    torch.manual_seed(0)
    module = torch.nn.LSTM(3, 5)
    lstm = LSTM.from_torch(module)
    x = torch.randn(6, 2, 3)
    with torch.no_grad():
        exact = lstm(x)[0]
        with torch.autocast("cpu", torch.bfloat16):
            coarse = lstm(x)[0]
            assert "factors of bfloat16" in str(lstm.plan(x))
            assert torch.equal(accelerate(module).model(x)[0], coarse)
            double = copy.deepcopy(lstm).double()(x.double())[0]
        torch.testing.assert_close(double.float(), exact, rtol=1e-5, atol=1e-6)
        with torch.autocast("cpu", torch.float16):
            torch.testing.assert_close(lstm(x)[0], exact, **EXACT._asdict())
        for target in native.targets()[1:]:
            monkeypatch.setenv(path.VARIABLE, target)
            alone = lstm(x)[0]
            with torch.autocast("cpu", torch.bfloat16):
                assert torch.equal(lstm(x)[0], alone)
    # What was packed in floats is not taken for it, nor the other way round.
    assert 1e-5 < (coarse - exact).abs().max() < 1e-2
    monkeypatch.delenv(path.VARIABLE)
    assert "bfloat16" not in str(lstm.plan(x))
    with torch.no_grad():
        assert torch.equal(lstm(x)[0], exact)


@pytest.mark.parametrize("weights", [torch.float32, torch.float64])
@pytest.mark.parametrize("given", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("kernel", ["", "reference"])
def test_inputs_of_any_precision_are_taken_in_that_of_the_weights(
    given, weights, kernel, monkeypatch
) -> None:
    monkeypatch.setenv(path.VARIABLE, kernel)
    lstm = LSTM(3, 5, recurrent_dropout=0.3, dtype=weights)
    x = torch.randn(6, 2, 3).to(given).requires_grad_()

    def run(x: Tensor) -> Tensor:
        torch.manual_seed(0)  # of the masks
        return lstm(x)[0].sum()

    with torch.autocast("cpu", torch.bfloat16):
        _, state = lstm(x)
        assert lstm(x, state.to("cpu", given))[0].dtype == weights
        total, wanted = run(x), run(x.to(weights))
        assert torch.equal(total, wanted)
        (found,) = torch.autograd.grad(total, x)
        if not kernel:
            assert torch.equal(torch.func.grad(run)(x.detach()), found)
    assert found.dtype == given


@needs_bfloat16
def test_compiled_as_one_graph() -> None:
    torch.compiler.reset()
    lstm = LSTM(3, 5)
    x = torch.randn(6, 2, 3)
    compiled = torch.compile(lstm, fullgraph=True, backend="eager")
    with torch.autocast("cpu", torch.bfloat16):
        wanted, found = (run(x.requires_grad_())[0] for run in (lstm, compiled))
    assert torch.equal(found, wanted)
    torch.testing.assert_close(
        torch.autograd.grad(found.sum(), x), torch.autograd.grad(wanted.sum(), x)
    )
