"""The native kernels as operators of torch: loading them, running a cell on them, their gradients.

The operators are ``torch.ops.gatework.lstm`` and ``lstm_backward`` (native/torch_ops.cpp). They
are registered with fake kernels for tracing, with autograd, with autocast (they then run in
float32) and with vmap over the batch.
"""

from __future__ import annotations

import ctypes
import importlib.util
from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

SAVE_NOTHING, SAVE_STATES, SAVE_ALL = 0, 1, 2
"""What a forward run keeps: nothing, the cell states (the low-memory mode), or all gates."""

DTYPES = (torch.float32, torch.float64)


class Loaded(NamedTuple):
    """The outcome of loading: the instruction sets, best first, or the reason there are none."""

    targets: tuple[str, ...]
    problem: str
    library: ctypes.CDLL | None = None


@cache
def load() -> Loaded:
    """Load the operators once and register what Python adds to them."""
    spec = importlib.util.find_spec("gatework._torch_ops")
    if spec is None or spec.origin is None:
        return Loaded(
            (),
            "the native kernels were not built when Gatework was installed "
            "(a C++20 compiler is needed)",
        )
    try:
        # Asked first, so that nothing is registered of a library that is of another version.
        library = ctypes.CDLL(spec.origin)
        library.gatework_targets.restype = ctypes.c_char_p
        library.gatework_threads.argtypes = [ctypes.c_int64] * 6 + [ctypes.c_int] * 2
        names = library.gatework_targets().decode()
        from gatework.kernels.registration import register

        register()
    except (OSError, AttributeError, RuntimeError) as error:
        return Loaded((), f"the native kernels cannot be loaded: {error}")
    return Loaded(tuple(names.split(",")), "", library)


def available() -> bool:
    """Tell whether the native kernels are there."""
    return bool(load().targets)


def why_not() -> str:
    """Return why the native kernels are not there; empty when they are."""
    return load().problem


def targets() -> tuple[str, ...]:
    """Return the instruction sets that this machine runs, best first.

    Example:
        >>> "base" in targets() or not available()
        True
    """
    return load().targets


def threads(
    T: int,
    B: int,
    I: int,  # noqa: E741
    H: int,
    P: int,
    gates: int,
    *,
    plain: bool,
    target: str,
) -> int:
    """Return how many of torch's threads a forward run of these sizes takes."""
    library = load().library
    if library is None:
        return 1
    return library.gatework_threads(T, B, I, H, P, gates, plain, targets().index(target))


class Saved(NamedTuple):
    """Views of the flat tensor that a forward run saves; None for what it has not.

    Shapes:
        gates: (T, B, 4, H) in the order input, forget, candidate, output.
        cells, normalisers, stabilisers: (T, B, H).
    """

    gates: Tensor | None
    cells: Tensor | None
    normalisers: Tensor | None
    stabilisers: Tensor | None


def saved_views(saved: Tensor, T: int, B: int, H: int, *, exponential: bool, save: int) -> Saved:
    """Cut ``saved`` as native/torch_ops.cpp lays it out (saved_layout)."""
    rows = T * B
    at = 0

    def cut(there: bool, *shape: int) -> Tensor | None:
        nonlocal at
        if not there:
            return None
        length = rows * H * (shape[0] if len(shape) == 1 else 1)
        part = saved[at : at + length]
        at += length
        return part.view(T, B, *shape, H)

    gates = cut(save >= SAVE_ALL, 4)
    cells = cut(save >= SAVE_STATES)
    exponential = exponential and save >= SAVE_STATES
    return Saved(gates, cells, cut(exponential), cut(exponential))


def activation(name: str, x: Tensor, target: str) -> Tensor:
    """Apply a kernel's own activation to ``x`` (N): sigmoid, tanh, exp or log_sigmoid.

    For tests of its accuracy.
    """
    names: dict[str, int] = {"sigmoid": 0, "tanh": 1, "exp": 2, "log_sigmoid": 3}
    operator: Any = torch.ops.gatework.activation
    return operator(x, names[name], targets().index(target))
