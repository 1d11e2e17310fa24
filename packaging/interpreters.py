"""The Pythons of this machine, and environments made with them."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSIONS = ("3.11", "3.12", "3.13", "3.14", "3.14t")


def find(version: str) -> str | None:
    """Return a Python such as "3.12" or "3.14t" of the path or of pyenv, None where none is."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    kept = sorted(pyenv.glob(f"{version.removesuffix('t')}.*/bin/python{version}"))
    for found in [shutil.which(f"python{version}"), *reversed(kept)]:
        if found is not None and _runs(found):
            return str(found)
    return None


def _runs(python: str | Path) -> bool:
    """Whether it starts: a shim of pyenv may stand for nothing."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def run(*command: object, env: Mapping[str, str] | None = None, folder: Path = ROOT) -> None:
    """Show a command and run it; one that fails ends everything."""
    words = [str(word) for word in command]
    print("+", *words, flush=True)
    subprocess.run(words, check=True, cwd=folder, env=env)


def environment(python: str, place: Path, *wishes: object) -> Path:
    """Make an environment anew with what pip is to install; return its folder of programs."""
    shutil.rmtree(place, ignore_errors=True)
    run(python, "-m", "venv", place)
    run(place / "bin" / "python", "-m", "pip", "install", "--quiet", *wishes)
    return place / "bin"
