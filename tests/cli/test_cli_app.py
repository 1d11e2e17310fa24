"""The command line's front door."""

import subprocess
import sys
from pathlib import Path

import pytest
from running import run

from gatework import __version__
from gatework.cli.doctor import command as doctor
from gatework.cli.values import span
from gatework.errors import GateworkError, Interrupted
from gatework.search import SearchInterrupted
from gatework.train import TrainingInterrupted
from tolerances import PATIENCE

GATEWORK = Path(sys.executable).with_name("gatework")


def gatework(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([GATEWORK, *arguments], capture_output=True, text=True, timeout=PATIENCE)


def python(code: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)


def test_help_lists_the_commands_and_loads_nothing_heavy() -> None:
    found = gatework("--help")
    assert found.returncode == 0
    assert "forecast   Forecast failures or any other series of numbers." in found.stdout
    code = (
        "import sys\n"
        "from gatework.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = ('torch', 'pandas', 'numpy', 'rich', 'statsmodels')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE
    )
    assert result.stdout.splitlines()[-1] == "[]"


def test_version() -> None:
    assert gatework("--version").stdout == f"gatework {__version__}\n"


def test_an_unknown_command_is_wrong_use() -> None:
    found = gatework("forcast")
    assert found.returncode == 2
    assert "No such command 'forcast'" in found.stderr


def test_without_torch_the_error_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from gatework.cli import main; main(['forecast', '--demo', '--trials', '1'])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, cwd=tmp_path
    )
    assert result.returncode == 2
    assert not list(tmp_path.iterdir())
    assert "error: this command needs the package 'torch', which is not installed" in result.stderr
    assert "hint: pip install 'gatework[forecast]'" in result.stderr


def test_the_hint_names_the_extra_of_what_is_missing() -> None:
    code = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from gatework.cli import main; main(['studio', '--no-open'])"
    )
    result = python(code)
    assert result.returncode == 2
    assert "error: this command needs the package 'uvicorn'" in result.stderr
    assert "hint: pip install 'gatework[studio]'" in result.stderr


class Paused(Interrupted):
    """An interruption by another name."""


class NeverInterrupted(GateworkError):
    """An error that is called like an interruption, and is none."""


@pytest.mark.parametrize(
    ("error", "code"),
    [(Paused, 130), (NeverInterrupted, 2), (SearchInterrupted, 130), (TrainingInterrupted, 130)],
)
def test_an_interruption_has_its_exit_code_whatever_its_name(monkeypatch, error, code) -> None:
    def fail() -> None:
        raise error("stopped", hint="go on")

    monkeypatch.setattr(doctor, "examine", fail)
    assert run("doctor") == code


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90.0),
        ("90s", 90.0),
        ("2m", 120.0),
        ("1.5h", 5400.0),
        (" 2 M ", 120.0),
    ],
)
def test_spans_of_time(text, seconds) -> None:
    assert span(text) == seconds


@pytest.mark.parametrize("text", ["0s", "-2m", "2 days", "", "inf"])
def test_what_is_no_span_of_time_is_refused(text) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is not a span of time such as 90s, 2m or 1h"):
        span(text)


def test_a_mistyped_command_is_told_with_the_one_that_is_meant(capsys) -> None:
    assert run("forecst", "faults.csv") == 2
    assert "No such command 'forecst'. Did you mean 'forecast'?" in capsys.readouterr().err
