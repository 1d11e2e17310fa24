"""What a user wants of a poem besides its form: given lines, first characters, words of a theme."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gatework.errors import DataError, OptionError, counted
from gatework.write.poems.forms import Form
from gatework.write.poems.rhymes import RhymeTable
from gatework.write.vocabulary import Vocabulary

Place = tuple[int, int]  # line and character, from 0


@dataclass(frozen=True)
class Constraints:
    """What a poem must have, checked against its form and the model.

    Attributes:
        given: the characters that stand fast, by their places.
        theme: words that become more likely, or must come.
        require_theme: whether they must.
        theme_weight: how much is added to the log-probability of their characters.
    """

    given: dict[Place, str]
    theme: tuple[str, ...] = ()
    require_theme: bool = False
    theme_weight: float = 2.0


@dataclass(frozen=True)
class Rules:
    """How poems of a form are written.

    Attributes:
        table: of rhymes and tones.
        rhyming: whether lines rhyme.
        wanted: the number of the rhyme that is wanted, or None.
        tones: whether the tones of the form are kept.
        no_repeat: whether no character may come twice.
        reduplicate: whether it may nevertheless follow itself.
        temperature: above 0 the distribution is flattened or sharpened; 0 takes the most likely.
        top_p: the probability of the tokens that are drawn from.
    """

    table: RhymeTable
    rhyming: bool
    wanted: int | None
    tones: bool
    no_repeat: bool
    reduplicate: bool
    temperature: float
    top_p: float


def constraints_for(
    form: Form,
    vocabulary: Vocabulary,
    *,
    acrostic: str | None = None,
    first_line: str | None = None,
    theme: Sequence[str] = (),
    require_theme: bool = False,
    theme_weight: float = 2.0,
    repeat: bool = False,
) -> Constraints:
    """Check what is wanted of a form whose lines have fixed characters; return it.

    Raises:
        OptionError: the constraints contradict the form or each other.
        DataError: the model does not know a character of them.
    """
    given = _given_lines(form, first_line) if first_line else {}
    for line, character in enumerate(_acrostic(form, acrostic) if acrostic else ""):
        if given.setdefault((line, 0), character) != character:
            raise OptionError(
                f"the acrostic begins line {line + 1} with {character!r}, and the given line with "
                f"{given[line, 0]!r}",
                hint=f"--acrostic {given[line, 0]}{(acrostic or '')[1:]}",
            )
    _check_repeated(form, given, acrostic or "", repeat)
    _check_again(form, given)
    for first, second in form.repeats:
        for place in range(form.lengths[first]):
            if (second, place) in given:
                given.setdefault((first, place), given[second, place])
    wanted = {"given line": first_line or "", "acrostic": acrostic or "", "theme": "".join(theme)}
    for what, text in wanted.items():
        letters = "".join(sign for sign in text if sign.isalnum())
        for character in vocabulary.unknown_in(letters):
            raise DataError(
                f"{what} character {character!r} is not known to this model",
                hint="take one that its training text has",
            )
    longest = max(form.lengths)
    for word in theme:
        if not word.isalpha() or len(word) > longest:
            raise OptionError(
                f"theme {word!r} must be a word of 1 to {longest} characters, the longest line of "
                f"{form.name}"
            )
    return Constraints(given, tuple(theme), require_theme, theme_weight)


def split_lines(text: str) -> list[str]:
    """Return the lines of a text, which end at punctuation or a line break.

    Example:
        >>> split_lines("床前明月光，疑是地上霜。")
        ['床前明月光', '疑是地上霜']
    """
    return [line for line in re.split(r"[\W_]+", text) if line]


def _given_lines(form: Form, text: str) -> dict[Place, str]:
    lines = split_lines(text)
    if len(lines) > form.lines or not lines:
        raise OptionError(
            f"{counted(len(lines), 'line', be=True)} given, and {form.name} has {form.lines}",
            hint="give at least one line, and leave some to be written",
        )
    for number, (line, length) in enumerate(zip(lines, form.lengths, strict=False), 1):
        if len(line) != length:
            raise OptionError(
                f"given line {number}, {line!r}, has {counted(len(line), 'character')}; line "
                f"{number} of {form.name} has {length}"
            )
    for number, line in enumerate(lines):
        if line in lines[:number] and (lines.index(line), number) not in form.repeats:
            raise OptionError(
                f"given line {number + 1}, {line!r}, is line {lines.index(line) + 1} again",
                hint="give each line once",
            )
    return {
        (number, place): character
        for number, line in enumerate(lines)
        for place, character in enumerate(line)
    }


def _acrostic(form: Form, acrostic: str) -> str:
    if len(acrostic) != form.lines or not acrostic.isalpha():
        raise OptionError(
            f"acrostic {acrostic!r} must have a character for each of the {form.lines} lines of "
            f"{form.name}, got {len(acrostic)}"
        )
    return acrostic


def _check_repeated(form: Form, given: dict[Place, str], acrostic: str, repeat: bool) -> None:
    """Check that an acrostic has no character twice where the form forbids it."""
    if repeat or not form.no_repeat:
        return
    seen: dict[str, Place] = {}
    for place, character in sorted(given.items()):
        if character in acrostic and character in seen:
            raise OptionError(
                f"{character!r} is wanted twice, in lines {seen[character][0] + 1} and "
                f"{place[0] + 1}, and {form.name} has no character twice",
                hint="--repeat lets characters come twice",
            )
        seen.setdefault(character, place)


def _check_again(form: Form, given: dict[Place, str]) -> None:
    """Check that a line that another says again is wanted the same in both places."""
    for first, second in form.repeats:
        for place in range(form.lengths[first]):
            one, other = given.get((first, place)), given.get((second, place))
            if one and other and one != other:
                raise OptionError(
                    f"line {second + 1} of {form.name} says line {first + 1} again, and "
                    f"character {place + 1} is wanted as {one!r} and as {other!r}"
                )
