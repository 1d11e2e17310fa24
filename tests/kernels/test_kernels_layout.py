"""The layout of what a forward run saves: the kernels, the tracer, the views and the equations."""

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch._subclasses import FakeTensorMode

from gatework import LSTM
from gatework.cell import LSTMCell
from gatework.kernels import layout, native, native_run, recompute
from gatework.kernels.arguments import Arguments
from tolerances import FLOAT64

pytestmark = pytest.mark.skipif(not native.available(), reason=native.why_not() or "-")

T, B, H = 5, 3, 7
VARIANTS: list[dict[str, Any]] = [
    {},
    {"coupled_gates": True, "layer_norm": True, "proj_size": 4},
    {"exponential_gating": True},
    {"exponential_gating": True, "layer_norm": True},
]


@pytest.fixture(params=itertools.product(VARIANTS, (0, 1, 2)), ids=str)
def arguments(request) -> Arguments:
    options, save = request.param
    torch.manual_seed(0)
    cell = LSTM(2, H, dtype=torch.float64, **options).grid()[0][0]
    assert isinstance(cell, LSTMCell)
    x = torch.randn(T, B, 2, dtype=torch.float64)
    rest = (torch.tensor([5, 0, 2]), False, save, False, 0)
    with torch.no_grad():
        return native_run._arguments(cell, x, cell.initial_state(B, x), cell.run_weights(), rest)


def test_the_kernels_the_tracer_and_the_equations_save_as_much(arguments) -> None:
    saved = torch.ops.gatework.lstm(*arguments)[5]
    assert saved.numel() == layout.length(arguments)
    assert recompute.run(arguments)[5].shape == saved.shape
    with FakeTensorMode(allow_non_fake_inputs=True):
        assert torch.ops.gatework.lstm(*arguments)[5].shape == saved.shape


def test_each_part_lies_where_the_kernels_write_it(arguments) -> None:
    """What the equations compute, laid out by the table, is what the kernels left there."""
    found, wanted = (
        layout.views(arguments, run(*given)[5])
        for run, given in ((torch.ops.gatework.lstm, arguments), (recompute.run, [arguments]))
    )
    assert list(found) == list(wanted)
    for name, view in found.items():
        assert view.shape == ((T, B, 4, H) if name == "gates" else (T, B, H))
        if name != "forget_rest":  # the equations do not leave it
            torch.testing.assert_close(view, wanted[name], **FLOAT64._asdict())


def test_layer_norm_saves_rows_of_mean_0_with_what_they_were_divided_by(arguments) -> None:
    saved, at = torch.ops.gatework.lstm(*arguments)[5], 0
    G = arguments.weight_ih.shape[0]
    for part, size in layout.parts(arguments):
        values = saved[at : at + size].view(T, B, -1)[0, 0]
        at += size
        if part.name.endswith("_hat"):
            assert values.shape == (G,)
            torch.testing.assert_close(values.mean(), torch.zeros(()).double(), **FLOAT64._asdict())
        if part.name.endswith("_rstd"):
            assert values.item() > 0
    assert at == saved.numel()


def test_the_parts_are_the_members_of_the_kernels_own_struct() -> None:
    header = Path(__file__).parents[2] / "native" / "kernels.h"
    members = re.findall(r"^  Pointer (\w+) = nullptr;", header.read_text(), re.MULTILINE)
    everything = layout._layouts[layout.SAVE_ALL, True, True]
    assert [part.name for part in everything] == members
