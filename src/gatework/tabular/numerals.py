"""Numbers as people write them: one cell's sign, unit, and the marks between its digits.

A cell is judged by its shape, in which every digit but a leading zero is 1: a column of many
thousand cells has few shapes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_ONES = str.maketrans("23456789", "1" * 8)
_CURRENCY = "$¢£¤¥฿₠-₿"
_CODES = (
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KES|"
    "KRW|KZT|MAD|MXN|MYR|NGN|NOK|NZD|PEN|PHP|PKR|PLN|RMB|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|"
    "USD|VND|ZAR|Rs\\.?|SFr\\.|Fr\\.|kr\\.?|Kč|zł"
)
_BEFORE = rf"[A-Z]{{0,3}}[{_CURRENCY}]|(?:{_CODES})(?![^\W\d_])"
_PIECE = rf"(?:[%‰°⁻{_CURRENCY}]+|[^\W\d_]{{1,12}}\.?\d?)"
_CELL = re.compile(
    rf"""\s*(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<before>{_BEFORE})?
    \s*(?P<inner>\()?\s*(?P<second>[-+])?\s*
    (?P<body>[.,]?\d(?:[\d.,]|[ ']\d)*)(?:[eE][-+]?\d+)?(?P<trailing>-)?\s*(?P<shut>\))?
    \s*(?P<after>{_PIECE}(?:[ /·*^]?{_PIECE}){{0,3}})?(?P<last>-)?\s*(?P<close>\))?\s*""",
    re.VERBOSE,
)
_BODIES = {
    decimal: re.compile(
        rf"(?:\d+|(?!0)\d{{1,3}}(?:(?:{thousands}\d{{3}})+|(?:\ \d{{3}})+|(?:'\d{{3}})+){indian})"
        rf"(?:{re.escape(decimal)}\d*)?|{re.escape(decimal)}\d+",
        re.VERBOSE | re.ASCII,
    )
    for decimal, thousands, indian in (
        (".", ",", r"|(?!0)\d{1,2}(?:,\d{2})+,\d{3}"),
        (",", r"\.", ""),
    )
}
_TRAILING = re.compile(r"^(.*)-$", re.MULTILINE)
_BARE = {
    ".": str.maketrans("(", "-", " '),"),
    ",": str.maketrans("(,", "-.", " ')."),
}


@dataclass(frozen=True)
class Numeral:
    """What a cell that is a number consists of: the digits with their marks, and the unit."""

    body: str
    unit: str
    trailing: bool

    def fits(self, decimal: str) -> bool:
        """Return whether it can be read where this mark begins decimals."""
        return _BODIES[decimal].fullmatch(self.body) is not None

    def parts_thousands(self, mark: str) -> bool:
        """Return whether this mark, and no other, parts groups of digits in it."""
        return mark in self.body and self.fits("." if mark == "," else ",")


@lru_cache(4096)
def numeral(cell: str) -> Numeral | None:
    """Return what a tidy cell, or the shape of one, consists of; None where it is no number.

    Example:
        >>> numeral("-1.234,50 €"), numeral("($5)"), numeral("5-"), numeral("2005-03")
        (Numeral(body='1.234,50', unit='€', trailing=False), Numeral(body='5', unit='$', \
trailing=False), Numeral(body='5', unit='', trailing=True), None)
    """
    found = _CELL.fullmatch(cell)
    if found is None:
        return None

    def count(*names: str) -> int:
        return sum(found[name] is not None for name in names)

    unit, trailing = found["before"] or found["after"] or "", count("trailing", "last") > 0
    opened = count("open", "inner")
    if (
        count("before", "after") > 1
        or opened + trailing + count("sign", "second") > 1
        or opened != count("shut", "close")
        or unit in ("e", "E")
        or (trailing and found["body"][-1] in ".,")  # "5,-" are five, not minus five
    ):
        return None
    return Numeral(found["body"], unit, trailing)


def tidy(text: str) -> str:
    """Return a text with plain digits, signs, spaces and apostrophes in place of all others.

    Example:
        >>> tidy("１２"), tidy("\u22121\u202f234"), tidy("١٢٫٥")
        ('12', '-1 234', '12.5')
    """
    if text.isascii():
        return text
    return text.translate({ord(one): _plain(one) for one in set(text) if not one.isascii()})


def shapes(text: str) -> str:
    """Return the shapes of tidy cells, one a line.

    Example:
        >>> shapes("1.250,75 €"), shapes("0.5"), shapes("1 000")
        ('1.111,11 €', '0.1', '1 000')
    """
    text = text.translate(_ONES)
    for pair in (".0", ",0", "10"):
        while pair in text:
            text = text.replace(pair, f"{pair[0]}1")
    return text


def bare(text: str, unit: str, decimal: str) -> str:
    """Return tidy numbers of one unit, one a line, as programs write them.

    Example:
        >>> bare("1.234,50 €", "€", ","), bare("($5)", "$", "."), bare("5-", "", ".")
        ('1234.50', '-5', '-5')
    """
    text = text.replace(unit, "").translate(_BARE[decimal])
    return _TRAILING.sub(r"-\1", text) if "-\n" in text or text.endswith("-") else text


def _plain(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    kind = unicodedata.category(character)
    if kind.startswith("Z"):
        return " "
    if kind in ("Cf", "Pd"):
        return "" if kind == "Cf" else "-"
    wide = "\uff01" <= character <= "\uff5e"
    return chr(ord(character) - 0xFEE0) if wide else character


_SAME = {"\u2212": "-", "\u066b": ".", "\u066c": ",", "\uffe5": "¥", "\u02bc": "'"}
_SAME |= dict.fromkeys("‘’´", "'")
