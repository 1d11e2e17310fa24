"""Checking a poem against its form, by other means than those that write it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gatework.errors import counted
from gatework.write.poems.forms import Form, Pattern, PatternLine, form_of
from gatework.write.poems.rhymes import TABLES, RhymeTable, rhyme_table, table_of
from gatework.write.poems.syllables import syllables


@dataclass(frozen=True)
class Violation:
    """One thing in which a poem leaves its form.

    Attributes:
        kind: "lines", "length", "punctuation", "tone", "rhyme" or "repetition".
        line: from 1; 0 for the whole poem.
        character: from 1; 0 for the whole line.
        message: says it in words.
    """

    kind: str
    line: int
    character: int
    message: str

    def __str__(self) -> str:
        return self.message


def check_poem(
    text: str,
    form: str | Form,
    *,
    rhyme: str | None = None,
    tones: bool = True,
    repeat: bool = False,
    reduplicate: bool = False,
) -> list[Violation]:
    """Return in what a poem leaves its form; nothing where it keeps it.

    Where a form has several patterns, the one that the poem keeps best counts. A character that
    is read in several ways may be taken in any of them, tones and rhymes apart. Characters of
    which the table knows no tone count as wrong where the form asks for one.

    Args:
        text: the poem, with its punctuation.
        form: its name or title, or the form.
        rhyme: as for ``write_poems``.
        tones: as for ``write_poems``.
        repeat: as for ``write_poems``.
        reduplicate: as for ``write_poems``.

    Raises:
        OptionError: there is no such form or rhyme.

    Example:
        >>> check_poem("千山鸟飞绝，万径人踪灭。孤舟蓑笠翁，独钓寒江雪。", "wujue", tones=False)
        ... # doctest: +ELLIPSIS
        [Violation(kind='rhyme', line=2, ...
        >>> check_poem("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。", "五言绝句")
        []
    """
    form = form_of(form)
    if form.measured:
        return _check_measured(text, form)
    parts = re.findall(r"(\w+)([^\w\s]*)", text)
    lines = [line for line, _ in parts]
    found = _check_shape(parts, form)
    if any(one.kind in ("lines", "length") for one in found):
        return found
    own = form.rhymes if form.rhymes in TABLES else "pingshui"
    name = rhyme or form.rhymes
    wanted = None
    if name in (*TABLES, "none"):
        table = rhyme_table(own if name == "none" else name)
    else:
        table, number = table_of(name, own)
        wanted = table.rhymes[number]
    if form.no_repeat and not repeat:
        found += _check_repetition(lines, reduplicate)
    for first, second in form.repeats:
        if lines[first] != lines[second]:
            message = f"line {second + 1} does not say line {first + 1} again"
            found.append(Violation("repetition", second + 1, 0, message))
    ways = []
    for pattern in form.patterns:
        way = _check_tones(lines, pattern, table) if tones else []
        if name != "none":
            way = way + _check_rhymes(lines, pattern, table, wanted, form)
        ways.append(way)
    return found + min(ways, key=len)


def _check_shape(parts: list[tuple[str, str]], form: Form) -> list[Violation]:
    wanted = form.patterns[0].lines
    if len(parts) != len(wanted):
        message = f"it has {counted(len(parts), 'line')}; {form.name} has {len(wanted)}"
        return [Violation("lines", 0, 0, message)]
    found = []
    for number, ((line, end), asked) in enumerate(zip(parts, wanted, strict=True), 1):
        if len(line) != len(asked.marks):
            message = f"line {number} has {counted(len(line), 'character')}, not {len(asked.marks)}"
            found.append(Violation("length", number, 0, message))
        if end != asked.end.strip():
            message = f"line {number} ends in {end!r}, not in {asked.end.strip()!r}"
            found.append(Violation("punctuation", number, 0, message))
    return found


def _check_repetition(lines: list[str], reduplicate: bool) -> list[Violation]:
    found, seen = [], set()
    for number, line in enumerate(lines, 1):
        for place, character in enumerate(line, 1):
            doubled = reduplicate and place > 1 and line[place - 2] == character
            if character in seen and not doubled:
                message = f"line {number}, character {place}, {character!r} comes again"
                found.append(Violation("repetition", number, place, message))
            seen.add(character)
    return found


def _check_tones(lines: list[str], pattern: Pattern, table: RhymeTable) -> list[Violation]:
    found = []
    for number, (line, asked) in enumerate(zip(lines, pattern.lines, strict=True), 1):
        for place, (character, mark) in enumerate(zip(line, asked.marks, strict=True), 1):
            tones = table.tones(character)
            if mark in "平仄" and mark not in tones:
                message = f"line {number}, character {place}, {character!r} is not {mark}"
                found.append(Violation("tone", number, place, message))
    return found


def _check_rhymes(
    lines: list[str], pattern: Pattern, table: RhymeTable, wanted: str | None, form: Form
) -> list[Violation]:
    """Return the rhyme words that lack the rhyme that most words of their letter share."""
    groups: dict[str, list[tuple[int, str, PatternLine]]] = {}
    for number, (line, asked) in enumerate(zip(lines, pattern.lines, strict=True)):
        if asked.rhyme:
            groups.setdefault(asked.rhyme, []).append((number, line[-1], asked))
    again = {second for _, second in form.repeats}
    found = []
    for members in groups.values():
        tone = {asked.marks[-1] for _, _, asked in members} & {"平", "仄"}
        level_names = {name for name, level in zip(table.rhymes, table.level, strict=True) if level}
        possible = {
            name for name in table.rhymes if not tone or (name in level_names) == (tone == {"平"})
        }
        if wanted in possible:
            possible = {wanted}
        votes = {
            name: sum(name in table.rhymes_of(word) for _, word, _ in members) for name in possible
        }
        best = max(sorted(possible), key=lambda name: votes[name])
        used: set[str] = set()
        for number, word, _ in members:
            if best not in table.rhymes_of(word):
                message = f"line {number + 1} ends in {word!r}, which does not rhyme on {best}"
                found.append(Violation("rhyme", number + 1, len(lines[number]), message))
            elif word in used and number not in again:
                message = f"line {number + 1} rhymes on {word!r} a second time"
                found.append(Violation("rhyme", number + 1, len(lines[number]), message))
            used.add(word)
    return found


def _check_measured(text: str, form: Form) -> list[Violation]:
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) != form.lines:
        message = f"it has {counted(len(lines), 'line')}; {form.name} has {form.lines}"
        return [Violation("lines", 0, 0, message)]
    found = []
    for number, line in enumerate(lines):
        if form.syllables:
            have, least, most = syllables(line), form.syllables[number], form.syllables[number]
            unit = "syllables"
        else:
            have, (least, most), unit = len(line), form.length, "characters"
        if not least <= have <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            message = f"line {number + 1} has {have} {unit}, not {wanted}"
            found.append(Violation("length", number + 1, 0, message))
    return found
