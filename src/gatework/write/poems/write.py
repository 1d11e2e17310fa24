"""Writing poems: ``write_poems``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gatework.checks import is_number, must, optional, refuse, takes_old_names, whole
from gatework.errors import OptionError
from gatework.write.memorization import MemorizationIndex
from gatework.write.poems.constraints import Rules, constraints_for, split_lines
from gatework.write.poems.fixed import FixedWriter
from gatework.write.poems.forms import Form, form_of
from gatework.write.poems.measured import MeasuredWriter
from gatework.write.poems.poem import Poem
from gatework.write.poems.rhymes import TABLES, RhymeTable, rhyme_table, table_of
from gatework.write.token_model import TokenModel

_AT_ONCE = 64  # rows that are written side by side
_ATTEMPTS = 5  # at a poem that is not copied

Look = Callable[[Poem], Poem]

_AT_LEAST_0 = must("at least 0", lambda value: is_number(value, 0))
_SHARE = must("above 0 and at most 1", lambda value: is_number(value, 0, 1) and value > 0)


@takes_old_names("write_poems", {"novelty": "memorization"})
def write_poems(
    model: TokenModel,
    form: str | Form,
    *,
    count: int = 1,
    seed: int = 0,
    pattern: str | None = None,
    acrostic: str | None = None,
    first_line: str | None = None,
    theme: str | Sequence[str] = (),
    require_theme: bool = False,
    theme_weight: float = 2.0,
    rhyme: str | None = None,
    tones: bool = True,
    repeat: bool = False,
    reduplicate: bool = False,
    temperature: float = 0.8,
    top_p: float = 0.9,
    memorization: MemorizationIndex | None = None,
    most_copied: int | None = None,
) -> list[Poem]:
    """Write poems that keep a form.

    What may come is decided before each character is drawn, so that the form is kept and not hoped
    for. A poem depends on the seed and its number, never on how many are written beside it.

    Args:
        model: a language model, of the level "char"; for measured forms "word" as well.
        form: its name or title, or one of ``load_forms``.
        count: how many poems.
        seed: of the random numbers, at least 0.
        pattern: the name of a pattern of the form; without it each poem draws one.
        acrostic: the first characters of all lines.
        first_line: the first line, or several, divided by punctuation.
        theme: a word, or words, that become more likely.
        require_theme: they must come, at places that are drawn.
        theme_weight: what is added to the log-probability of a character of the theme.
        rhyme: a table, "pingshui", "cilin" or "modern"; the name of one rhyme, such as "七阳"; or
            "none". Without it the table of the form. Tones are those of the table.
        tones: whether the tones of the form are kept.
        repeat: whether characters may come twice where the form forbids it.
        reduplicate: whether a character may follow itself where the form forbids to repeat it.
        temperature: at least 0; 0 takes the most likely characters.
        top_p: above 0 and at most 1; draw from the fewest characters of this probability.
        memorization: an index over the training text; a poem that copies too much of it is
            written again, up to four times, and marked as not new if it still does.
        most_copied: how many letters in a row may be copied; without it a line and a half.

    Raises:
        OptionError: an argument is out of range, or what is asked contradicts itself or the form.
        DataError: the model does not know what is needed; the message names it.
    """
    form = form_of(form)
    theme = (theme,) if isinstance(theme, str) else theme
    if require_theme and not theme:
        raise OptionError("require_theme is given, and no theme", hint="--theme 明月")
    refuse(
        whole(1)("count", count)
        + whole(0)("seed", seed)
        + optional(whole(0))("most_copied", most_copied)
        + _AT_LEAST_0("temperature", temperature)
        + _AT_LEAST_0("theme_weight", theme_weight)
        + _SHARE("top_p", top_p)
    )
    if form.measured:
        given = {
            "pattern": pattern,
            "acrostic": acrostic,
            "first_line": first_line,
            "theme": theme,
            "rhyme": rhyme if rhyme != "none" else None,
        }
        for name, value in given.items():
            if value:
                raise OptionError(f"{form.name} has measured lines and takes no {name}")
        writer = MeasuredWriter(model, form, temperature=temperature, top_p=top_p)
    else:
        if model.vocabulary.level != "char":
            raise OptionError(
                f"{form.name} is written a character at a time, and this model reads "
                f"{model.vocabulary.level}",
                hint="train one with --level char",
            )
        form = _with_pattern(form, pattern)
        table, wanted = _rhymes(form, rhyme)
        rules = Rules(
            table=table,
            rhyming=(rhyme or form.rhymes) != "none",
            wanted=wanted,
            tones=tones,
            no_repeat=form.no_repeat and not repeat,
            reduplicate=reduplicate,
            temperature=temperature,
            top_p=top_p,
        )
        constraints = constraints_for(
            form,
            model.vocabulary,
            acrostic=acrostic,
            first_line=first_line,
            theme=theme,
            require_theme=require_theme,
            theme_weight=theme_weight,
            repeat=repeat,
        )
        writer = FixedWriter(model, form, constraints, rules)
    look = _look(form, memorization, most_copied, len(split_lines(first_line or "")))
    attempts = _ATTEMPTS if temperature > 0 else 1
    return _written(writer, look, count, seed, attempts)


def _look(form: Form, memorization: MemorizationIndex | None, most: int | None, given: int) -> Look:
    """Return what looks poems up in the training text; ``given`` lines at first are left out."""

    def look(poem: Poem) -> Poem:
        if memorization is None:
            return poem
        longest = max(form.lengths or map(len, poem.lines))
        copied = memorization.longest_run("".join(poem.lines[given:]))
        new = copied.length <= (math.floor(1.5 * longest) if most is None else most)
        return replace(poem, copied=copied, new=new)

    return look


def _written(
    writer: FixedWriter | MeasuredWriter,
    look: Look,
    count: int,
    seed: int,
    attempts: int,
) -> list[Poem]:
    """Return the poems; those that copy too much or break a word are written again."""
    poems: dict[int, Poem] = {}
    for first in range(0, count, _AT_ONCE):
        waiting = list(range(first, min(first + _AT_ONCE, count)))
        history: dict[int, list[str]] = {number: [] for number in waiting}
        for attempt in range(attempts):
            rngs = [_rng(seed, number, attempt) for number in waiting]
            for number, poem in zip(waiting, map(look, writer.write(rngs)), strict=True):
                poems[number] = _told(poem, history[number])
                history[number].append(_reason(poem))
            waiting = [n for n in waiting if not (poems[n].new and poems[n].whole)]
            if not waiting:
                break
    return [poems[number] for number in range(count)]


def _rng(seed: int, number: int, attempt: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number, attempt)))


def _reason(poem: Poem) -> str:
    if poem.new or poem.copied is None:
        return "broke a word at the end of a line"
    return f"had {poem.copied.length} letters in a row from the training text, {poem.copied.run!r}"


def _told(poem: Poem, history: list[str]) -> Poem:
    """Return the poem with notes about earlier attempts, and about itself where it is not new."""
    notes = list(poem.notes)
    if history:
        times = "once" if len(history) == 1 else f"{len(history)} times"
        notes.append(f"written again {times}: the first {history[0]}")
    if not poem.new:
        notes.append(f"not new: it {_reason(poem)}")
    return replace(poem, notes=tuple(notes))


def _with_pattern(form: Form, pattern: str | None) -> Form:
    """Return the form with one of its patterns alone, where one is asked for."""
    if pattern is None:
        return form
    kept = tuple(one for one in form.patterns if one.name == pattern)
    if not kept:
        names = ", ".join(one.name for one in form.patterns)
        raise OptionError(f"{form.name} has no pattern {pattern!r}; it has {names}")
    return replace(form, patterns=kept)


def _rhymes(form: Form, rhyme: str | None) -> tuple[RhymeTable, int | None]:
    """Return the table to rhyme by, and the number of the rhyme that is wanted, if one is."""
    own = form.rhymes if form.rhymes in TABLES else "pingshui"
    name = rhyme or own
    if name == "none":
        return rhyme_table(own), None
    if name in TABLES:
        return rhyme_table(name), None
    table, number = table_of(name, own)
    tone = "平" if table.level[number] else "仄"
    ends = {line.marks[-1] for one in form.patterns for line in one.lines if line.rhyme}
    if not ends:
        raise OptionError(f"{form.name} does not rhyme", hint="leave rhyme out")
    if tone not in ends and ends <= {"平", "仄"}:
        other = "level" if tone == "仄" else "oblique"
        raise OptionError(
            f"rhyme {name!r} is {'level' if tone == '平' else 'oblique'}, and {form.name} rhymes "
            f"on {other} tones"
        )
    return table, number
