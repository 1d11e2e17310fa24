"""Installs the wheels of `dist` where no compiler is, and uses them: a part of `make wheels`.

Every Python of this machine gets a fresh environment; its wheel is tested, forecasts, draws what it
forecast, goes a step at a time, and passes the tests of the runtime.
"""

import platform
import shutil
import sys

from interpreters import ROOT, VERSIONS, environment, find, run

DIST = ROOT / "dist"
WORK = ROOT / "build" / "wheels" / "trials"
TESTS = ("hypothesis>=6.100", "pytest>=8.3", "pytest-timeout>=2.3")
WHERE = "import gatework._runtime as native; print(native.__file__)"


def main() -> None:
    """Try every Python, and say which were not there."""
    if not list(DIST.glob(f"gatework-*_{platform.machine()}.whl")):
        print("not tried: the wheels are for another processor")
        return
    shutil.rmtree(WORK, ignore_errors=True)
    found = {version: find(version) for version in VERSIONS}
    for version, python in found.items():
        if python is not None:
            _try(version, python)
    absent = [version for version, python in found.items() if python is None]
    print("tried with Python", *(version for version in found if found[version]))
    if absent:
        print("not tried, for want of an interpreter:", *absent)


def _try(version: str, python: str) -> None:
    wheel = ("--no-index", "--no-deps", "--find-links", DIST, "gatework")
    programs = environment(python, WORK / version, *wheel)
    # What it asks for; a Python for which that has no wheel has nothing to compile it with.
    pip = (programs / "python", "-m", "pip", "install", "--quiet", "--only-binary", ":all:")
    run(*pip, "gatework", *TESTS)
    env = {"PATH": str(programs), "HOME": str(WORK), "PYTHONDONTWRITEBYTECODE": "1"}
    gatework, out = programs / "gatework", WORK / f"forecast-{version}"
    run(programs / "python", "-I", "-c", WHERE, env=env, folder=WORK)
    run(gatework, "doctor", env=env, folder=WORK)
    run(gatework, "forecast", "--demo", "--seed", "1", "--out", out, env=env, folder=WORK)
    if "<svg" not in (out / "report.html").read_text("utf-8"):
        sys.exit(f"{out / 'report.html'} has no picture")
    (WORK / "new.csv").write_text("value\n3\n5\n4\n", "utf-8")
    run(gatework, "watch", "new.csv", "--no-follow", env=env, folder=WORK)
    run(programs / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "tests/runtime", "tests/system", env=env)  # fmt: skip


if __name__ == "__main__":
    main()
