"""A run killed with SIGKILL at any step and resumed ends in the same bits."""

import json
import subprocess
import sys
from pathlib import Path


def test_killed_runs_resume_to_the_same_bits() -> None:
    script = Path(__file__).with_name("kill_and_resume.py")
    result = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=280
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["differing"] == []
    assert report["survived"] == []
    assert len(report["killed"]) >= 40
