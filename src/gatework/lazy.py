"""Packages whose names are loaded when they are first used."""

from __future__ import annotations

import importlib
import pkgutil
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any


def lazily(
    package: str, renamed: Mapping[str, str] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package that loads names on demand.

    Its public names are said once, in the ``__init__.pyi`` beside its ``__init__.py``, where type
    checkers find them too: a line ``from MODULE import NAME as NAME`` for each. What is taken from
    the package itself is one of its modules, which ``__all__`` leaves out.

    Args:
        package: its name, ``__name__``.
        renamed: from names of old to those of today; they still work, with a FutureWarning.

    What a name needs and is not installed becomes a MissingDependencyError when the name is used.

    Example:
        >>> __getattr__, __dir__, __all__ = lazily("gatework")
        >>> "LSTM" in __all__, "look" in __all__, "look" in __dir__()
        (True, False, True)
    """
    stub = (pkgutil.get_data(package, "__init__.pyi") or b"").decode()
    lines = (line.split() for line in stub.splitlines() if line.startswith("from "))
    homes = {name: module for _, module, _, name, *_ in lines}

    def get(name: str) -> Any:
        if renamed and name in renamed:
            said = f"{package}.{name} is called {renamed[name]} now"
            warnings.warn(said, FutureWarning, stacklevel=2)
            return getattr(sys.modules[package], renamed[name])
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if homes[name] == package:
            return importlib.import_module(f"{package}.{name}")
        try:
            value = getattr(importlib.import_module(homes[name]), name)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.split(".")[0] == "gatework":
                raise
            from gatework.errors import MissingDependencyError
            from gatework.extras import install

            missing = MissingDependencyError(
                f"{package}.{name} needs the package {error.name!r}, which is not installed",
                hint=install(error.name, package.rpartition(".")[2]),
            )
            missing.name = error.name  # for the command line, where a command needs it
            raise missing from error
        setattr(sys.modules[package], name, value)  # from now on found without this function
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return get, names, [name for name, module in homes.items() if module != package]
