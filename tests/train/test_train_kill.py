"""A run killed with SIGKILL at any step and resumed ends in the same bits."""

import json
import subprocess
import sys
from collections import Counter
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
    by_place = Counter(label.split()[1] for label in report["killed"])
    for place, least in (
        ("step", 27),
        ("write", 5),
        ("fsync", 10),
        ("replace", 4),
        ("again", 20),
        ("parent", 13),
    ):
        assert by_place[place] >= least, by_place
