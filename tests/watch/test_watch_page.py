"""The commands and the Python of docs/watch.md run as they stand."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gatework.cli import main
from tolerances import PATIENCE

PAGE = (Path(__file__).parents[2] / "docs" / "watch.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def months(first: int, values) -> str:
    rows = [f"{2000 + m // 12}-{m % 12 + 1:02d},{v}\n" for m, v in enumerate(values, first)]
    return "".join(["month,faults\n", *rows])


def sales(first: int, last: int, ahead: int = 0) -> str:
    values = [str(30 + m * 7 % 5) if m < last else "" for m in range(last + ahead)]
    told = [f"{value},{int(m % 4 == 0)}" for m, value in enumerate(values)][first:]
    return months(first, told).replace("faults", "sales,promotion")


def follow(command: str, environment: dict[str, str], folder: Path) -> subprocess.Popen:
    """Run a command that follows its file; interrupt it once its output is there."""
    process = subprocess.Popen(shlex.split(command), cwd=folder, env=environment)
    out = folder / "watch.jsonl"
    began = time.monotonic()
    while not out.exists() or out.read_text().count("\n") < 6:
        assert process.poll() is None
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=PATIENCE)
    return process


def finished(command: str, environment: dict[str, str], folder: Path) -> int:
    """Run a command to its end: in this process, unless it is fed by another one."""
    if "|" not in command:
        with pytest.raises(SystemExit) as left:
            main(shlex.split(command)[1:])
        return int(left.value.code or 0)
    words = ["bash", "-c", command]
    return subprocess.run(
        words, cwd=folder, env=environment, timeout=PATIENCE, check=False
    ).returncode


def test_every_command_runs(tmp_path, monkeypatch, capsys, brief_training) -> None:
    monkeypatch.chdir(tmp_path)
    counts = np.random.default_rng(0).poisson(5, 66)
    (tmp_path / "failures.csv").write_text(months(0, counts[:60]))
    (tmp_path / "new.csv").write_text(months(60, counts[60:]))
    (tmp_path / "sales.csv").write_text(sales(0, 66, ahead=3))
    (tmp_path / "more.csv").write_text(sales(66, 70))
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) == 11
    for command in commands:
        if "new.csv" in command and "--no-follow" not in command:
            assert follow(command, environment, tmp_path).returncode == 0
            continue
        allowed = (0, 1) if "--fail-on-alarm" in command else (0,)
        code = finished(command, environment, tmp_path)
        assert code in allowed, f"{command}\n{capsys.readouterr().err}"
    python = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    capsys.readouterr()
    exec(compile("\n".join(python), "watch.md", "exec"), {})
    told = capsys.readouterr().out
    assert "lies above its 90% interval" in told
    assert told.endswith("2005-04 5\n")


def test_every_option_and_alarm_is_on_the_page() -> None:
    from gatework.cli.watch.command import command
    from gatework.watch import ALARMS

    for kind in ALARMS:
        assert f"| `{kind}` |" in PAGE
    for option in command.params:
        if option.param_type_name == "option" and option.name != "help":
            assert option.opts[0] in PAGE, option.opts[0]
