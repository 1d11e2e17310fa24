"""Which packages come with which extra of Gatework, for the hints of what is missing."""

from __future__ import annotations

EXTRAS = {
    "train": ("torch",),
    "forecast": (
        "train",
        "narwhals",
        "pandas",
        "pyarrow",
        "sklearn",
        "scipy",
        "statsmodels",
        "threadpoolctl",
    ),
    "classics": ("forecast", "statsforecast"),
    "look": ("train", "resvg_py"),
    "notebook": ("train", "anywidget"),
    "recognize": ("train", "PIL", "sklearn", "scipy", "soundfile"),
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


def _brought(extra: str) -> set[str]:
    """Return all modules that an extra brings."""
    names = EXTRAS.get(extra, ())
    return {*names}.union(*map(_brought, names))
