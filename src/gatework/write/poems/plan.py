"""The plan of a poem: for each character of its pattern what is asked there."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from gatework.write.poems.constraints import Constraints, Rules
from gatework.write.poems.forms import Form, Pattern
from gatework.write.poems.rhymes import RhymeTable
from gatework.write.vocabulary import Vocabulary

ANY, LEVEL, OBLIQUE, FREE = range(4)  # a Chinese character, with tones or not; any letter
_KINDS = {"中": ANY, "平": LEVEL, "仄": OBLIQUE, "○": FREE}


@dataclass
class PoemPlan:
    """What is asked of each character of one poem, N of them.

    Attributes:
        pattern: whose plan it is.
        kinds: ANY, LEVEL, OBLIQUE or FREE, (N), int64.
        letters: the number of the rhyme letter, -1 for none, (N), int64.
        fixed: the token that stands there, -1 for none, (N), int64.
        copied: the earlier place whose token comes again, -1 for none, (N), int64.
        tones: of each rhyme letter: "平", "仄" or "" for either.
        notes: what the given characters cannot keep.
    """

    pattern: Pattern
    kinds: np.ndarray
    letters: np.ndarray
    fixed: np.ndarray
    copied: np.ndarray
    tones: list[str]
    notes: list[str] = field(default_factory=list)


def letters_of(pattern: Pattern) -> dict[str, str]:
    """Return the rhyme letters of a pattern, in order, with the tone that each must have, or ""."""
    marks: dict[str, set[str]] = {}
    for line in pattern.lines:
        if line.rhyme:
            marks.setdefault(line.rhyme, set()).add(line.marks[-1])
    return {letter: "".join({"平", "仄"} & marks[letter]) for letter in sorted(marks)}


def plan_of(
    form: Form,
    pattern: Pattern,
    vocabulary: Vocabulary,
    constraints: Constraints,
    rules: Rules,
) -> PoemPlan:
    """Return the plan of a pattern with what is given; nothing of the theme is in it yet."""
    tones_of = letters_of(pattern)
    letters = list(tones_of)
    starts = np.concatenate([[0], np.cumsum(form.lengths)]).astype(int)
    kinds, rhymes = [], []
    for line in pattern.lines:
        kinds += [_KINDS[mark] if rules.tones or mark == "○" else ANY for mark in line.marks]
        rhymes += [-1] * (len(line.marks) - 1)
        rhymes += [letters.index(line.rhyme) if line.rhyme and rules.rhyming else -1]
    copied = np.full(len(kinds), -1)
    for first, second in form.repeats:
        copied[starts[second] : starts[second + 1]] = np.arange(starts[first], starts[first + 1])
    fixed = np.full(len(kinds), -1)
    for (line, place), character in constraints.given.items():
        fixed[starts[line] + place] = vocabulary.index[character]
    plan = PoemPlan(
        pattern, np.array(kinds), np.array(rhymes), fixed, copied, list(tones_of.values())
    )
    plan.notes += _unkept(plan, constraints, rules.table, starts)
    return plan


def _unkept(
    plan: PoemPlan, constraints: Constraints, table: RhymeTable, starts: np.ndarray
) -> list[str]:
    """Return what the given characters cannot keep of the tones and rhymes of a pattern."""
    notes = []
    common: dict[int, set[str]] = {}
    for (line, place), character in sorted(constraints.given.items()):
        at = starts[line] + place
        where = f"line {line + 1}, character {place + 1}, {character!r}"
        tones = table.tones(character)
        if plan.kinds[at] in (LEVEL, OBLIQUE):
            asked = "平" if plan.kinds[at] == LEVEL else "仄"
            if asked not in tones:
                word = {"平": "level", "仄": "oblique"}
                is_there = f"is {word[tones]}" if tones else "has no known tone"
                notes.append(f"{where} {is_there}; the form wants {word[asked]}")
        letter = int(plan.letters[at])
        if letter >= 0:
            wanted = plan.tones[letter]
            fits = {
                table.rhymes[number]
                for number in table.readings.get(character, ())
                if not wanted or table.level[number] == (wanted == "平")
            }
            if not common.setdefault(letter, fits) & fits:
                notes.append(f"{where} does not rhyme with the lines that it should")
            common[letter] = common[letter] & fits or common[letter]
    return notes


def place_theme(
    plan: PoemPlan,
    form: Form,
    vocabulary: Vocabulary,
    words: tuple[str, ...],
    fits: np.ndarray,
    rng: np.random.Generator,
) -> bool:
    """Put words that must come where they fit, at random; return whether all found a place.

    Args:
        plan: it is changed where all have a place.
        form: of the plan.
        vocabulary: of the model.
        words: the longest should come first.
        fits: which kind of place takes which token, (4, V), bool.
        rng: that draws the places.
    """
    starts = np.concatenate([[0], np.cumsum(form.lengths)]).astype(int)
    again = {second for _, second in form.repeats} | {first for first, _ in form.repeats}
    free = (plan.fixed < 0) & (plan.letters < 0) & (plan.copied < 0)
    fixed = plan.fixed.copy()
    taken: set[int] = set()
    for word in words:
        tokens = np.array([vocabulary.index[character] for character in word])
        places = [
            (line, start + offset)
            for line, (start, end) in enumerate(pairwise(starts))
            if line not in again
            for offset in range(end - start - len(tokens) + 1)
            if free[start + offset : start + offset + len(tokens)].all()
            and fits[plan.kinds[start + offset : start + offset + len(tokens)], tokens].all()
        ]
        fresh = [place for place in places if place[0] not in taken] or places
        if not fresh:
            return False
        line, begin = fresh[int(rng.integers(len(fresh)))]
        taken.add(line)
        fixed[begin : begin + len(tokens)] = tokens
        free[begin : begin + len(tokens)] = False
    plan.fixed = fixed
    return True


def best_plans(plans: list[PoemPlan]) -> list[PoemPlan]:
    """Return the plans with the fewest things that cannot be kept."""
    least = min(len(plan.notes) for plan in plans)
    return [plan for plan in plans if len(plan.notes) == least]
