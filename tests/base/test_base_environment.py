"""The environments that make sets up: what is missing, stale or damaged is noticed."""

import importlib.util
import json
import sys
import venv
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging" / "environment.py"


@pytest.fixture(scope="module")
def environment():
    spec = importlib.util.spec_from_file_location("environment", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["environment"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def made(environment, tmp_path, monkeypatch):
    """Return a layer that is set up in a checkout of its own, and what it was made of."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    venv.create(tmp_path / "env", with_pip=False)
    layer = environment.Layer("env", (), ())
    wanted = {"digest": "1", "checkout": str(tmp_path)}
    (tmp_path / "env" / ".ready").write_text(json.dumps(wanted))
    [site] = (tmp_path / "env" / "lib").glob("python*/site-packages")
    info = site / "one-1.dist-info"
    info.mkdir()
    (site / "one.py").touch()
    (info / "RECORD").write_text("one.py,,\n__pycache__/one.pyc,,\none-1.dist-info/RECORD,,\n")
    return layer, wanted, site


def test_a_whole_environment_lacks_nothing_until_its_sources_change(environment, made) -> None:
    layer, wanted, _ = made
    assert environment.fault(layer, wanted, this_python=True) == ("", False)
    changed = wanted | {"digest": "2"}
    found = environment.fault(layer, changed, this_python=True)
    assert found == ("its sources have changed", False)


def test_what_is_damaged_is_made_from_nothing(environment, made, monkeypatch) -> None:
    layer, wanted, site = made

    def fault(**asked) -> str:
        why, from_nothing = environment.fault(layer, wanted, **{"this_python": False} | asked)
        assert from_nothing
        return why

    with monkeypatch.context() as patch:
        patch.setattr(environment.sys, "base_prefix", "elsewhere")
        assert fault(this_python=True).startswith("its Python is ")
    (site / "one.py").unlink()
    assert fault() == "one.py is missing"
    (site / "one-1.dist-info" / "RECORD").unlink()
    assert fault() == "one-1.dist-info/RECORD is missing"
    environment.python_of(site.parents[2]).unlink()
    assert fault() == "its Python does not run"
    (site.parents[2] / ".ready").unlink()
    assert fault() == "it was not finished"
