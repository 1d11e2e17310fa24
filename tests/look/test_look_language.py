"""Languages: their catalogues hold what the sources ask for, and another one is a file."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatework.look.language import LANGUAGES, Words
from gatework.look.language import catalogue as catalogues
from gatework.look.language.catalogue import FOLDER, catalogue
from gatework.look.report.words import PERIODS, span

SCRIPT = Path(__file__).parents[2] / "packaging" / "translations.py"
FIELD = re.compile(r"\{\w+(?::[^}]*)?\}")
POLISH = r"""msgid ""
msgstr ""
"Language: pl\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);\n"

#: look/charts/errors.py
msgid "week"
msgid_plural "{count} weeks"
msgstr[0] "{count} tydzień"
msgstr[1] "{count} tygodnie"
msgstr[2] ""
"{count} "
"tygodni"

#, fuzzy, python-brace-format
msgid "input"
msgstr "zgadywanie"

msgid "output"
msgstr ""

msgctxt "studio"
msgid "cell"
msgstr "\"komórka\"\n"

#~ msgid "forget gate"
#~ msgstr "dawniej"
"""


@pytest.fixture(scope="module")
def translations():
    spec = importlib.util.spec_from_file_location("translations", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["translations"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_catalogue_has_every_text_and_no_other(translations, language) -> None:
    texts = catalogue(language).texts
    asked = {}
    for message in translations.template():
        one, several = message.id if isinstance(message.id, tuple) else (message.id, message.id)
        asked[message.context or "", one] = several
    del asked["", ""]
    assert all(asked["", one] == several for one, several in PERIODS.items())  # and no noun's
    assert len(asked) > 600
    cure = "python packaging/translations.py brings the catalogues up to date; then translate"
    assert asked.keys() - texts.keys() == set(), cure
    assert texts.keys() - asked.keys() == set(), cure
    for (context, english), forms in texts.items():
        fields = sorted(FIELD.findall(asked[context, english]))
        for form in forms:
            assert sorted(FIELD.findall(form)) == fields, english


@pytest.fixture
def polish(tmp_path, monkeypatch) -> Iterator[Words]:
    (tmp_path / "pl.po").write_text(POLISH, encoding="utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    catalogue.cache_clear()
    yield Words("pl")
    catalogue.cache_clear()


def test_a_file_is_a_language_with_its_own_plurals(polish) -> None:
    assert [span("W-MON", n, polish) for n in (1, 3, 12)] == [
        "1 tydzień",
        "3 tygodnie",
        "12 tygodni",
    ]
    assert polish.all_of("studio") == {"cell": '"komórka"\n'}
    assert polish.tag == "pl"


def test_what_is_not_translated_is_said_in_english(polish) -> None:
    asked = ("input", "output", "forget gate", "layer {n}")
    assert [polish(one, n=2) for one in asked] == ["input", "output", "forget gate", "layer 2"]
    assert polish.many(2, "1 trial", "{count} trials") == "2 trials"
    assert polish.of("studio", "memory") == "memory"
    assert polish.listed("ab") == "a, b"


def test_catalogues_are_begun_and_kept_up_to_date(translations, tmp_path) -> None:
    begun = translations.updated(tmp_path / "fr.po")
    assert '"Language: fr\\n"' in begun
    assert "nplurals=2" in begun
    assert begun.count('msgid "forget gate"\nmsgstr ""') == 1
    file = tmp_path / "pl.po"
    file.write_text(POLISH + '\nmsgid "of old"\nmsgstr "dawno"\n', encoding="utf-8")
    brought = translations.updated(file)
    assert 'msgstr[2] "{count} tygodni"' in brought
    assert 'msgid "forget gate"' in brought
    assert "dawno" not in brought
    own = FOLDER / "zh.po"
    assert translations.updated(own).count("\nmsgstr ") == own.read_text("utf-8").count("\nmsgstr ")
