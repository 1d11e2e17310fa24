"""Which packages come with which extra of Gatework, for the hints of what is missing."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

from gatework.errors import MissingDependencyError

EXTRAS = {
    "train": ("torch",),
    "tables": ("narwhals", "pyarrow", "python_calamine"),
    "holidays": ("holidays",),
    "forecast": (
        "train",
        "tables",
        "pandas",
        "sklearn",
        "scipy",
        "statsmodels",
        "threadpoolctl",
    ),
    "classics": ("forecast", "statsforecast"),
    "look": ("train", "resvg_py"),
    "notebook": ("train", "anywidget"),
    "recognize": ("train", "PIL", "sklearn", "scipy", "soundfile"),
    "listen": ("recognize", "sounddevice"),
    "studio": ("train", "starlette", "uvicorn"),
    "cluster": ("ray",),
}
"""The modules that each extra of pyproject.toml brings, and the extra that it includes."""


def install(module: str, part: str = "") -> str:
    """Return what to type where a module is missing.

    Args:
        module: that cannot be imported, also one inside a package.
        part: of Gatework that needs it. An extra of its name comes first, for it also brings what
            the part would miss next.

    Example:
        >>> print(install("scipy.signal"), install("scipy", "recognize"), sep="; ")
        pip install 'gatework[forecast]'; pip install 'gatework[recognize]'
        >>> install("black")
        'pip install black'
    """
    name = module.partition(".")[0]
    extra = next((one for one in (part, *EXTRAS) if name in _brought(one)), None)
    return f"pip install {name}" if extra is None else f"pip install 'gatework[{extra}]'"


@contextmanager
def needing(module: str, told: str, *, part: str = "", otherwise: str = "") -> Iterator[None]:
    """Name the extra that brings a module, where what needs it finds it missing.

    Args:
        module: that is imported inside.
        told: what needs which package, as the message begins.
        part: as install takes it.
        otherwise: what to do without it, for the hint.

    Raises:
        MissingDependencyError: it is not installed, or a library under it is missing.
    """
    try:
        yield
    except (ModuleNotFoundError, OSError) as error:
        if (getattr(error, "name", module) or "").partition(".")[0] != module:
            raise
        hint = f"{install(module, part)}, or {otherwise}" if otherwise else install(module, part)
        raise MissingDependencyError(f"{told}, which is not installed", hint=hint) from error


def missing(extra: str) -> list[str]:
    """Return the modules that an extra brings and that are not here, without importing any."""
    modules = (name for name in _brought(extra) if name in EXTRAS.get(name, (name,)))
    return sorted(name for name in modules if not is_here(name))


def is_here(module: str) -> bool:
    """Return whether a module is installed, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # something on the path of imports keeps it away
        return False


def _brought(extra: str) -> set[str]:
    """Return all modules that an extra brings."""
    names = EXTRAS.get(extra, ())
    return {*names}.union(*(_brought(name) for name in names if name != extra))
