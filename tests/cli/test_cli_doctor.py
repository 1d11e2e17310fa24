"""``gatework doctor``: what it tells of this machine, what it tests, its exit codes."""

import json
import subprocess
import sys

import pytest
import torch
from click.testing import CliRunner

from gatework.cli.doctor import checks as doctor_checks
from gatework.cli.doctor import command as doctor
from gatework.cli.doctor.command import Backend, command
from tolerances import PATIENCE


def run(*arguments: str):
    return CliRunner().invoke(command, arguments)


@pytest.fixture
def healthy(monkeypatch) -> None:
    """A machine on which everything can be loaded; its one target is the reference itself."""
    part = Backend(True, "", ("reference",), "reference")
    monkeypatch.setattr(doctor, "kernels", lambda: part)
    monkeypatch.setattr(doctor, "runtime", lambda: Backend(True, "", (), None))


@pytest.mark.usefixtures("healthy")
def test_a_healthy_machine() -> None:
    found = run("--quick")
    assert found.exit_code == 0
    assert f"torch {torch.__version__}" in found.stdout
    assert "kernels         [reference]; in use: reference" in found.stdout
    assert (
        "reference, float64      3 of 3 as they should be, largest difference 0.0" in found.stdout
    )
    assert found.stdout.endswith("all is well\n")


@pytest.mark.usefixtures("healthy")
def test_json_has_what_was_found_and_every_check() -> None:
    said = json.loads(run("--quick", "--json").stdout)
    assert said["healthy"] is True
    assert said["kernels"]["targets"] == ["reference"]
    assert said["versions"].keys() == {"python", "gatework", "numpy", "torch"}
    assert len(said["checks"]) == 6
    assert said["extras"]["train"] == []
    assert said["checks"][0]["difference"] == 0.0


def _scaled(parts, factor: float) -> list:
    return [part * factor for part in parts]


@pytest.mark.usefixtures("healthy")
def test_wrong_numbers_are_a_problem(monkeypatch) -> None:
    expected = doctor_checks._expected
    monkeypatch.setattr(doctor_checks, "_expected", lambda *case: _scaled(expected(*case), 1.001))
    found = run("--quick")
    assert found.exit_code == 1
    assert "problem: reference, float64, plain: wrong numbers" in found.stdout
    assert "reference, float64      0 of 3 as they should be" in found.stdout


@pytest.mark.usefixtures("healthy")
def test_a_kernel_that_breaks_is_a_problem_and_the_others_are_still_tested(monkeypatch) -> None:
    outcome = doctor_checks._outcome

    def broken(network, x):
        if x.dtype == torch.float32:
            raise RuntimeError("no such instruction\nand more")
        return outcome(network, x)

    monkeypatch.setattr(doctor_checks, "_outcome", broken)
    found = run("--quick")
    assert found.exit_code == 1
    said = "problem: reference, float32, plain: RuntimeError: no such instruction\n"
    assert said in found.stdout
    assert "reference, float64      3 of 3 as they should be" in found.stdout


@pytest.mark.usefixtures("healthy")
def test_kernels_that_cannot_be_loaded_are_a_problem_with_the_reason(monkeypatch) -> None:
    absent = Backend(False, "the native kernels were not built", (), "reference")
    monkeypatch.setattr(doctor, "kernels", lambda: absent)
    found = run("--quick")
    assert found.exit_code == 1
    assert "problem: kernels for torch: the native kernels were not built" in found.stdout


@pytest.mark.usefixtures("healthy")
def test_the_environment_is_shown_and_must_name_a_path(monkeypatch) -> None:
    monkeypatch.setenv("GATEWORK_KERNEL", "refrence")
    found = run("--quick")
    assert found.exit_code == 1
    assert "GATEWORK_KERNEL refrence" in found.stdout
    said = "problem: GATEWORK_KERNEL is 'refrence', which is none of reference, torch"
    assert said in found.stdout


def test_what_is_installed_here_computes_what_it_should() -> None:
    said = json.loads(run("--quick", "--json").stdout)
    assert [check for check in said["checks"] if not check["healthy"]] == []
    for part in ("kernels", "runtime"):
        groups = {check["group"] for check in said["checks"]}
        for target in said[part]["targets"]:
            name = f"runtime, {target}" if part == "runtime" else f"{target}, float64"
            assert name in groups


def test_without_torch_the_rest_is_examined() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from gatework.cli import main; main(['doctor', '--json'])"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    said = json.loads(result.stdout)
    assert said["kernels"] is None
    assert said["threads"] is None
    groups = {check["group"] for check in said["checks"] if check["healthy"]}
    assert groups == {f"runtime, {target}" for target in said["runtime"]["targets"]}
    assert "torch" in said["extras"]["train"]
    assert said["healthy"] is said["runtime"]["available"]
    assert result.returncode == (0 if said["healthy"] else 1)


def test_every_variant_is_tested_but_in_a_quick_run() -> None:
    whole = list(doctor_checks.kernel_checks(("reference",), quick=False))
    assert {check.variant for check in whole} == {"plain", *doctor_checks.NAMES}
    assert all(check.healthy for check in whole)
