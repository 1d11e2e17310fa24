"""Words in dates: names of months in many languages, and other scripts, as plain marks.

What is left are digits and few Latin letters: a month that is named becomes ``{03}``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

NAMES = Path(__file__).with_name("calendar_words.json")
"""Of months and weekdays; see tables/calendar_words.py."""

_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH_LONG = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_ALSO = {"de": {"mrz": 3, "jän": 1, "jänner": 1}, "ru": {"фев": 2, "сен": 9, "ноя": 11}}
"""Names of months that people write, beyond those that are standard."""
PLAIN = frozenset("0123456789-/:.,+ TZ")
"""The signs of texts without words."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?\.?")
_DIGIT = re.compile(r"\d")
_SHORT = re.compile(r"[TZWQHST]|UTC|GMT|AM|PM|FY|KW|A\.M\.|P\.M\.", re.IGNORECASE)
_SIGNS = (
    (
        re.compile(
            r"[^\S\n]*(?:\([月火水木金土日월화수목금토일]\)|(?:星期|周|週)[一二三四五六日天])"
        ),
        "",
    ),
    (re.compile(r"[^\S\n]*[年년][^\S\n]*第?[^\S\n]*([1-4一二三四])[^\S\n]*(?:季度?|분기)"), r"Q\1"),
    (re.compile(r"[^\S\n]*[年년][^\S\n]*第?[^\S\n]*(\d{1,2})[^\S\n]*[周週주]"), r"-W\1"),
    (re.compile(r"[^\S\n]*[年년][^\S\n]*(?:上半年|상반기)"), "H1"),
    (re.compile(r"[^\S\n]*[年년][^\S\n]*(?:下半年|하반기)"), "H2"),
    (re.compile(r"[^\S\n]*[年년][^\S\n]*(?=\d)"), "-"),
    (re.compile(r"[^\S\n]*[年년]"), ""),
    (re.compile(r"[^\S\n]*[月월][^\S\n]*(?=\d)"), "-"),
    (re.compile(r"[^\S\n]*[月월]"), ""),
    (re.compile(r"[^\S\n]*[日号일][^\S\n]*(?=\d)"), " "),
    (re.compile(r"[^\S\n]*[日号일]"), ""),
    (re.compile(r"[^\S\n]*[时時点시][^\S\n]*(?=\d)"), ":"),
    (re.compile(r"[^\S\n]*[时時点시]"), ":00"),
    (re.compile(r"[^\S\n]*[分분][^\S\n]*(?=\d)"), ":"),
    (re.compile(r"[^\S\n]*[分秒분초]"), ""),
)
_MONTH_WORDS = (*"一二三四五六七八九十", "十一", "十二")
_MONTH_WORD = re.compile(r"(?:十[一二]?|[一二三四五六七八九])(?=月)")
_CHINESE = str.maketrans("一二三四", "1234")
_QUARTERS = re.compile(
    r"(?:quarter|quartal|quartil|trimestre|trimester|trim|kwartał|kwartal|квартал|кв)\.?",
    re.IGNORECASE,
)
_HALVES = re.compile(r"(?:half|halbjahr|semestre|semester|hj|полугодие)\.?", re.IGNORECASE)
_WEEKS = re.compile(r"(?:week|woche|semaine|semana|settimana|kw|wk|неделя)\.?", re.IGNORECASE)
_FILLERS = frozenset(
    {"de", "del", "of", "the", "den", "le", "la", "di", "do", "da", "г", "року", "года"}
)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|re|º|ª|°)(?![^\W\d_])", re.IGNORECASE)


def readings(texts: Sequence[str]) -> list[list[str]]:
    """Return texts with words as marks, once for each meaning that the names of months may have.

    Example:
        >>> readings(["Januar 2015", "2015年3月1日", "12 mars 2015 08:00"])
        [['{01} 2015', '2015-3-1', '12 {03} 2015 08:00']]
    """
    joined = "\n".join(texts)
    if joined.count("\n") >= len(texts):  # line breaks inside cells
        joined = "\n".join(text.replace("\n", " ") for text in texts)
    if set(joined) - {"\n"} <= PLAIN:
        return [joined.split("\n")]
    if not joined.isascii():
        joined = unicodedata.normalize("NFKC", joined).replace("\u2212", "-")
        joined = _MONTH_WORD.sub(lambda match: str(_MONTH_WORDS.index(match[0]) + 1), joined)
        for sign, mark in _SIGNS:
            joined = sign.sub(mark, joined)
        joined = joined.translate(_CHINESE)
    joined = _ORDINAL.sub("", joined)
    dated = filter(_DIGIT.search, joined.split("\n"))
    words = {word.casefold().rstrip(".") for line in dated for word in _WORD.findall(line)}
    words = {word for word in words if not _SHORT.fullmatch(word)}
    if not words:
        return [joined.split("\n")]
    found: list[list[str]] = []
    for months, days in _meanings(words):
        text = _WORD.sub(partial(_mark, months=months, days=days), joined)
        lines = [" ".join(line.split()).lstrip(", ") for line in text.split("\n")]
        if lines not in found:
            found.append(lines)
    return found


def _mark(match: re.Match[str], months: dict[str, int], days: frozenset[str]) -> str:
    word = match[0]
    plain = word.casefold().rstrip(".")
    if _SHORT.fullmatch(plain) or _SHORT.fullmatch(word):
        return word
    if plain in months:
        return f"{{{months[plain]:02d}}}"
    for kind, mark in ((_QUARTERS, "Q"), (_HALVES, "H"), (_WEEKS, "W")):
        if kind.fullmatch(word):
            return mark
    return "" if plain in days or plain in _FILLERS else word


def _meanings(words: Iterable[str]) -> list[tuple[dict[str, int], frozenset[str]]]:
    """Return the months and weekdays of the languages that know the most of these words."""
    known = [(_months("en"), _weekdays("en"))]
    strange = set(words) - set(known[0][0]) - known[0][1] - _FILLERS
    if any(len(word) > 2 for word in strange):  # no language has shorter names of months
        known = [(_months(one), _weekdays(one)) for one in ("en", *_words())]
    most = max(sum(word in months for word in words) for months, _ in known)
    best: list[tuple[dict[str, int], frozenset[str]]] = []
    for months, days in known:
        here = {word: months[word] for word in words if word in months}
        if len(here) == most and here not in [{w: m[w] for w in words if w in m} for m, _ in best]:
            best.append((months, days))
    return best


@cache
def _months(language: str) -> dict[str, int]:
    if language == "en":
        names = {name: month for month, name in enumerate(_ENGLISH, 1)}
        return names | {n: m for m, n in enumerate(_ENGLISH_LONG, 1)} | {"sept": 9}
    return _words()[language]["months"] | _ALSO.get(language, {})


@cache
def _weekdays(language: str) -> frozenset[str]:
    if language == "en":
        return frozenset(
            part
            for day in (
                "monday",
                "tuesday",
                "wednesday",
                "thursday",
                "friday",
                "saturday",
                "sunday",
            )
            for part in (day, day[:3], day[:4])
        )
    return frozenset(_words()[language]["weekdays"]) - _months(language).keys()


@cache
def _words() -> dict[str, Any]:
    """Return months and weekdays of the languages beside English."""
    return json.loads(NAMES.read_text("utf-8"))
