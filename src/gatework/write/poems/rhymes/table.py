"""A table of rhymes: which characters rhyme, and which of them are level or oblique."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np

from gatework.errors import OptionError, nearest
from gatework.write.vocabulary import Vocabulary

TABLES = ("pingshui", "cilin", "modern")
_NUMERALS = "零一二三四五六七八九"


@dataclass(frozen=True)
class RhymeTable:
    """Rhymes and their characters.

    A character that is read in several ways has several rhymes, and maybe both tones.

    Attributes:
        name: "pingshui", "cilin" or "modern".
        rhymes: the names of the rhymes, R of them.
        level: whether each rhyme is of the level tone (平), (R), bool; the others are oblique (仄).
        readings: the numbers of the rhymes of each character.
        usual: the tone of characters of both tones that poets use nearly always in one of them.

    Example:
        >>> table = rhyme_table("pingshui")
        >>> len(table.rhymes), table.rhymes_of("看"), table.tones("看")
        (106, ('十四寒', '十五翰'), '平仄')
    """

    name: str
    rhymes: tuple[str, ...]
    level: np.ndarray
    readings: dict[str, tuple[int, ...]]
    usual: dict[str, str] = field(default_factory=dict)

    def tones(self, character: str) -> str:
        """Return "平", "仄", "平仄" where both occur, or "" for a character that is not there."""
        kinds = {bool(self.level[rhyme]) for rhyme in self.readings.get(character, ())}
        return "平" * (True in kinds) + "仄" * (False in kinds)

    def usual_tones(self, character: str) -> str:
        """Return the tones of a character as ``tones`` does, without one that is hardly used."""
        return self.usual.get(character) or self.tones(character)

    def rhymes_of(self, character: str) -> tuple[str, ...]:
        """Return the names of the rhymes of a character."""
        return tuple(self.rhymes[rhyme] for rhyme in self.readings.get(character, ()))

    def matrix(self, vocabulary: Vocabulary) -> np.ndarray:
        """Return which tokens have which rhymes, (V, R), bool."""
        found = np.zeros((len(vocabulary), len(self.rhymes)), bool)
        for token, number in vocabulary.index.items():
            found[number, list(self.readings.get(token, ()))] = True
        return found


@cache
def rhyme_table(name: str) -> RhymeTable:
    """Return a table that ships: "pingshui", "cilin" or "modern".

    - pingshui: the 106 rhymes of regulated verse, by the pronunciation of the Tang.
    - cilin: the 19 parts of the Cilin Zhengyun by which ci rhyme, made of those of Pingshui; level
      and oblique apart.
    - modern: the 16 rhymes of the Zhonghua Tongyun of 2019, by the pronunciation of today; the
      third and fourth tone are oblique.

    Raises:
        OptionError: there is no such table.
    """
    if name == "pingshui":
        lines = [(tone, f"{tone}{rhyme}", text) for tone, rhyme, _, text in _rows("pingshui")]
        table = _table(name, lines)
        names = tuple(_pingshui_names(table.rhymes))
        return replace(table, rhymes=names, usual=_usual())
    if name == "cilin":
        lines = [
            (tone, f"第{_numeral(int(part))}部{'仄' if tone in '上去' else tone}", text)
            for tone, _, part, text in _rows("pingshui")
        ]
        return replace(_table(name, lines), usual=_usual())
    if name == "modern":
        lines = [(tone, f"{rhyme}{tone}", text) for tone, rhyme, text in _rows("modern")]
        return _table(name, lines)
    close = nearest(name, TABLES)
    meant = f" (did you mean {close!r}?)" if close else ""
    raise OptionError(f"rhyme table {name!r} is none of {', '.join(TABLES)}{meant}")


def table_of(rhyme: str, first: str = "pingshui") -> tuple[RhymeTable, int]:
    """Return the table that has a rhyme of this name, and the rhyme's number in it.

    Args:
        rhyme: such as "七阳" or "阳" (Pingshui), "第二部平" (Cilin), "昂平" (modern).
        first: the table to look in first.

    Raises:
        OptionError: no table has it.
    """
    for name in (first, *TABLES):
        table = rhyme_table(name)
        for number, known in enumerate(table.rhymes):
            if rhyme == known or (len(rhyme) == 1 and name == "pingshui" and known[-1] == rhyme):
                return table, number
    raise OptionError(
        f"no table has a rhyme {rhyme!r}",
        hint="it is pingshui, cilin, modern, none, or a rhyme such as 七阳, 第二部平, 昂平",
    )


def _usual() -> dict[str, str]:
    return {character: tone for tone, text in _rows("usual") for character in text}


def _rows(name: str) -> Iterable[list[str]]:
    text = (Path(__file__).parent / f"{name}.txt").read_text("utf-8")
    return (line.split() for line in text.splitlines() if not line.startswith("#"))


def _table(name: str, lines: Sequence[tuple[str, str, str]]) -> RhymeTable:
    """Return a table from lines of (tone, rhyme, characters); lines of one rhyme are joined."""
    levels = {rhyme: tone == "平" for tone, rhyme, _ in lines}
    order = list(levels)
    number = {rhyme: place for place, rhyme in enumerate(order)}
    readings: dict[str, dict[int, None]] = defaultdict(dict)
    for _, rhyme, text in lines:
        for character in text:
            readings[character][number[rhyme]] = None
    level = np.array([levels[rhyme] for rhyme in order])
    level.setflags(write=False)
    sorted_readings = {character: tuple(sorted(many)) for character, many in readings.items()}
    return RhymeTable(name, tuple(order), level, sorted_readings)


def _pingshui_names(order: Sequence[str]) -> list[str]:
    """Name the rhymes as books do: by number within the tone; the level ones fill two volumes."""
    count = {"平": 0, "上": 0, "去": 0, "入": 0}
    names = []
    for tone, rhyme in order:
        count[tone] += 1
        place = count[tone]
        names.append(_numeral(place - 15 if tone == "平" and place > 15 else place) + rhyme)
    return names


def _numeral(number: int) -> str:
    """Return a number up to 30 in Chinese."""
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return ten + (_NUMERALS[ones] if ones else "")
