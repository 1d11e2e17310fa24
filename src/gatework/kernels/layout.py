"""Where the values lie that a forward run saves, as the kernels themselves say it.

native/saved_layout.h computes the layout; it is asked once, when the kernels are loaded, in terms
that hold for symbolic sizes, too.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gatework.kernels.arguments import Arguments

SAVE_NOTHING, SAVE_STATES, SAVE_ALL = 0, 1, 2
"""What a forward run keeps: nothing, the cell states (the low-memory mode), or all gates."""


class SavedPart(NamedTuple):
    """A part of the flat tensor: cells * H + gates * K * H + ones values for each step and row."""

    name: str
    cells: int
    gates: int
    ones: int


_layouts: dict[tuple[int, bool, bool], tuple[SavedPart, ...]] = {}


def ask(library: ctypes.CDLL) -> None:
    """Ask the kernels for the parts of every kind of run: save, exponential, layer norm."""
    library.gatework_saved_layout.argtypes = [ctypes.c_int64, ctypes.c_int, ctypes.c_int]
    library.gatework_saved_layout.restype = ctypes.c_char_p
    saves = (SAVE_NOTHING, SAVE_STATES, SAVE_ALL)
    for kind in product(saves, (False, True), (False, True)):
        rows = map(str.split, library.gatework_saved_layout(*kind).decode().splitlines())
        _layouts[kind] = tuple(SavedPart(name, *map(int, counts)) for name, *counts in rows)


def parts(a: Arguments) -> list[tuple[SavedPart, Any]]:
    """Return the parts of what a run of ``a`` saves, in their order, with their lengths."""
    T, B = a.x.shape[:2]
    H, G = a.c0.shape[1], a.weight_ih.shape[0]
    kind = (a.save, a.n0 is not None, a.input_gain is not None)
    return [(p, T * B * (p.cells * H + p.gates * G + p.ones)) for p in _layouts[kind]]


def length(a: Arguments) -> Any:
    """Return the length of the flat tensor that a run of ``a`` saves."""
    return sum(size for _, size in parts(a))


def views(a: Arguments, saved: Tensor) -> dict[str, Tensor]:
    """Return what a run of ``a`` saved of its cells, as views of the flat tensor.

    Shapes:
        gates: (T, B, 4, H) in the order input, forget, candidate, output.
        cells, normalisers, stabilisers, forget_rest: (T, B, H).
    """
    T, B = a.x.shape[:2]
    found, at = {}, 0
    for part, size in parts(a):
        if part.cells:
            several = (part.cells,) if part.cells > 1 else ()
            found[part.name] = saved[at : at + size].view(T, B, *several, a.c0.shape[1])
        at += size
    return found


def join(a: Arguments, values: Mapping[str, Sequence[Tensor]]) -> Tensor:
    """Return the flat tensor with these values, step by step; zeros for parts that have none."""
    pieces = [a.x.new_empty(0)]
    for part, size in parts(a):
        steps = values.get(part.name)
        pieces += [a.x.new_zeros(size)] if steps is None else [step.reshape(-1) for step in steps]
    return torch.cat(pieces)
