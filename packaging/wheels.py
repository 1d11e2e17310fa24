"""Builds the source archive and, from it, the wheels for Linux: `make wheels`.

One CMake folder a processor serves all Pythons, so that the kernels are compiled once. Two runs at
one commit give the same bytes.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import glibc
from interpreters import ROOT, environment, find, run

HERE = ROOT / "packaging"
WORK = ROOT / "build" / "wheels"
DIST = ROOT / "dist"
PYTHONS = ("3.11", "3.12")
"""Those a wheel is built with; the one of 3.12 is of the stable interface and serves later ones."""

MODULES, NATIVE_LIMIT, WHEEL_LIMIT = 3, 4_000_000, 7_000_000


def main() -> None:
    """Build, repair and check the wheels of the processor that the command line names."""
    parser = argparse.ArgumentParser(description="Build the wheels for Linux into dist.")
    parser.add_argument("--machine", default=platform.machine(), choices=["x86_64", "aarch64"])
    machine = parser.parse_args().machine
    missing = [version for version in PYTHONS if find(version) is None]
    if missing:
        sys.exit(
            f"wheels are built with Python {' and '.join(missing)}, which was not found\n"
            f"hint: pyenv install {' '.join(missing)}"
        )
    shutil.rmtree(WORK, ignore_errors=True)
    DIST.mkdir(exist_ok=True)
    for old in [*DIST.glob("gatework-*.tar.gz"), *DIST.glob(f"gatework-*_{machine}.whl")]:
        old.unlink()
    tools = environment(sys.executable, WORK / "tools", "-r", HERE / "tools.txt")
    # At one place for all Pythons: the build begins anew where its own place has changed.
    builder = WORK / "builder"
    install = (tools / "python", "-m", "pip", "install", "--quiet", "--target", builder)
    run(*install, "-r", HERE / "builder.txt")
    env = _dated() | {"PYTHONPATH": str(builder)}
    source = _source(env)
    env |= _compiling(machine, tools)
    for version in PYTHONS:
        _check(_repair(_build(source, machine, version, env), tools, env), tools)


def _dated() -> dict[str, str]:
    """Return the environment with the time of the commit as that of all files."""
    command = ["git", "log", "-1", "--format=%ct"]
    time = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return {**os.environ, "SOURCE_DATE_EPOCH": time.stdout.strip()}


def _source(env: dict[str, str]) -> Path:
    """Build the source archive from what is committed, and lay it out again."""
    tree, committed = WORK / "tree", WORK / "tree.tar"
    run("git", "archive", "--output", committed, "HEAD")
    with tarfile.open(committed) as archive:
        archive.extractall(tree, filter="data")
    build = (find(PYTHONS[0]), "-m", "build", "--sdist", "--no-isolation")
    run(*build, "--outdir", DIST, tree, env=env)
    (path,) = DIST.glob("gatework-*.tar.gz")
    with tarfile.open(path) as archive:
        archive.extractall(WORK, filter="data")
    return WORK / path.name.removesuffix(".tar.gz")


def _compiling(machine: str, tools: Path) -> dict[str, str]:
    """Return what the environment tells the compiler, and where the tools are."""
    here = machine == platform.machine()
    compiler = "g++" if here else f"{machine}-linux-gnu-g++"
    return {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "CXX": compiler,
        "CXXFLAGS": f"-ffile-prefix-map={WORK}=.",
        "LDFLAGS": glibc.link_flags(tools, machine, compiler, WORK / "glibc"),
        **({} if here else {"_PYTHON_HOST_PLATFORM": f"linux-{machine}"}),
    }


def _build(source: Path, machine: str, version: str, env: dict[str, str]) -> Path:
    """Return the wheel of a Python as the build leaves it."""
    settings = [f"build-dir={WORK / 'cmake'}", "install.strip=false"]
    if machine != platform.machine():
        python = f"cpython-{version.replace('.', '')}-{machine}-linux-gnu"
        env = env | {"SETUPTOOLS_EXT_SUFFIX": f".{python}.so"}
        system = {"NAME": "Linux", "PROCESSOR": machine}
        settings += [f"cmake.define.CMAKE_SYSTEM_{key}={value}" for key, value in system.items()]
    out = WORK / f"raw-{version}"
    build = (find(version), "-m", "build", "--wheel", "--no-isolation", "--outdir", out)
    run(*build, *(f"--config-setting={setting}" for setting in settings), source, env=env)
    (wheel,) = out.iterdir()
    return wheel


def _repair(wheel: Path, tools: Path, env: dict[str, str]) -> Path:
    """Name the oldest Linux that the wheel runs on; nothing of torch goes into it."""
    before = set(DIST.iterdir())
    repair = (tools / "auditwheel", "repair", "--exclude", "libtorch_cpu.so")
    run(*repair, "--wheel-dir", DIST, wheel, env=env)
    (repaired,) = set(DIST.iterdir()) - before
    return repaired


def _check(wheel: Path, tools: Path) -> None:
    """Hold the wheel to its size, to what belongs into it and to the stable interface."""
    if "-abi3-" in wheel.name:
        run(tools / "abi3audit", "--strict", wheel)
    with zipfile.ZipFile(wheel) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    native = {name: size for name, size in sizes.items() if name.endswith(".so")}
    strange = {name for name in sizes if not name.startswith(("gatework/", "gatework-"))}
    oldest = min(int(minor) for minor in re.findall(r"manylinux_2_(\d+)_", wheel.name))
    whole = wheel.stat().st_size
    for name, size in [*native.items(), (wheel.name, whole)]:
        print(f"{size:>11,} {name}")
    large = sum(native.values()) > NATIVE_LIMIT or whole > WHEEL_LIMIT
    if large or strange or len(native) != MODULES or oldest > glibc.VERSION[1]:
        sys.exit(f"{wheel.name} is not what it should be: {sorted(native)} {sorted(strange)}")


if __name__ == "__main__":
    main()
