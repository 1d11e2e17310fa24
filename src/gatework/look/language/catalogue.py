"""The texts of a language: a catalogue of gettext, read as translators write it."""

from __future__ import annotations

import gettext
import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
_FIELD = re.compile(r'^(msg[a-z_]+)(?:\[\d\])? ((?:"[^"\\]*(?:\\.[^"\\]*)*"\s*)+)', re.MULTILINE)
_FUZZY = re.compile("^#,.*fuzzy", re.MULTILINE)


@dataclass(frozen=True)
class Language:
    """The texts of a language.

    Attributes:
        tag: the language as pages name it, such as "zh-Hans".
        texts: by context, "" for none, and by the English text: what it is called, in the
            singular and each plural that the language has.
        plural: from a number to the form that goes with it.
    """

    tag: str
    texts: dict[tuple[str, str], tuple[str, ...]]
    plural: Callable[[int], int]

    def text(self, english: str, context: str = "") -> str:
        """Return a text; the English one where it was not translated."""
        return self.texts.get((context, english), (english,))[0]

    def counted(self, count: int, one: str, several: str) -> str:
        """Return the text that goes with a number."""
        forms = self.texts.get(("", one))
        if forms is None:
            return one if count == 1 else several
        return forms[self.plural(count)]

    def of_context(self, context: str) -> dict[str, str]:
        """Return the texts of a context by the English ones."""
        return {english: forms[0] for (one, english), forms in self.texts.items() if one == context}


@cache
def catalogue(language: str) -> Language:
    """Return the texts of a language; what is fuzzy or not translated is not among them."""
    if language == "en":
        return Language("en", {}, lambda count: count != 1)
    texts: dict[tuple[str, str], tuple[str, ...]] = {}
    for entry in FOLDER.joinpath(f"{language}.po").read_text(encoding="utf-8").split("\n\n"):
        said: dict[str, list[str]] = defaultdict(list)
        for name, quoted in _FIELD.findall(entry):
            said[name].append(_unquoted(quoted))
        if said and all(said["msgstr"]) and not _FUZZY.search(entry):
            texts["".join(said["msgctxt"]), said["msgid"][0]] = tuple(said["msgstr"])
    head = dict(re.findall(r"^([\w-]+): (.*)$", texts.pop(("", ""))[0], re.MULTILINE))
    plural = head["Plural-Forms"].partition("plural=")[2].strip("; ")
    return Language(head["Language"].replace("_", "-"), texts, gettext.c2py(plural))


def _unquoted(lines: str) -> str:
    """Return the text of lines in quotes."""
    text = lines.strip().replace('"\n"', "")
    return json.loads(text) if "\\" in text else text[1:-1]
