"""The tests of the runtime serve an environment without torch, too."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent
SOME = ("test_runtime_parity.py", "test_runtime_streams.py", "test_runtime_tokens_alone.py")


def test_the_tests_of_the_runtime_run_where_torch_is_not_installed() -> None:
    files = [str(TESTS / "runtime" / name) for name in SOME]
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "without_torch", "-p", "no:cacheprovider", *files],
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stdout
    *_, told, count = result.stdout.rstrip().splitlines()
    assert "test_runtime_parity.py" in told
    assert "it compares with torch, which is not installed" in told
    assert " passed, " in count
