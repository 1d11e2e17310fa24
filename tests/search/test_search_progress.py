"""The bar on the standard error."""

import subprocess
import sys

import pytest
from searched import AXES, Bowl

from gatework.search import SearchBar, layered_search
from tolerances import PATIENCE


@pytest.mark.parametrize("limit", [{"trials": 6}, {"budget": 0.2}])
def test_the_bar_tells_layer_trials_and_best_error_on_the_standard_error(
    tmp_path, capsys, limit
) -> None:
    result = layered_search(
        Bowl(0.01), AXES, workers=1, ledger=tmp_path / "l", progress=SearchBar(), **limit
    )
    printed = capsys.readouterr()
    assert printed.out == ""
    shown = " ".join(printed.err.split())
    assert f"{len(result.trials)} trials" in shown
    assert f"layer {result.trials[-1].layer + 1}" in shown
    assert f"{result.best.error:.4g}" in shown


def test_a_search_is_silent_by_default(tmp_path, capsys) -> None:
    layered_search(Bowl(), AXES, trials=3, workers=1, ledger=tmp_path / "l")
    assert capsys.readouterr() == ("", "")


def test_importing_the_search_imports_nothing_heavy() -> None:
    code = (
        "import sys, gatework.search as s; "
        "print([m for m in ('torch', 'pandas', 'rich', 'pyarrow', 'statsmodels') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.stdout == "[]\n", done.stderr
