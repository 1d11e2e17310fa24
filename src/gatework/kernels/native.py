"""The native kernels as operators of torch: loading them, running a cell on them, their gradients.

The operators are ``torch.ops.gatework.lstm`` and ``lstm_backward`` (native/torch_ops.cpp). They
are registered with fake kernels for tracing, with autograd, with autocast (which hands them
float32, of which some processors multiply the factors as bfloat16) and with vmap over the batch.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from functools import cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gatework.kernels import layout, operators
from gatework.kernels.operators import BACKWARD, LSTM
from gatework.kernels.recompute import double_backward
from gatework.system import processes

DTYPES = (torch.float32, torch.float64)


class Loaded(NamedTuple):
    """The outcome of loading: the instruction sets, best first, or the reason there are none.

    Attributes:
        targets: the instruction sets.
        problem: the reason.
        library: the operators.
        bfloat16: of each instruction set whether this processor multiplies bfloat16 with it.
    """

    targets: tuple[str, ...]
    problem: str
    library: ctypes.CDLL | None = None
    bfloat16: tuple[bool, ...] = ()


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
        library.gatework_bfloat16.argtypes = [ctypes.c_int]
        library.gatework_threads.argtypes = [ctypes.c_int64] * 6 + [ctypes.c_int] * 2
        names = library.gatework_targets().decode().split(",")
        bfloat16 = tuple(bool(library.gatework_bfloat16(place)) for place in range(len(names)))
        layout.ask(library)
        heed_quota(library)
        _register()
    except (OSError, AttributeError, RuntimeError) as error:
        return Loaded((), f"the native kernels cannot be loaded: {error}")
    return Loaded(tuple(names), "", library, bfloat16)


def heed_quota(library: ctypes.CDLL) -> None:
    """Keep runs to the processors that a quota of the system leaves; torch knows of none."""
    library.gatework_most_threads(ctypes.c_int64(processes.quota() or sys.maxsize))


def _register() -> None:
    """Register fake kernels for tracing, gradients, gradients of gradients, and autocast."""
    library = torch.library
    library.register_fake(LSTM, operators.fake_lstm)
    library.register_fake(BACKWARD, operators.fake_backward)
    library.register_fake("gatework::lstm_inference", operators.fake_inference)
    library.register_fake("gatework::activation", lambda x, name, target: torch.empty_like(x))
    library.register_autograd(LSTM, operators.backward, setup_context=operators.keep)
    library.register_autograd(BACKWARD, double_backward, setup_context=operators.keep_all)
    library.register_autocast(LSTM, "cpu", torch.float32)


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


def multiplies_bfloat16(weight: Tensor, target: int) -> bool:
    """Tell whether autocast asks for bfloat16 and this processor multiplies it.

    Args:
        weight: of the cell; only those of float32 are rounded.
        target: place of the instruction set in targets().
    """
    return (
        torch.is_autocast_enabled("cpu")
        and torch.get_autocast_dtype("cpu") is torch.bfloat16
        and weight.dtype is torch.float32
        and _LOADED.bfloat16[target]
    )


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


# Loaded with the module, so that torch's compiler meets constants and no loading.
_LOADED = load()


def activation(name: str, x: Tensor, target: str) -> Tensor:
    """Apply a kernel's own activation to ``x`` (N): sigmoid, tanh, exp or log_sigmoid.

    For tests of its accuracy.
    """
    operator: Any = torch.ops.gatework.activation
    return operator(x, name, targets().index(target))
