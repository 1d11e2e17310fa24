"""A process killed while it writes leaves the old file or the new one, whole."""

import json
import subprocess
import sys
from pathlib import Path


def test_a_kill_at_any_step_leaves_a_whole_file(tmp_path):
    script = Path(__file__).with_name("kill_while_writing.py")
    done = subprocess.run(
        [sys.executable, script, tmp_path, "200"],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    report = json.loads(done.stdout)
    assert len(report["replace"]) >= 14
    assert len(report["create"]) >= 14
    assert len(report["random"]) == 200
    for case, before in (("replace", "old"), ("create", "nothing")):
        turn = report[case].index("new")
        assert report[case] == [before] * turn + ["new"] * (len(report[case]) - turn)
    assert set(report["random"]) == {"old", "new"}
