"""The type stubs say what the native module has."""

import ast
import re
from pathlib import Path

import pytest

import gatework

pytestmark = pytest.mark.usefixtures("native")


def module():
    from gatework import _runtime

    return _runtime


def stubbed() -> dict[str, set[str]]:
    """Return the classes of the stubs with the public names of each, and the functions."""
    # The stubs lie beside the package's sources, wherever the module itself was built.
    text = (Path(gatework.__file__).parent / "_runtime.pyi").read_text()
    body = ast.parse(text).body
    found: dict[str, set[str]] = {"": {n.name for n in body if isinstance(n, ast.FunctionDef)}}
    for node in body:
        if isinstance(node, ast.ClassDef):
            names = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            bases = {
                name.id
                for base in node.bases
                for name in ast.walk(base)
                if isinstance(name, ast.Name)
            }
            inherited = (found[base] for base in bases if base in found)
            found[node.name] = names.union(*inherited) - {"__init__"}
    return {name: names for name, names in found.items() if not name.startswith("_")}


def public(owner: object) -> set[str]:
    return {name for name in vars(owner) if not name.startswith("_")}


def test_every_class_and_function_is_in_the_stubs_and_there() -> None:
    stubs = stubbed()
    classes = {name for name in public(module()) if isinstance(getattr(module(), name), type)}
    assert stubs.pop("") == public(module()) - classes
    assert stubs == {name: public(getattr(module(), name)) for name in classes}


def test_the_arguments_have_the_stubs_names() -> None:
    text = ast.parse((Path(gatework.__file__).parent / "_runtime.pyi").read_text())
    owners = {"_Network": module().Network32, "_Stepper": module().Stepper32}
    for node in text.body:
        if not isinstance(node, ast.ClassDef) or node.name not in owners:
            continue
        for part in node.body:
            if isinstance(part, ast.FunctionDef) and not part.decorator_list:
                said = re.sub(r"\[.*?\]", "", getattr(owners[node.name], part.name).__doc__)
                listed = said[said.index("(") + 1 : said.index(")")].split(",")
                found = [name.strip(" *").split(":")[0].split("=")[0] for name in listed]
                wanted = [a.arg for a in (*part.args.args, *part.args.kwonlyargs)]
                assert [name for name in found if name not in ("", "self")] == wanted[1:]
