"""The old address of ``gatework.demo.networks``, which works for one release, with a warning."""

import warnings
from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    # By name, when it is asked for: pictures do not stand on the demonstrations.
    found = getattr(import_module("gatework.demo.networks"), name)
    warnings.warn(
        f"gatework.look.demo.{name} is gatework.demo.networks.{name}", FutureWarning, stacklevel=2
    )
    return found
