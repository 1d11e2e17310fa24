"""Brings the catalogues of other languages up to date with the sources, and begins new ones.

python packaging/translations.py        all catalogues that are there
python packaging/translations.py fr     one of French as well
"""

import ast
import importlib
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from gatework.look.report.words import PERIODS

ROOT = Path(__file__).parents[1] / "src" / "gatework"
FOLDER = ROOT / "look" / "language"
PLACES = {"words": (0,), "many": (1, 2)}
"""Which arguments of these functions are texts; ``many`` takes one for one, one for several."""
TABLES = {
    "examine.findings": ("FINDINGS", "GATE_CURES"),
    "studio.catalogue": ("EXAMPLES",),
    "look.charts.trials": ("BRIEFLY", "CHOICES", "PARAMETERS", "REASONS", "ROLES"),
    "look.charts.zoom": ("TOOLS",),
    "look.language.words": ("FOLLOWING", "GIVEN", "NAMES", "SIGNAL_WORDS"),
    "look.report.methods": ("TEXTS",),
    "look.report.notes": ("NOTES",),
    "look.report.words": ("CLASSICS",),
}
"""Tables of texts that are asked for by a name."""
SAID = r'"((?:[^"\\]|\\.)*)"'
HEAD = r"""msgid ""
msgstr ""
"Language: {catalog.locale_identifier}\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: {catalog.plural_forms}\n"

"""

Text = str | tuple[str, str]


def template() -> Catalog:
    """Return a catalogue of all texts that the sources ask for, with nothing translated."""
    found = Catalog()
    found.add("English", auto_comments=["what this language calls itself"])
    found.add(", ", context="list", auto_comments=["between the items of an enumeration"])
    for folder in ("look", "examine", "studio"):
        for path in sorted((ROOT / folder).rglob("*.*")):
            place = path.relative_to(ROOT).as_posix()
            for context, text in texts_in(path, place):
                found.add(text, context=context, locations=[(place, 0)])
    for one, several in PERIODS.items():
        found.add((one, several))
        found.add(one, context="period")
        found.add(one, context="heading", auto_comments=["above the names of periods"])
    for message in found:
        message.flags.discard("python-format")
    return found


def texts_in(path: Path, place: str) -> Iterator[tuple[str | None, Text]]:
    """Yield the contexts and texts of a source; those of the studio's page have their own."""
    own = "studio" if place.startswith("studio/") else None
    if path.suffix == ".py":
        yield from ((None, text) for text in asked_in(path))
        yield from ((own, text) for text in tables_of(place.removesuffix(".py").replace("/", ".")))
    elif own and path.suffix in (".js", ".html"):
        yield from ((own, text) for text in page_texts(path.read_text(encoding="utf-8")))


def asked_in(path: Path) -> Iterator[Text]:
    """Yield the texts that a module asks for by themselves, those with a plural as pairs."""
    calls = [
        one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.Call)
    ]
    for call in sorted(calls, key=lambda one: one.lineno):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        places = PLACES.get(name, ())
        texts = [list(strings(call.args[place])) for place in places if place < len(call.args)]
        yield from zip(*texts, strict=True) if len(texts) > 1 else (texts or [[]])[0]


def strings(tree: ast.AST) -> Iterator[str]:
    """Yield the texts in an expression, of which any may be chosen."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value


def tables_of(module: str) -> Iterator[Text]:
    """Yield the texts of a module's tables."""
    for name in TABLES.get(module, ()):
        yield from leaves(getattr(importlib.import_module(f"gatework.{module}"), name))


def leaves(table: Any) -> Iterator[str]:
    """Yield the texts in a table; what looks them up in a dictionary is none."""
    if isinstance(table, str):
        yield from [table] if table else []
    else:
        for one in table.values() if isinstance(table, dict) else table:
            yield from leaves(one)


def page_texts(source: str) -> Iterator[str]:
    """Yield the texts that a page or a script of the studio asks for."""
    asked = re.findall(r"\b(?:say|button)\(([^()]*)", source)
    asked += re.findall(r"^export const (?:NAMES|TOLD) = \{(.*?)^\}", source, re.M | re.S)
    for text in asked:
        yield from re.findall(SAID, text)
    yield from re.findall(rf"^    (?:title|text): {SAID}", source, re.M)
    yield from re.findall(r"data-say>([^<]+)<", source)
    yield from re.findall(r'data-title="([^"]+)"', source)


def updated(file: Path) -> str:
    """Return a catalogue as it should be: what is said stays, what nobody asks for goes."""
    if file.exists():
        catalog = read_po(io.BytesIO(file.read_bytes()))
        catalog.update(template(), no_fuzzy_matching=True)
    else:
        catalog = template()
        catalog.locale = file.stem
    written = io.BytesIO()
    write_po(
        written, catalog, width=0, omit_header=True, ignore_obsolete=True, include_lineno=False
    )
    return HEAD.format(catalog=catalog) + written.getvalue().decode()


def main(languages: Iterable[str]) -> None:
    """Write the catalogues that are there, and those of the languages."""
    for file in sorted({*FOLDER.glob("*.po"), *(FOLDER / f"{one}.po" for one in languages)}):
        file.write_text(updated(file), encoding="utf-8")
        print(file)


if __name__ == "__main__":
    main(sys.argv[1:])
