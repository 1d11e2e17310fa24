"""Builds the names of months and weekdays of ``gatework.tabular`` from babel's copy of CLDR.

Run it when a language is added: ``python tables/calendar_words.py``. The data are of the Unicode
Common Locale Data Repository, (C) Unicode, Inc., Unicode License v3,
https://www.unicode.org/license.txt.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from babel import Locale

LANGUAGES = (
    "de fr es it pt nl sv da nb fi pl cs sk hu ro hr sl bg ru uk el tr id vi ca et lv lt he ar"
)
OUT = Path(__file__).parents[1] / "src/gatework/tabular/calendar_words.json"


def words_of(language: str) -> dict[str, dict[str, int] | list[str]]:
    """Return the months of a language by name, and its weekdays, folded and without points."""
    locale, months = Locale.parse(language), {}
    for context in locale.months.values():
        for width in ("abbreviated", "wide"):
            for month, name in context.get(width, {}).items():
                months.setdefault(_folded(unicodedata.normalize("NFKC", name)), month)
    months = {name: month for name, month in months.items() if not name.isdecimal()}
    contexts = locale.days.values()
    widths = [context.get(width, {}) for context in contexts for width in ("abbreviated", "wide")]
    days = {_folded(name) for width in widths for name in width.values()}
    return {"months": months, "weekdays": sorted(days - months.keys())}


def _folded(name: str) -> str:
    return name.casefold().rstrip(".")


def text() -> str:
    """Return the table, a language a line."""
    lines = (
        f"{json.dumps(one)}: {json.dumps(words_of(one), ensure_ascii=False)}"
        for one in LANGUAGES.split()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    OUT.write_text(text(), "utf-8")
