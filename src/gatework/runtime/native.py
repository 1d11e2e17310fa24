"""The native module: loaded when it is first needed, and the instruction set that it shall use."""

from __future__ import annotations

import importlib
import os
from types import ModuleType

from gatework.errors import MissingDependencyError, OptionError, nearest

VARIABLE = "GATEWORK_KERNEL"


def native() -> ModuleType:
    """Return the native module.

    Raises:
        MissingDependencyError: when it was not built, or cannot be loaded on this machine.
    """
    try:
        return importlib.import_module("gatework._runtime")
    except ImportError as error:
        raise MissingDependencyError(
            f"gatework.runtime needs Gatework's native module, which cannot be loaded: {error}",
            hint="pip install --force-reinstall --no-deps gatework",
        ) from error


def target() -> str:
    """Return the name of the instruction set to use: GATEWORK_KERNEL's, or the best.

    Raises:
        OptionError: when GATEWORK_KERNEL names one that this machine cannot run.
    """
    available = native().targets()
    forced = os.environ.get(VARIABLE, "")
    if not forced:
        return available[0]
    if forced not in available:
        raise OptionError(
            f"{VARIABLE} must be one of {', '.join(available)} for gatework.runtime on this "
            f"machine, got {forced!r}",
            hint=f"export {VARIABLE}={nearest(forced, available) or available[0]}",
        )
    return forced
