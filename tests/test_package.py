"""The package as it is imported: instant, lazy, and clear about what is missing."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gatework
from tolerances import PATIENCE

ROOT = Path(gatework.__file__).parent
STUBS = sorted(ROOT.rglob("__init__.pyi"))
HEAVY = ("torch", "pandas", "numpy", "pyarrow", "statsmodels", "scipy", "rich", "safetensors")


def python(code: str) -> str:
    """Run ``code`` in a fresh interpreter and return what it printed."""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    return result.stdout.strip()


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = f"import sys, gatework; print([m for m in {HEAVY} if m in sys.modules])"
    assert python(code) == "[]"


def test_datasets_need_no_torch_and_no_pandas() -> None:
    code = (
        "import sys, gatework; gatework.datasets.lanl_failures(); "
        "print([m for m in ('torch', 'pandas') if m in sys.modules])"
    )
    assert python(code) == "[]"


@pytest.mark.parametrize("name", gatework.__all__)
def test_every_public_name_is_there(name) -> None:
    assert getattr(gatework, name) is not None
    assert name in dir(gatework) or name == "__version__"


@pytest.mark.parametrize("stub", STUBS, ids=str)
def test_every_name_of_a_stub_is_there_and_listed(stub) -> None:
    package = importlib.import_module(".".join(stub.parent.relative_to(ROOT.parent).parts))
    said = stub.read_text(encoding="utf-8")
    names = re.findall(r"^from \S+ import (\w+) as \1$", said, re.MULTILINE)
    assert said.count("import ") == len(names) > 0
    for name in names:
        assert getattr(package, name) is not None
        assert name in dir(package)
    assert set(package.__all__) - {"__version__"} <= set(names)


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'GRU'"):
        gatework.GRU  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]


def test_without_torch_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import gatework\n"
        "try: gatework.LSTM\n"
        "except ImportError as error: print(error)"
    )
    message = python(code)
    assert "gatework.LSTM needs the package 'torch', which is not installed" in message
    assert "hint: pip install 'gatework[train]'" in message


def test_type_checkers_may_read_the_annotations() -> None:
    """PEP 561: without the marker every name of the package is Any to its users."""
    assert (ROOT / "py.typed").is_file()


def test_no_two_public_classes_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_the_old_address_of_the_demonstrations_works_with_a_warning() -> None:
    from gatework.demo import networks

    old = importlib.import_module("gatework.look.demo")
    with pytest.warns(FutureWarning, match=r"gatework\.demo\.networks\.train_series"):
        assert old.train_series is networks.train_series
