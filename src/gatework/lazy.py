"""Packages whose names are loaded when they are first used."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Collection, Mapping
from typing import Any


def lazily(
    package: str,
    homes: Mapping[str, str],
    modules: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and the ``__dir__`` of a package that loads its names on demand.

    Args:
        package: its name, ``__name__``.
        homes: the module that each public name is taken from.
        modules: names of modules inside the package that are names of it as well.
        renamed: from names of old to those of today; they still work, with a FutureWarning.

    What a name needs and is not installed becomes a MissingDependencyError when the name is used.

    Example:
        >>> __getattr__, __dir__ = lazily("gatework.lazy", {"root": "math"})
        >>> "root" in __dir__(), "lazily" in __dir__()
        (True, True)
    """

    def get(name: str) -> Any:
        if name in modules:
            return importlib.import_module(f"{package}.{name}")
        if renamed and name in renamed:
            said = f"{package}.{name} is called {renamed[name]} now"
            warnings.warn(said, FutureWarning, stacklevel=2)
            return getattr(sys.modules[package], renamed[name])
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            value = getattr(importlib.import_module(homes[name]), name)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.split(".")[0] == "gatework":
                raise
            from gatework.errors import MissingDependencyError
            from gatework.extras import install

            raise MissingDependencyError(
                f"{package}.{name} needs the package {error.name!r}, which is not installed",
                hint=install(error.name, package.rpartition(".")[2]),
            ) from error
        setattr(sys.modules[package], name, value)  # from now on found without this function
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes, *modules})

    return get, names
