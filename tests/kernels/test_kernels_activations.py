"""The kernels' own activations against float64, in units in the last place (ULP)."""

import pytest
import torch
from torch import Tensor

from gatework.kernels import native

pytestmark = pytest.mark.skipif(not native.available(), reason=native.why_not() or "-")

TRUTH = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "exp": torch.exp,
    "log_sigmoid": torch.nn.functional.logsigmoid,
}
BOUND = {"sigmoid": 2.5, "tanh": 2.5, "exp": 2.0, "log_sigmoid": 3.0}
"""Worst error in ULP, as docs/kernels.md states it, for results of at least 1e-30."""

SMALLEST = torch.finfo(torch.float32).tiny
LARGEST_EXPONENT = 88.3
"""Beyond it exp stops short of infinity: no gate can tell."""


def worst_error(name: str, x: Tensor, target: str) -> float:
    """Return the worst error over ``x`` in ULP of the true result."""
    found = native.activation(name, x, target).double()
    exact = TRUTH[name](x.double())
    normal = (exact.abs() >= 1e-30) & torch.isfinite(exact)
    if name == "exp":
        normal &= x <= LARGEST_EXPONENT
    if name == "sigmoid":
        normal &= x >= -LARGEST_EXPONENT
    ulp = torch.exp2(torch.floor(torch.log2(exact.abs().clamp_min(SMALLEST))) - 23)
    error = (found - exact).abs() / ulp
    small = found[~normal & torch.isfinite(exact) & (x.abs() < 1e38)]
    assert torch.isfinite(small).all()
    return float(error[normal].max()) if normal.any() else 0.0


@pytest.mark.parametrize("target", native.targets())
@pytest.mark.parametrize("name", TRUTH)
def test_bounds_over_a_sample_of_all_floats(name, target) -> None:
    bits = torch.arange(-(2**31), 2**31, 2999, dtype=torch.int64).to(torch.int32)
    x = bits.view(torch.float32)
    x = torch.cat([x[torch.isfinite(x)], torch.linspace(-20, 20, 100_001)])
    assert worst_error(name, x, target) <= BOUND[name]


@pytest.mark.parametrize("target", native.targets())
@pytest.mark.parametrize("name", TRUTH)
def test_limits(name, target) -> None:
    x = torch.tensor([0.0, -0.0, 100.0, -100.0, torch.inf, -torch.inf, torch.nan])
    found = native.activation(name, x, target)
    exact = TRUTH[name](x)
    if name == "exp":
        exact[[2, 4]] = found[[2, 4]]  # the largest power it gives, instead of infinity
        assert (found[[2, 4]] > 1e38).all()
    if name == "log_sigmoid":
        exact[5] = found[5]
        assert found[5] == -torch.inf
    torch.testing.assert_close(found, exact, rtol=0, atol=1e-37, equal_nan=True)
    assert torch.equal(torch.signbit(found[:2]), torch.signbit(exact[:2]))


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("target", native.targets())
@pytest.mark.parametrize("name", TRUTH)
def test_bounds_over_all_floats(name, target) -> None:
    worst = 0.0
    for start in range(-(2**31), 2**31, 2**24):
        bits = torch.arange(start, start + 2**24, dtype=torch.int64).to(torch.int32)
        x = bits.view(torch.float32)
        worst = max(worst, worst_error(name, x[torch.isfinite(x)], target))
    print(f"{name} {target}: {worst:.3f} ULP")
    assert worst <= BOUND[name]
