"""What runs the runtime: the native kernels of an instruction set, or numpy where they are not."""

from __future__ import annotations

import importlib
import os
import warnings
from functools import cache
from types import ModuleType
from typing import NamedTuple

from gatework.errors import OptionError, nearest

VARIABLE = "GATEWORK_KERNEL"

REFERENCE = "reference"
"""The target that is numpy."""

CURE = (
    "install a wheel, or a C++ compiler (such as g++), then: "
    "pip install --force-reinstall --no-deps --no-cache-dir gatework"
)


class NativeModule(NamedTuple):
    """The native module, and its instruction sets, best first; or why it is not there."""

    module: ModuleType | None
    targets: tuple[str, ...]
    problem: str


@cache
def native() -> NativeModule:
    """Load the native module once."""
    try:
        module = importlib.import_module("gatework._runtime")
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError)
        return NativeModule(None, (), "they were not built" if missing else str(error))
    return NativeModule(module, tuple(module.targets()), "")


def module_for(target: str) -> ModuleType:
    """Return the module whose networks run on a target."""
    found = native().module
    if target == REFERENCE or found is None:
        return importlib.import_module("gatework.runtime.reference")
    return found


def target() -> str:
    """Return the name of the target to use: GATEWORK_KERNEL's, else the best.

    Where there are no native kernels it is numpy, with a warning, once, unless the variable asks
    for it.

    Raises:
        OptionError: when GATEWORK_KERNEL names one that this machine cannot run.
    """
    targets, forced = native().targets, os.environ.get(VARIABLE, "")
    available = (*targets, REFERENCE)
    if forced and forced not in available:
        raise OptionError(
            f"{VARIABLE} must be one of {', '.join(available)} for gatework.runtime on this "
            f"machine, got {forced!r}",
            hint=f"export {VARIABLE}={nearest(forced, available) or available[0]}",
        )
    if not forced and not targets:
        _warn()
    return forced or available[0]


@cache
def _warn() -> None:
    warnings.warn(f"{slowness()}; {CURE}", stacklevel=4)


def slowness() -> str:
    """Return what is lost without the native kernels, in words; empty where they are there."""
    problem = native().problem
    return problem and (
        "networks run on numpy, up to hundreds of times slower a step, since Gatework's native "
        f"kernels cannot be loaded: {problem}"
    )
