"""How many syllables a text has: exact for kana, one a Chinese character, estimated for others."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SMALL = set("ゃゅょぁぃぅぇぉゎャュョァィゥェォヮ")  # part of the syllable before
_BY_ITSELF = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+(?:['’][^\W\d_]+)*")
_VOWELS = re.compile("[aeiouyæøœаеёиоуыэюяαεηιουω]+")
_SILENT = re.compile(r"[^aeiouy]e$|[^aeiouycgszxh]es$|[^aeiouytd]ed$")
_SPOKEN = re.compile(r"[^aeiouy]le[sd]?$")


def is_by_itself(character: str) -> bool:
    """Whether a character is one of Chinese or Japanese, each of which counts by itself."""
    return bool(_BY_ITSELF.match(character))


@lru_cache(4096)
def syllables(text: str) -> int:
    """Return the syllables of a text.

    A Chinese character counts one, however it is read; kana count one, small ones that belong to
    the kana before none. Words of alphabets are estimated: groups of neighbouring vowels, less an
    e at the end that is not spoken, at least one.

    Example:
        >>> syllables("An old silent pond"), syllables("古池や"), syllables("しゃ")
        (5, 3, 1)
    """
    single = _BY_ITSELF.findall(text)
    return sum(sign not in _SMALL for sign in single) + sum(
        _estimate(word) for word in _WORD.findall(text)
    )


def _estimate(word: str) -> int:
    apart = unicodedata.normalize("NFD", word.lower())
    apart = re.sub("e[\u0300-\u036f]+", "i", apart)  # an e with an accent is always spoken
    plain = re.sub(r"['’]", "", "".join(sign for sign in apart if not unicodedata.combining(sign)))
    groups = len(_VOWELS.findall(plain))
    if groups > 1 and _SILENT.search(plain) and not _SPOKEN.search(plain):
        groups -= 1
    return max(groups, 1)
