"""Forms from files: those that ship, and a user's own."""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from gatework.checks import is_whole, must
from gatework.errors import DataError, OptionError, nearest
from gatework.storage.reading import open_to_read
from gatework.write.poems.forms.form import Form, Pattern, read_pattern
from gatework.write.poems.rhymes import TABLES


def _numbers(value: Any, most: int, count: int | None = None) -> bool:
    """Whether a value is a list of numbers from 1, and of so many where that is given."""
    sound = isinstance(value, list) and all(is_whole(one, 1, most) for one in value)
    return sound and count in (None, len(value))


_FIELDS = {
    "title": must("a text", lambda value: isinstance(value, str) and value != ""),
    "rhymes": must("pingshui, cilin, modern or none", lambda value: value in (*TABLES, "none")),
    "no_repeat": must("true or false", lambda value: isinstance(value, bool)),
    "repeats": must(
        "pairs of line numbers such as [[5, 6]]",
        lambda value: isinstance(value, list) and all(_numbers(pair, 1000, 2) for pair in value),
    ),
    "patterns": must(
        'a table of patterns, each such as "平平仄仄平a，…"',
        lambda value: isinstance(value, dict) and all(isinstance(v, str) for v in value.values()),
    ),
    "syllables": must(
        "a list of numbers from 1 to 40", lambda value: value != [] and _numbers(value, 40)
    ),
    "lines": must("a number from 1 to 100", lambda value: is_whole(value, 1, 100)),
    "length": must(
        "two numbers, the shortest and the longest line, from 1 to 400",
        lambda value: _numbers(value, 400, 2) and value[0] <= value[1],
    ),
    "scheme": must("a letter a line", lambda value: isinstance(value, str) and value.isalpha()),
}


@cache
def shipped_forms() -> dict[str, Form]:
    """Return the forms that ship, by name.

    Example:
        >>> list(shipped_forms())[:4]
        ['wujue', 'qijue', 'wulv', 'qilv']
    """
    return load_forms(Path(__file__).parent / "forms.toml")


def form_of(form: str | Form) -> Form:
    """Return a form by its name or its title; one that is a form already is returned.

    Raises:
        OptionError: no form that ships has this name.
    """
    if isinstance(form, Form):
        return form
    known = shipped_forms()
    by_title = {one.title: one for one in known.values()}
    if found := known.get(form) or by_title.get(form):
        return found
    close = nearest(form, [*known, *by_title])
    meant = f" (did you mean {close!r}?)" if close else ""
    raise OptionError(f"form {form!r} is none of {', '.join(known)}{meant}")


def load_forms(path: str | Path) -> dict[str, Form]:
    """Return the forms of a TOML file, by name, in the notation of ``docs/poems.md``.

    Raises:
        InputFileError: the file cannot be read.
        DataError: it is no such file; the message names the form and the line.
    """
    try:
        with open_to_read(path) as (file, _):
            tables = tomllib.load(file)
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{path}: {error}", hint="a form begins with a line [name]") from error
    except RecursionError:
        raise DataError(f"{path}: it is nested too deeply") from None
    if not tables:
        raise DataError(f"{path}: it holds no form", hint="a form begins with a line [name]")
    return {name: _form(name, fields, str(path)) for name, fields in tables.items()}


def _form(name: str, fields: Any, path: str) -> Form:
    place = f"{path}: form {name!r}"
    if not isinstance(fields, dict):
        raise DataError(f"{place} is no table", hint=f"write [{name}] on a line of its own")
    for field, value in fields.items():
        if field not in _FIELDS:
            close = nearest(field, _FIELDS)
            raise DataError(
                f"{place} has {field!r}, which no form has",
                hint=close or f"a form has {', '.join(_FIELDS)}",
            )
        for problem in _FIELDS[field](field, value):
            raise DataError(f"{place}: {problem}")
    kinds = [kind for kind in ("patterns", "syllables", "lines") if kind in fields]
    if len(kinds) != 1 or ("length" in fields) != ("lines" in fields):
        raise DataError(
            f"{place} must have either patterns, or syllables, or lines and length",
            hint='patterns are a table: [name.patterns], then "name" = "平平仄仄平a，…"',
        )
    form = Form(
        name=name,
        title=fields.get("title", name),
        patterns=_patterns(fields.get("patterns", {}), place),
        rhymes=fields.get("rhymes", "pingshui" if "patterns" in fields else "none"),
        no_repeat=fields.get("no_repeat", False),
        repeats=tuple((first - 1, second - 1) for first, second in fields.get("repeats", [])),
        syllables=tuple(fields.get("syllables", ())),
        measured_lines=fields.get("lines", 0),
        length=tuple(fields.get("length", (0, 0))),
        scheme=fields.get("scheme", ""),
    )
    _check_repeats(form, place)
    if form.scheme and len(form.scheme) != form.lines:
        raise DataError(
            f"{place}: scheme has {len(form.scheme)} letters for {form.lines} lines",
            hint="give a letter a line",
        )
    return form


def _patterns(texts: dict[str, str], place: str) -> tuple[Pattern, ...]:
    patterns = []
    for name, text in texts.items():
        try:
            pattern = read_pattern(name, text)
        except ValueError as error:
            raise DataError(
                f"{place}, pattern {name!r}: {error}",
                hint="marks are 平 仄 中 ○, then a letter where the line rhymes, then punctuation",
            ) from None
        _check_rhymes(pattern, f"{place}, pattern {name!r}")
        first = patterns[0] if patterns else pattern
        if _shape(pattern) != _shape(first):
            raise DataError(
                f"{place}, pattern {name!r}: its lines have other lengths or punctuation than "
                f"those of pattern {first.name!r}",
                hint="make it a form of its own",
            )
        patterns.append(pattern)
    return tuple(patterns)


def _shape(pattern: Pattern) -> list[tuple[int, str, int]]:
    return [(len(line.marks), line.end, line.stanza) for line in pattern.lines]


def _check_rhymes(pattern: Pattern, place: str) -> None:
    """Check that each rhyme has two lines, and one tone.

    Raises:
        DataError: when one has not.
    """
    count = Counter(line.rhyme for line in pattern.lines if line.rhyme)
    for number, line in enumerate(pattern.lines, 1):
        if not line.rhyme:
            continue
        if count[line.rhyme] == 1:
            raise DataError(
                f"{place}: line {number} rhymes on {line.rhyme!r}, and no other line does",
                hint="put the letter behind a second line, or take it away",
            )
        tones = {other.marks[-1] for other in pattern.lines if other.rhyme == line.rhyme}
        if {"平", "仄"} <= tones:
            raise DataError(
                f"{place}: the lines that rhyme on {line.rhyme!r} end both level and oblique",
                hint="use another letter for those of the other tone",
            )


def _check_repeats(form: Form, place: str) -> None:
    """Check that lines that are said again are there, earlier, and as long.

    Raises:
        DataError: when one is not.
    """
    for first, second in form.repeats:
        if not form.patterns or not first < second < form.lines:
            raise DataError(
                f"{place}: repeats has [{first + 1}, {second + 1}], which are not a line and a "
                "later one",
                hint=f"the form has {form.lines} lines",
            )
        if form.lengths[first] != form.lengths[second]:
            raise DataError(
                f"{place}: line {second + 1} cannot repeat line {first + 1}, for they differ in "
                "length"
            )
