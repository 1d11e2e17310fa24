"""The runtime alone: without torch, whether it is installed or not."""

import subprocess
import sys

import pytest

from tolerances import PATIENCE

FORBID = """
import sys

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "pandas", "click", "rich", "onnx"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Forbidden())
"""
USE = """
import sys
import numpy as np
import gatework.runtime

model = gatework.runtime.load(sys.argv[1])
output, state = model(np.ones((5, 2, 3), np.float32), lengths=[5, 2])
stepper = model.stepper(2)
stepper.state = state
stepper.step(np.ones((2, 3), np.float32))
streams = model.streams()
streams.step(["a", "b"], np.ones((2, 3), np.float32))
model.quantize("int8", np.ones((5, 2, 3), np.float32))
gatework.runtime.save_state(stepper.state, sys.argv[1] + ".state")
gatework.runtime.load_state(sys.argv[1] + ".state")
heavy = {"torch", "pandas", "scipy", "onnx", "rich", "click"}
print(output.shape, sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""


def python(code: str, *arguments: str) -> str:
    """Run ``code`` in a fresh interpreter and return what it printed."""
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=PATIENCE
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.fixture
def path(lstm_of, tmp_path) -> str:
    return str(lstm_of(3, [9, 6]).write(tmp_path / "model"))


def test_torch_is_never_imported(path) -> None:
    assert python(USE, path) == "(5, 2, 6) []"


def test_it_works_where_torch_is_not_installed(path) -> None:
    assert python(FORBID + USE, path) == "(5, 2, 6) []"
