"""What a form of poems is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

MARKS = "平仄中○"
_LINE = re.compile(rf"([{MARKS}]+)([a-z]?)([^{MARKS}a-z\n]*)(\n*)")


@dataclass(frozen=True)
class PatternLine:
    """A line of a pattern.

    Attributes:
        marks: one a character: 平 level, 仄 oblique, 中 either tone, ○ any character.
        rhyme: the letter of the lines that it rhymes with, or "".
        end: the punctuation behind it.
        stanza: the number of its stanza, from 0.
    """

    marks: str
    rhyme: str
    end: str
    stanza: int


@dataclass(frozen=True)
class Pattern:
    """One way of a form: its lines, each with its tones."""

    name: str
    lines: tuple[PatternLine, ...]


@dataclass(frozen=True)
class Form:
    """A form of poems.

    Either it has patterns, all with the same lines but for tones and rhymes; or its lines are
    measured, in syllables or in characters.

    Attributes:
        name: by which it is asked for.
        title: its full name, by which it may be asked for as well.
        patterns: its ways, or none where lines are measured.
        rhymes: the rhyme table that it uses: "pingshui", "cilin", "modern" or "none".
        no_repeat: whether no character may come twice.
        repeats: pairs (line, later line that says it again), from 0.
        syllables: of each measured line, or none.
        length: the shortest and the longest line of measured lines, in characters.
        scheme: letters of the rhymes that measured lines should have, for the reader's notice.
    """

    name: str
    title: str
    patterns: tuple[Pattern, ...] = ()
    rhymes: str = "none"
    no_repeat: bool = False
    repeats: tuple[tuple[int, int], ...] = ()
    syllables: tuple[int, ...] = ()
    measured_lines: int = 0
    length: tuple[int, int] = (0, 0)
    scheme: str = ""

    @property
    def measured(self) -> bool:
        """Whether lines are measured and have no pattern."""
        return not self.patterns

    @cached_property
    def lines(self) -> int:
        """How many lines a poem has."""
        if self.patterns:
            return len(self.patterns[0].lines)
        return len(self.syllables) or self.measured_lines

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """How many characters each line of a pattern has."""
        return tuple(len(line.marks) for line in self.patterns[0].lines) if self.patterns else ()


def read_pattern(name: str, text: str) -> Pattern:
    """Return the pattern that a text in the notation of forms.toml describes.

    Example:
        >>> read_pattern("", "中仄平平仄，平平仄仄平a。").lines[1]
        PatternLine(marks='平平仄仄平', rhyme='a', end='。', stanza=0)

    Raises:
        ValueError: the text has something else; the message says which line and what.
    """
    lines: list[PatternLine] = []
    stanza = place = 0
    text = text.strip()
    while place < len(text):
        found = _LINE.match(text, place)
        if found is None:
            raise ValueError(f"line {len(lines) + 1} has {text[place]!r} where a tone mark must be")
        marks, rhyme, end, breaks = found.groups()
        if strange := [sign for sign in end if sign.isalnum() or sign.isspace()]:
            raise ValueError(
                f"line {len(lines) + 1} has {strange[0]!r}, which is neither a tone mark nor "
                "punctuation"
            )
        lines.append(PatternLine(marks, rhyme, end or "\n", stanza))
        stanza += len(breaks) > 1
        place = found.end()
    if not lines:
        raise ValueError("it has no line")
    return Pattern(name, tuple(lines))
