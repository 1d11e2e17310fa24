"""Bytes as text: marks first, then strict UTF-8, then what a detector holds for possible."""

from __future__ import annotations

import codecs
import logging
import re
import unicodedata
from contextlib import suppress
from encodings.aliases import aliases
from typing import NamedTuple

from gatework.errors import DataError, OptionError, nearest
from gatework.tabular.words import HEADERS, TOTALS

SAVE_AS = "save it from the spreadsheet as 'CSV UTF-8'"
ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""What workbooks begin with, and archives."""

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins with the mark of UTF-16, so it comes before it
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_CANDIDATES = {
    "cp1252": "cp1252",
    "gb18030": "gb18030 (GBK)",
    "big5": "Big5",
    "cp932": "cp932 (Shift-JIS)",
    "cp1250": "cp1250",
    "iso8859_2": "iso8859-2 (Latin-2)",
    "cp1251": "cp1251",
    "koi8_r": "koi8-r",
    "cp1254": "cp1254",
    "cp949": "cp949 (EUC-KR)",
    "mac_roman": "mac-roman",
}
"""Encodings without a mark that are looked for, likelier ones first, and their names in notes."""

_COMMON = {
    "gb18030": range(0xB0, 0xD8),
    "big5": range(0xA4, 0xC7),
    "cp932": range(0x82, 0x98),
    "cp949": range(0xB0, 0xC9),
}
"""First bytes of the characters that are often written: the first levels of these sets."""

_ALPHABETS = {
    "western": "äöüß àâæçéèêëîïôœùûü áéíñóúü¡¿ ãáàâçéêíõóôú àèéìòù æøåé åäöé ëïéèöüá áàçèéíïóòúü·",
    "central": "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîșțşţ čćđšž äöüß",
    "turkish": "çğıöşüâî",
}
_LETTERS = {kind: [frozenset(word) for word in words.split()] for kind, words in _ALPHABETS.items()}
_KIND = {"cp1250": "central", "iso8859_2": "central", "cp1254": "turkish"}
_SELDOM = re.compile(r"[ìòù](?=[^\W\d_])|è(?=[aeiouáéíóú])|õ(?!e)|ã(?!o|e|s|\b)|œ(?!u|i)|æ\b")
"""Letters at places where they do not stand in the west of Europe, but others of cp1250 do."""

_WORD = re.compile(r"[^\W\d_²³¹½¼¾µºª]+")
_SIGN_IN_WORD = re.compile(
    r"[^\W\d_m][²³]|[²³][^\W\d_]|[^\W\d_][¹¿]|[¹][^\W\d_]|[a-z][^\w\s\x00-\x7f’·][a-z]"
)
_CONTRACTION = re.compile(r"\b[A-Za-z]+’(?:[tsdm]|ll|re|ve)\b")
_SIGNS = frozenset(
    "°€£¥§µ²³½¼¾–—„“”‘’«»·•…×±‰%№®©™ºª\u00a0、。，：；（）【】《》／％～・「」￥〜－"
)
_USUAL = re.compile(
    "[\t\n\r -~\u00a0-\u024f\u0370-\u052f\u0590-\u06ff\u0e00-\u0e7f\u2010-\u2027"
    "\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)
"""Characters of the scripts that many write."""
_SHIFTS = {
    "iso2022_jp": (b"\x1b$", re.compile(rb"\x1b\$[B@]")),
    "iso2022_kr": (b"\x1b$", re.compile(rb"\x1b\$\)C")),
    "hz": (b"~{", re.compile(rb"~\{(?:[!-)0-W][!-~])+~\}")),  # signs, and common characters
    "utf-7": (b"+", re.compile(rb"(?:\+(?=[0-9+/]*[A-Za-z])[0-9A-Za-z/]{3,}[^+]*){2}|\+[\w/]{16}")),
}
"""What switches to another script in text of 7 bits."""
_NEARLY = (
    "it is UTF-8 but for a few bytes: mend them, or iconv -c -f utf-8 -t utf-8 leaves them out"
)
_CANONICAL = {"euc_jis_2004": "euc_jp", "cp1125": "cp866"}
_PROSE = 40
"""Letters of another script from which a detector of all encodings is believed."""
_SAMPLE = 1 << 16


class Text(NamedTuple):
    """The text of a file; ``encoding`` only where no mark tells it and it is not UTF-8."""

    text: str
    encoding: str | None = None
    note: str | None = None


def decode(data: bytes, name: str, encoding: str | None = None, save_as: str = SAVE_AS) -> Text:
    """Return the text of a file, and what was guessed about its encoding.

    Args:
        data: the file.
        name: of the file, for messages.
        encoding: that it is in; found out where it is left out.
        save_as: the hint where it is no text.

    Raises:
        DataError: it is no text, or not in this encoding.
        OptionError: there is no such encoding.
    """
    if data.startswith(ARCHIVES):
        raise DataError(f"'{name}' is a spreadsheet or an archive, not a text table", hint=save_as)
    marked = next((mark for mark in _MARKS if data.startswith(mark)), b"")
    if encoding is not None and not marked:
        found = _decode_as(data, name, encoding)
    elif marked:
        text = _strictly(data[len(marked) :], name, _MARKS[marked], save_as, len(marked))
        said = encoding_name(encoding).removesuffix("-sig") if encoding else None
        agreed = said is None or _MARKS[marked].startswith(said)
        found = Text(text, None, None if agreed else _instead(_MARKS[marked], encoding))
    else:
        found = _guess(data, name, save_as)
    if "\0" in found.text:
        at = found.text.index("\0") + 1
        raise DataError(f"'{name}' is not a text table: character {at} is zero", hint=save_as)
    return found


def encoding_name(name: str) -> str:
    """Return Python's name of an encoding.

    Raises:
        OptionError: there is none of this name.

    Example:
        >>> encoding_name("GBK"), encoding_name("latin1")
        ('gbk', 'iso8859-1')
    """
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        known = {*aliases, *aliases.values()}
        close = nearest(name.casefold().replace("-", "_"), sorted(known))
        raise OptionError(
            f"encoding {name!r} is not known",
            hint=f"--encoding {close or 'utf-8, gb18030, big5, shift_jis, cp1252, utf-16'}",
        ) from None


def encoding_by_signs(data: bytes) -> str | None:
    """Return the encoding that a mark tells, zeros of UTF-16 or shifts of 7 bits; None for others.

    Example:
        >>> encoding_by_signs("day".encode("utf-16-le")), encoding_by_signs(b"day")
        ('utf-16-le', None)
    """
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    return marked or _wide(data[: len(data) & ~1]) or _shifted(data)


def _decode_as(data: bytes, name: str, encoding: str) -> Text:
    """Return the text in an encoding that was said, or in UTF-8 where it is that after all."""
    said, wrong, text = encoding_name(encoding), None, ""
    try:
        text = data.decode(said)
    except UnicodeDecodeError as error:
        wrong = error
    if said not in ("utf-8", "utf-8-sig", "ascii") and not data.isascii():
        with suppress(UnicodeDecodeError):
            other = data.decode()
            if wrong or _plausible(other, "utf-8") > _plausible(text, said):
                return Text(other, None, _instead("utf-8", encoding))
    if wrong:
        raise _wrong_byte(wrong, data, name, encoding)
    return Text(text, said)


def _instead(encoding: str, said: str | None) -> str:
    return f"the text is read as {encoding.upper()}, which its bytes are, not as {said}"


def _wrong_byte(
    error: UnicodeDecodeError, data: bytes, name: str, encoding: str, hint: str | None = None
) -> DataError:
    row = len(re.findall(r"\r\n|\r|\n", data[: error.start].decode(error.encoding, "ignore"))) + 1
    if hint is None:
        found = _candidates(data) if error.encoding != "utf-8" or b"\0" not in data else []
        hint = f"--encoding {found[0] if found else 'NAME'}, or leave it out to have it found"
    return DataError(
        f"'{name}' is not {encoding} text: byte 0x{data[error.start]:02x} at offset "
        f"{error.start} (row {row}) fits no character",
        hint=hint,
    )


def _strictly(data: bytes, name: str, encoding: str, save_as: str, offset: int = 0) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        said = encoding.upper().removesuffix("-LE").removesuffix("-BE")
        raise _wrong_byte(error, data, name, said, save_as or "save it as UTF-8") from None


def _guess(data: bytes, name: str, save_as: str) -> Text:
    wide = _wide(data)
    if wide:
        order = "little" if wide.endswith("le") else "big"
        note = f"the text is read as UTF-16 ({order}-endian); --encoding names another"
        return Text(data.decode(wide), wide, note)
    if shifted := _shifted(data):
        note = f"the text is read as {shifted}; --encoding names another"
        return Text(data.decode(shifted), shifted, note)
    try:
        return Text(data.decode())
    except UnicodeDecodeError as error:
        if damage := nearly_utf_8(data):
            raise _wrong_byte(error, data, name, "UTF-8", damage) from None
        for encoding in _candidates(data):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                continue
            said = _CANDIDATES.get(encoding, encoding)
            note = f"the text is read as {said}; --encoding names another"
            return Text(text, codecs.lookup(encoding).name, note)
        raise _wrong_byte(error, data, name, "UTF-8", save_as) from None


def _wide(data: bytes) -> str | None:
    """Return the order of UTF-16 without a mark: digits and line ends have a byte of zero each."""
    head = data[: _SAMPLE & ~1]
    if len(data) % 2 or b"\0" not in head:
        return None
    ascii_signs, usual = {}, {}
    for order in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(order)[: _SAMPLE // 2]
        except UnicodeDecodeError:
            continue
        if "\0" not in text and all(map(str.isprintable, text.split())):
            ascii_signs[order] = sum(map(str.isascii, text))
            usual[order] = len(_USUAL.findall(text)) > 0.98 * len(text)
    order = max(ascii_signs, key=ascii_signs.__getitem__, default="")
    many = 4 * ascii_signs.get(order, 0) > len(head) // 2
    return order if many or (usual.get(order) and ascii_signs[order]) else None


def _shifted(data: bytes) -> str | None:
    """Return the encoding of 7 bits whose shifts are in a text, where it can be read so."""
    if not data.isascii():
        return None
    for name, (mark, sign) in _SHIFTS.items():
        if mark in data and sign.search(data):
            with suppress(UnicodeDecodeError):
                if name.startswith("iso") or _of_one_script(data.decode(name)):
                    return name
    return None


def _of_one_script(text: str) -> bool:
    """Return whether what is not ASCII in a text are a few letters of one script, and its signs."""
    beyond = {sign for sign in text if not sign.isascii()}
    letters = [sign for sign in beyond if sign.isalpha()]
    usual = all(map(_USUAL.fullmatch, beyond))
    return usual and len(letters) > 1 and len(set(map(_script, letters))) == 1


def nearly_utf_8(data: bytes) -> str | None:
    """Return what to do about a text that is UTF-8 but for a few bytes; None for others."""
    text = b"\n".join(line for line in data.split(b"\n") if not line.isascii())
    text = (text[:_SAMPLE] + text[-_SAMPLE:]).decode(errors="replace")
    wrong = text.count("\ufffd")
    right = sum(not sign.isascii() for sign in text) - wrong
    return _NEARLY if right > 10 * wrong else None


def likely_encodings(data: bytes) -> list[str]:
    """Return the encodings that a text may be in, the most plausible first."""
    if mark := next((mark for mark in _MARKS if data.startswith(mark)), None):
        return [_MARKS[mark].removesuffix("-le").removesuffix("-be")]
    if signs := _wide(data) or _shifted(data):
        return [signs]
    try:
        data.decode()
    except UnicodeDecodeError:
        return _candidates(data)
    return ["utf-8"]


def _candidates(data: bytes) -> list[str]:
    """Return the encodings that the bytes may be in, the most plausible first."""
    from charset_normalizer import from_bytes

    lines = dict.fromkeys(line for line in data.split(b"\n") if not line.isascii())
    sample = b"\n".join(lines)[:_SAMPLE]
    sample = sample[: sample.rfind(b"\n")] if len(sample) == _SAMPLE else sample
    logging.getLogger("charset_normalizer").setLevel(logging.WARNING)
    matches = from_bytes(sample, cp_isolation=list(_CANDIDATES))
    found = {name for match in matches for name in (match.encoding, *match.could_be_from_charset)}
    coherence = {match.encoding: match.coherence for match in matches}
    scores: dict[str, float] = {}
    first: dict[str, str] = {}  # of the encodings in which the text is the same, the likeliest
    for encoding in _CANDIDATES:
        try:
            text = sample.decode(encoding)
        except UnicodeDecodeError:
            continue
        score = _plausible(text, encoding)
        if score > 0:
            score -= (encoding == "mac_roman") / 2
            score += (coherence.get(encoding, 0) + (encoding in found)) / 4
            same = first.setdefault(text, encoding)
            scores[same] = max(score, scores.get(same, score))
    for encoding, coherent in _of_another_script(sample):
        scores[encoding] = max(scores.get(encoding, 0), 1 + (coherent + 1) / 4) + 0.1
    return sorted(scores, key=lambda encoding: -scores[encoding])


def _of_another_script(sample: bytes) -> list[tuple[str, float]]:
    """Return the encoding, with its coherence, that a detector finds in prose that is not Latin."""
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None or best.chaos > 0.05:
        return []
    name = _CANONICAL.get(best.encoding, best.encoding)
    text = sample.decode(name, "replace")
    letters = [letter for letter in text if letter.isalpha() and not letter.isascii()]
    scripts = [_script(letter) for letter in letters]
    most = max(set(scripts), key=scripts.count, default="LATIN")
    enough = len(letters) >= max(_PROSE, len(text) / 2)
    sure = enough and most != "LATIN" and scripts.count(most) > 0.9 * len(letters)
    return [(name, best.coherence)] if sure else []


def _plausible(text: str, encoding: str) -> float:
    """Return how much a text looks like one that people write: from -2 to 4 for each of its words.

    Words of letters of one script, written as words are, speak for an encoding, and more so ones
    that often stand in headers; characters that are seldom written, and signs in words, against it.
    """
    text = text[:_SAMPLE]
    words = {word for word in _WORD.findall(text) if not word.isascii()}
    signs = {sign for sign in text if not sign.isascii() and (sign in _SIGNS or not sign.isalpha())}
    scores = [_word(word, encoding) for word in words]
    scores += [0.5 if sign in _SIGNS else -2.0 for sign in signs]
    scores += [-2.0 for _ in set(_SIGN_IN_WORD.findall(text))]
    scores += [1.0 for _ in set(_CONTRACTION.findall(text))]
    if encoding not in (*_COMMON, "cp1251", "koi8_r", "utf-8"):
        lower = "".join(words).lower().replace("i\u0307", "i")  # of a capital I with a dot
        used = {letter for letter in lower if not letter.isascii()}
        if not any(used <= letters for letters in _LETTERS[_KIND.get(encoding, "western")]):
            scores.append(-1.0 * len(words))
        if encoding not in _KIND:
            scores += [-2.0 for word in words if _SELDOM.search(word.lower())]
    return sum(scores) / max(len(words) + len(signs), 1)


def _word(word: str, encoding: str) -> float:
    if word.casefold() in _KNOWN:
        return 4.0
    if len({_script(letter) for letter in word}) > 1:
        return -2.0
    if len(word) == 1:
        return 0.25
    if encoding in _COMMON:
        common = sum(_is_common(letter, encoding) for letter in word if not letter.isascii())
        return 2.0 * common / len(word) - 1.0
    return 1.0 if word.islower() or word.isupper() or word[1:].islower() else -2.0


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "?").partition(" ")[0]
    return "CJK" if name in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA") else name


def _is_common(letter: str, encoding: str) -> bool:
    code = letter.encode(encoding)
    common = len(code) == 2 and code[0] in _COMMON[encoding]
    return common and (encoding in ("big5", "cp932") or code[1] >= 0xA1)


_KNOWN = frozenset(word for word in HEADERS | TOTALS if not word.isascii())
