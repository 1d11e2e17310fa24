"""Sets up an environment of this checkout where it is missing, stale or damaged; what make runs.

``python packaging/environment.py demo|dev|test-base [--this-python]`` prints the folder of its
commands. It needs nothing but Python. What is there and whole is left as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READY = ".ready"
"""The file, written last, that says of what an environment was made."""

BUILT_FROM = ("native/**/*", "packaging/environment.py", "constraints.txt")
TESTING = ("hypothesis", "pytest", "pytest-timeout")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class Layer:
    """What an environment holds.

    Attributes:
        folder: where it is.
        packages: what pip installs first.
        build: what pip is told to install the package itself.
        sources: what is built anew when it has changed.
        within: the layer that serves as well where it is there.
    """

    folder: str
    packages: tuple[str, ...]
    build: tuple[str, ...]
    sources: tuple[str, ...] = BUILT_FROM
    within: str = ""


def layers(project: dict) -> dict[str, Layer]:
    """Return the layers by name."""
    base = tuple(project["project"]["dependencies"])
    extras, groups = project["project"]["optional-dependencies"], project["dependency-groups"]
    developing = groups["dev"] + groups["docs"]
    developing = [one for one in developing if isinstance(one, str)]
    testing = [one for one in developing if one.partition(">")[0] in TESTING]
    mine = ("--config-settings=cmake.define.GATEWORK_TARGETS=native",)
    demo = (*mine, "--config-settings=build-dir=build/native-demo", "--editable", ".")
    dev = ("--no-build-isolation", "--editable", ".")
    wheel = (f"--config-settings=build-dir=build/native-{VERSION}", *mine, "--force-reinstall", ".")
    return {
        "demo": Layer("build/demo", base, demo, within="dev"),
        "dev": Layer(".venv", (*developing, *base, *_whole(extras, "forecast")), dev),
        "test-base": Layer(
            f"build/test-base-{VERSION}",
            (*base, *testing),
            wheel,
            (*BUILT_FROM, "src/**/*.py", "src/**/*.pyi", "src/**/*.safetensors"),
        ),
    }


def _whole(extras: dict[str, list[str]], name: str) -> list[str]:
    """Return the packages of an extra and of those that it includes."""
    found = []
    for one in extras[name]:
        inner = one.removeprefix("gatework[").removesuffix("]")
        found += _whole(extras, inner) if inner in extras else [one]
    return found


def made_of(layer: Layer, project: dict) -> dict[str, str]:
    """Return what decides whether an environment is still what it should be."""
    parts = [project["build-system"], project["tool"]["scikit-build"], layer.packages, layer.build]
    digest = hashlib.sha256(json.dumps(parts).encode())
    for pattern in layer.sources:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return {"digest": digest.hexdigest(), "checkout": str(ROOT)}


def python_of(folder: Path) -> Path:
    """Return the interpreter of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def damage(folder: Path, kept: dict[str, str], *, this_python: bool) -> str:
    """Return why an environment has to be made from nothing; empty where it is whole."""
    if not folder.exists():
        return "it is not there"
    if not kept:
        return "it was not finished"
    if kept.get("checkout") != str(ROOT):
        return "the checkout has moved"
    told = "import sys; print(sys.version, sys.base_prefix)"
    try:
        asked = [python_of(folder), "-c", told]
        found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "its Python does not run"
    if this_python and found != f"{sys.version} {sys.base_prefix}":
        return f"its Python is {found.split()[0]}"
    missing = next(_missing(folder), None)
    return "" if missing is None else f"{missing} is missing"


def _missing(folder: Path):
    """Yield the files that its packages name and that are not there."""
    [site] = folder.glob("[Ll]ib/site-packages" if os.name == "nt" else "lib/python*/site-packages")
    for record in sorted(site.glob("*.dist-info/RECORD")):
        for line in record.read_text("utf-8").splitlines():
            name = line.rsplit(",", 2)[0].strip('"')
            if not name.endswith(".pyc") and not (site / name).exists():
                yield name
    for info in sorted(site.glob("*.dist-info")):
        if not (info / "RECORD").exists():
            yield f"{info.name}/RECORD"


def fault(layer: Layer, wanted: dict[str, str], *, this_python: bool) -> tuple[str, bool]:
    """Return what an environment lacks, and whether it has to be made from nothing for that."""
    folder = ROOT / layer.folder
    try:
        kept = json.loads((folder / READY).read_text("utf-8"))
    except (OSError, ValueError):
        kept = {}
    if why := damage(folder, kept, this_python=this_python):
        return why, True
    return ("" if kept == wanted else "its sources have changed"), False


def set_up(layer: Layer, wanted: dict[str, str], *, this_python: bool) -> None:
    """Make an environment what its layer says, as far as it is not."""
    why, from_nothing = fault(layer, wanted, this_python=this_python)
    if not why:
        return
    folder = ROOT / layer.folder
    say(f"{layer.folder}: {why}; setting it up")
    began = time.monotonic()
    (folder / READY).unlink(missing_ok=True)
    if from_nothing:
        if folder.exists():
            shutil.rmtree(folder)
        run([sys.executable, "-m", "venv", str(folder)])
    pip = [str(python_of(folder)), "-m", "pip", "install", "--quiet"]
    timed("packages", [*pip, *layer.packages], folder)
    timed("Gatework and its kernels", [*pip, "--no-deps", *layer.build], folder)
    (folder / READY).write_text(json.dumps(wanted), "utf-8")
    say(f"{layer.folder}: ready after {time.monotonic() - began:.0f} s")


def timed(what: str, command: list[str], folder: Path) -> None:
    """Run a step and say how long it took."""
    say(f"  {what} ...")
    began = time.monotonic()
    path = os.pathsep.join([str(python_of(folder).parent), os.environ.get("PATH", "")])
    constraints = str(ROOT / "constraints.txt")
    run(
        command, {"PATH": path, "PIP_CONSTRAINT": constraints, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    )
    say(f"  {what}: {time.monotonic() - began:.0f} s")


def run(command: list[str], changes: dict[str, str] | None = None) -> None:
    """Run a command in the checkout; where it fails, say so and leave with its code."""
    code = subprocess.run(command, cwd=ROOT, env=os.environ | (changes or {})).returncode
    if code:
        say(f"error: this failed, see above: {' '.join(command)}")
        sys.exit(code if code > 0 else 1)


def say(words: str) -> None:
    """Tell what goes on."""
    print(words, file=sys.stderr, flush=True)


def main() -> None:
    """Set up the layer that the command line names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    known = layers(project)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("layer", choices=list(known))
    parser.add_argument("--this-python", action="store_true", help="no other Python will do")
    given = parser.parse_args()
    layer, this_python = known[given.layer], given.this_python
    if within := known.get(layer.within):
        why, _ = fault(within, made_of(within, project), this_python=this_python)
        layer = layer if why else within
    set_up(layer, made_of(layer, project), this_python=this_python)
    print(python_of(ROOT / layer.folder).parent)


if __name__ == "__main__":
    main()
