"""The native kernels as a program uses them: absent, on padding, without gradients, on threads."""

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import threading
from typing import Any

import pytest
import torch
from torch import Tensor

from gatework import LSTM
from gatework.allocation import OWN, _gnu
from gatework.kernels import native, path
from gatework.system import processes
from tolerances import EXACT, FLOAT64

needs_kernels = pytest.mark.skipif(not native.available(), reason=native.why_not() or "-")

VARIANTS: list[dict[str, Any]] = [
    {},
    {"peephole": True, "layer_norm": True, "proj_size": 2},
    {"coupled_gates": True, "zoneout_cell": 0.2},
    {"exponential_gating": True, "zoneout_hidden": 0.1},
]


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def test_without_the_library_the_plan_tells_why_and_the_run_warns_once(monkeypatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, package=None: None if name.endswith("_torch_ops") else find(name, package),
    )
    loaded = native.load.__wrapped__()
    assert loaded.targets == ()
    monkeypatch.setattr(path, "_LOADED", loaded)
    monkeypatch.setattr(path, "_warned", set())
    lstm = LSTM(3, [5, 4], layer_norm=True)
    x = torch.zeros(4, 2, 3)
    for run in lstm.plan(x).runs:
        assert (run.path, run.instruction_set, run.threads) == ("reference", "", 1)
        assert "were not built when Gatework was installed" in run.reason
    with pytest.warns(UserWarning, match="slow reference path: the native kernels were not"):
        lstm(x)
    lstm(x)  # warnings are errors here


def test_a_library_that_cannot_be_loaded_is_a_reason_and_no_crash(tmp_path, monkeypatch) -> None:
    damaged = tmp_path / "_torch_ops.so"
    damaged.write_bytes(b"\x7fELF of nothing")
    spec = importlib.machinery.ModuleSpec("gatework._torch_ops", None, origin=str(damaged))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: spec)
    loaded = native.load.__wrapped__()
    assert loaded.targets == ()
    assert "the native kernels cannot be loaded" in loaded.problem
    assert "_torch_ops.so" in loaded.problem


@needs_kernels
@pytest.mark.parametrize(("quota", "threads"), [("max 100000", 2), ("100000 100000", 1)])
def test_a_quota_of_the_system_bounds_the_threads_of_torch(
    tmp_path, monkeypatch, quota, threads
) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    loaded = native.load()
    assert loaded.library is not None
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(processes, "CGROUPS", tmp_path)
            native.heed_quota(loaded.library)
        plan = LSTM(64, 64).plan(torch.zeros(100, 16, 64))
        assert [run.threads for run in plan.runs] == [threads]
    finally:
        torch.set_num_threads(before)
        native.heed_quota(loaded.library)


@needs_kernels
@pytest.mark.parametrize("options", VARIANTS)
def test_what_lies_in_the_padding_changes_nothing(options) -> None:
    lstm = LSTM(3, 9, bidirectional=True, **options).eval()
    lengths = [6, 0, 2, 5]
    padding = torch.arange(6).unsqueeze(1) >= torch.tensor(lengths)
    x = torch.randn(6, 4, 3)
    found = []
    for content in (0.0, 1e30, torch.nan, torch.inf):
        filled = x.masked_fill(padding.unsqueeze(-1), content).requires_grad_()
        y, state = lstm(filled, lengths=lengths)
        dy = torch.ones_like(y).masked_fill(padding.unsqueeze(-1), content)
        gradients = torch.autograd.grad(y, [filled, *lstm.parameters()], dy)
        found.append([y, *state.to_tensors().values(), *gradients])
        assert (y[padding] == 0).all()
        assert (gradients[0][padding] == 0).all()
    for other in found[1:]:
        for one, two in zip(found[0], other, strict=True):
            torch.testing.assert_close(two, one, **EXACT._asdict())


@needs_kernels
@pytest.mark.parametrize("options", VARIANTS)
def test_the_same_bits_whether_or_not_gradients_are_wanted(options) -> None:
    lstm = LSTM(3, [9, 8], **options).eval()
    x = torch.randn(7, 3, 3)
    expected, expected_state = lstm(x)
    assert expected.requires_grad
    for context in (torch.no_grad(), torch.inference_mode()):
        with context:
            y, state = lstm(x, lengths=[7, 7, 7])
        assert torch.equal(y, expected)
        assert not y.requires_grad
        for name, value in state.to_tensors().items():
            assert torch.equal(value, expected_state.to_tensors()[name])


@needs_kernels
@pytest.mark.parametrize("low_memory", [False, True])
@pytest.mark.parametrize("what", ["x", "weight", "output"])
def test_what_backward_needs_must_not_change_before_it(what, low_memory) -> None:
    lstm = LSTM(3, 5)
    lstm.low_memory = low_memory
    x = torch.randn(6, 2, 3)
    y, _ = lstm(x)
    total = y.square().sum()
    with torch.no_grad():
        {"x": x, "weight": lstm.cell().weight_hh, "output": y}[what].add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        total.backward()


@needs_kernels
@pytest.mark.parametrize("low_memory", [False, True])
def test_backward_twice_gives_the_same_bits(low_memory) -> None:
    lstm = LSTM(3, 5, layer_norm=True)
    lstm.low_memory = low_memory
    y, state = lstm(torch.randn(6, 2, 3))
    total = y.square().sum() + state.layers[0][0].cell.sum()
    first = torch.autograd.grad(total, list(lstm.parameters()), retain_graph=True)
    again = torch.autograd.grad(total, list(lstm.parameters()))
    for one, two in zip(first, again, strict=True):
        assert torch.equal(one, two)
    with pytest.raises(RuntimeError, match="second time"):
        total.backward()


@needs_kernels
@pytest.mark.parametrize("options", VARIANTS)
def test_only_the_gradients_of_what_asks_for_them(options) -> None:
    lstm = LSTM(3, 9, dtype=torch.float64, **options).eval()
    x = torch.randn(6, 4, 3, dtype=torch.float64, requires_grad=True)
    parameters = dict(lstm.named_parameters())
    y, _ = lstm(x)
    expected = dict(
        zip(
            ["x", *parameters],
            torch.autograd.grad(y.square().sum(), [x, *parameters.values()]),
            strict=True,
        )
    )
    for name in expected:
        for other, parameter in parameters.items():
            parameter.requires_grad_(other == name)
        given = x if name == "x" else x.detach()
        y, _ = lstm(given)
        (found,) = torch.autograd.grad(y.square().sum(), [x if name == "x" else parameters[name]])
        assert torch.equal(found, expected[name]), name


@needs_kernels
def test_weights_that_are_views_with_strides_of_their_own() -> None:
    lstm = LSTM(3, 5, peephole=True, dtype=torch.float64)
    x = torch.randn(6, 2, 3, dtype=torch.float64)
    strided: dict[str, Tensor] = {}
    for name, value in lstm.named_parameters():
        wide = torch.randn(*value.shape, 2, dtype=torch.float64)
        wide[..., 0] = value.detach()
        strided[name] = wide[..., 0].requires_grad_()
        assert not strided[name].is_contiguous()
    y, _ = torch.func.functional_call(lstm, strided, (x,))
    expected, _ = lstm(x)
    assert torch.equal(y, expected)
    found = torch.autograd.grad(y.sum(), list(strided.values()))
    wanted = torch.autograd.grad(expected.sum(), list(lstm.parameters()))
    for one, two in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, two, **FLOAT64._asdict())


@needs_kernels
def test_one_networks_backward_runs_from_several_threads() -> None:
    lstm = LSTM(3, 33, exponential_gating=True)
    lstm.low_memory = True
    totals = [lstm(torch.randn(20, 5, 3))[0].square().sum() for _ in range(4)]
    parameters = list(lstm.parameters())
    expected = [torch.autograd.grad(total, parameters, retain_graph=True) for total in totals]
    found: list[Any] = [None] * len(totals)

    def work(number: int) -> None:
        found[number] = torch.autograd.grad(totals[number], parameters)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(totals))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, two in zip(found, expected, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))


@needs_kernels
def test_compiled_with_lengths_and_low_memory() -> None:
    torch.compiler.reset()
    lstm = LSTM(3, 6, layer_norm=True)
    lstm.low_memory = True
    compiled = torch.compile(lstm, fullgraph=True, dynamic=True, backend="aot_eager")
    for lengths in (torch.tensor([5, 2]), torch.tensor([3, 0, 3])):
        x = torch.randn(5, len(lengths), 3)
        y, _ = compiled(x, lengths=lengths)
        expected, _ = lstm(x, lengths=lengths)
        torch.testing.assert_close(y, expected, **EXACT._asdict())
        found = torch.autograd.grad(y.square().sum(), list(lstm.parameters()))
        wanted = torch.autograd.grad(expected.square().sum(), list(lstm.parameters()))
        for one, two in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, two, **EXACT._asdict())


MAPPED_AFTER_A_STEP = """
import ctypes, torch
from gatework import LSTM

class Info(ctypes.Structure):
    _fields_ = [(str(place), ctypes.c_size_t) for place in range(10)]

library = ctypes.CDLL(None)
library.mallinfo2.restype, library.malloc.restype = Info, ctypes.c_void_p
LSTM(2, 3)(torch.zeros(4, 2, 2))[0].sum().backward()
before = getattr(library.mallinfo2(), "3")  # blocks that have been mapped by themselves
assert library.malloc(ctypes.c_size_t(2**23))
print(getattr(library.mallinfo2(), "3") - before)
"""


@needs_kernels
@pytest.mark.skipif(
    _gnu() is None or not hasattr(_gnu(), "mallinfo2"), reason="not the GNU C library from 2.33 on"
)
def test_after_a_training_step_large_blocks_are_kept_for_the_next() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OWN}
    command = [sys.executable, "-c", MAPPED_AFTER_A_STEP]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == "0\n"
