"""The machine that is measured on: what it is, and how fast it multiplies and reads."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import timeit
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from gatework.system.processes import processors

CPUINFO = Path("/proc/cpuinfo")
STAT = Path("/proc/stat")
TICKS = 100
"""A second of processor time as Linux counts it for programs, on every processor."""

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")

INSTRUCTION_SETS = (
    "sse4_2",
    "avx",
    "f16c",
    "fma",
    "avx2",
    "avx_vnni",
    "avx512f",
    "avx512bw",
    "avx512vl",
    "avx512_vnni",
    "avx512_bf16",
    "avx512_fp16",
    "amx_tile",
    "asimd",
    "asimdhp",
    "asimddp",
    "sve",
)
"""The flags worth naming, as Linux spells them."""

PACKAGES = ("gatework", "numpy", "torch", "onnxruntime", "onnx")

GEMM_SIZE = 1024

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
"""Where the libraries under numpy read how many threads they may take."""


@dataclass(frozen=True)
class Machine:
    """The processor, the system and the versions of what is measured."""

    processor: str
    cores: int
    instruction_sets: tuple[str, ...]
    caches: tuple[str, ...]
    system: str
    load: float | None
    versions: dict[str, str | None]


def describe() -> Machine:
    """Return the machine at hand; needs neither torch nor numpy."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return Machine(
        _processor(),
        processors(),
        _instruction_sets(),
        _caches(),
        f"{platform.system()} {platform.machine()}",
        load,
        {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
    )


def seconds_of_others() -> float | None:
    """Return the processor time that all other programs had since the machine began.

    That of other virtual machines on this one's cores is in it. None where the system does not
    tell.
    """
    try:
        words = STAT.read_text(encoding="utf-8").splitlines()[0].split()
        user, nice, system, _idle, _waiting, interrupts, soft, stolen = map(int, words[1:9])
    except (OSError, IndexError, ValueError):
        return None
    return (user + nice + system + interrupts + soft + stolen) / TICKS - sum(os.times()[:4])


def seconds_of(process: int) -> float:
    """Return the processor time that a program had, 0 where the system does not tell."""
    try:
        words = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / TICKS
    except (OSError, IndexError, ValueError):
        return 0.0


def version(package: str) -> str | None:
    """Return the version of an installed package, None when it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def gemm_rate(threads: int) -> float:
    """Return floating-point operations a second of a float32 product of 1024 x 1024, by numpy.

    In a process of its own, since a library of linear algebra asks how many threads it may take
    when it is loaded.
    """
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
    program = "from gatework.bench.machine import gemm_seconds; print(gemm_seconds())"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return 2.0 * GEMM_SIZE**3 / float(done.stdout)


def gemm_seconds() -> float:
    """Return seconds that numpy takes for a product of 1024 x 1024."""
    import numpy as np

    a, b = np.random.default_rng(0).random((2, GEMM_SIZE, GEMM_SIZE), dtype=np.float32)
    out = np.empty_like(a)
    return _median(lambda: np.matmul(a, b, out=out))


def read_rate(size: int) -> float:
    """Return bytes a second that one thread reads, over and over, from ``size`` bytes."""
    import numpy as np

    values = max(size // 4, 1)
    times = max(1, (16 << 20) // (4 * values))
    repeated = np.broadcast_to(np.ones(values, np.float32), (times, values))  # one buffer
    return 4.0 * values * times / _median(lambda: repeated.max(1))  # numpy sums more slowly


def _median(call: Callable[[], object], samples: int = 9) -> float:
    call()
    return statistics.median(timeit.repeat(call, number=1, repeat=samples))


def _cpuinfo(*keys: str) -> str | None:
    try:
        lines = CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    fields = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in fields if key.strip() in keys), None)


def _processor() -> str:
    name = _cpuinfo("model name", "Hardware", "Model") or platform.processor()
    family, model = _cpuinfo("cpu family"), _cpuinfo("model")
    name = name or platform.machine() or "unknown"
    # Hosts of virtual machines shorten the name, so the numbers that tell the design come along.
    return f"{name} (family {family}, model {model})" if family and model else name


def _instruction_sets() -> tuple[str, ...]:
    flags = set((_cpuinfo("flags", "Features") or "").split())
    return tuple(name for name in INSTRUCTION_SETS if name in flags)


def _caches() -> tuple[str, ...]:
    found = []
    for index in sorted(CACHES.glob("index*")):
        try:
            level, kind, size = (
                (index / name).read_text("utf-8").strip() for name in ("level", "type", "size")
            )
        except OSError:
            continue
        if kind != "Instruction":
            found.append(f"L{level} {size}")
    return tuple(found)
