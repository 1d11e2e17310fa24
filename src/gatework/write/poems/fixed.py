"""Writing poems whose lines have fixed characters, many side by side."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from gatework.errors import DataError
from gatework.write.poems.constraints import Constraints, Rules
from gatework.write.poems.draw import draw
from gatework.write.poems.forms import Form, Pattern
from gatework.write.poems.masks import PoemMasks, kinds_of
from gatework.write.poems.plan import PoemPlan, best_plans, letters_of, place_theme, plan_of
from gatework.write.poems.poem import Poem, set_out
from gatework.write.poems.rhymes import rhyme_table
from gatework.write.token_model import TokenModel
from gatework.write.vocabulary import Vocabulary


@lru_cache(4)
def _known(vocabulary: Vocabulary, table: str) -> tuple[np.ndarray, np.ndarray]:
    """Return which tokens fit which kind of place, (4, V), and have which rhymes, (V, R)."""
    return kinds_of(vocabulary, rhyme_table(table)), rhyme_table(table).matrix(vocabulary)


class FixedWriter:
    """Writes poems of one form with a token model.

    Raises:
        DataError: the model knows no Chinese, or too little of a rhyme, or a wish has no place.
    """

    def __init__(
        self, model: TokenModel, form: Form, constraints: Constraints, rules: Rules
    ) -> None:
        self._model, self._form, self._constraints, self._rules = model, form, constraints, rules
        self._vocabulary = model.vocabulary
        self._fits, self._rhymes = _known(self._vocabulary, rules.table.name)
        plans = [self._plan(pattern) for pattern in form.patterns]
        self._plans = best_plans(plans)
        self._check_known(plans[0])

    def write(self, rngs: list[np.random.Generator]) -> list[Poem]:
        """Return a poem for each generator; a poem depends on its own generator alone."""
        plans = [self._drawn_plan(rng) for rng in rngs]
        masks = PoemMasks(plans, self._fits, self._rhymes, self._rules)
        count = len(plans[0].kinds)
        draws = np.array([rng.random(count) for rng in rngs])
        tokens, logs, repeated = self._decode(plans, masks, draws)
        return [
            self._poem(plan, masks.rhyme_names(row), tokens[row], logs[row], repeated[row])
            for row, plan in enumerate(plans)
        ]

    def _plan(self, pattern: Pattern) -> PoemPlan:
        return plan_of(self._form, pattern, self._vocabulary, self._constraints, self._rules)

    def _drawn_plan(self, rng: np.random.Generator) -> PoemPlan:
        """Return the plan of one of the best patterns, with the words of the theme in it."""
        words = tuple(sorted(self._constraints.theme, key=len, reverse=True))
        order = rng.permutation(len(self._plans))
        for number in order:
            plan = self._plan(self._plans[number].pattern)
            if not self._constraints.require_theme:
                return plan
            if place_theme(plan, self._form, self._vocabulary, words, self._fits, rng):
                return plan
        raise DataError(
            f"there is no place in {self._form.name} for all of the theme: {', '.join(words)}",
            hint="leave a word out, or do not require them",
        )

    def _check_known(self, plan: PoemPlan) -> None:
        """Check that the model knows characters for all kinds of places."""
        names = ("Chinese characters", "level characters", "oblique characters", "letters")
        for kind in np.unique(plan.kinds):
            if not self._fits[kind].any():
                raise DataError(
                    f"{self._form.name} needs {names[kind]}, and this model knows none",
                    hint="train it on Chinese poems, a character a token: --level char",
                )

    def _decode(
        self, plans: list[PoemPlan], masks: PoemMasks, draws: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return tokens, their log-probabilities and whether one came twice, each (B, N)."""
        rows, count = draws.shape
        tokens = np.zeros((rows, count), np.int64)
        logs = np.zeros((rows, count))
        repeated = np.zeros((rows, count), bool)
        fixed = np.array([plan.fixed for plan in plans])
        copied = plans[0].copied
        self._model.start(rows)
        read = np.full(rows, Vocabulary.END, np.int64)
        place = 0
        for line, length in zip(plans[0].pattern.lines, self._form.lengths, strict=True):
            for offset in range(length):
                following = self._model.step(read)
                if copied[place] >= 0:
                    read = tokens[:, copied[place]].copy()
                else:
                    before = tokens[:, place - 1] if offset else None
                    allowed = masks.at(place, before)
                    lost = ~allowed.any(axis=1) & (fixed[:, place] < 0)
                    if lost.any():
                        allowed[lost] = masks.without_repetition(place)[lost]
                        repeated[lost, place] = True
                    scores = self._scores(following, allowed, tokens[:, :place], offset)
                    chosen = draw(
                        scores,
                        draws[:, place],
                        temperature=self._rules.temperature,
                        top_p=self._rules.top_p,
                    )
                    read = np.where(fixed[:, place] >= 0, fixed[:, place], chosen)
                    masks.took(place, read)
                tokens[:, place] = read
                logs[:, place] = following[np.arange(rows), read]
                place += 1
            if place < count:
                read = self._read_end(line.end, read)
        return tokens, logs, repeated

    def _read_end(self, end: str, read: np.ndarray) -> np.ndarray:
        """Let the model read all but the last sign behind a line; return what it reads next."""
        signs = [self._vocabulary.index[sign] for sign in end if sign in self._vocabulary.index]
        for sign in signs:
            self._model.step(read)
            read = np.full(len(read), sign, np.int64)
        return read

    def _scores(
        self, following: np.ndarray, allowed: np.ndarray, before: np.ndarray, offset: int
    ) -> np.ndarray:
        """Return log-probabilities with the theme's weight, minus infinity where not allowed."""
        scores = np.where(allowed, following, -np.inf).astype(np.float64)
        constraints = self._constraints
        if constraints.require_theme:
            return scores
        index = self._vocabulary.index
        for word in constraints.theme:
            tokens = [index[character] for character in word]
            told = (before == tokens[0]).any(axis=1)
            scores[~told, tokens[0]] += constraints.theme_weight
            for part in range(1, min(len(tokens), offset + 1)):
                begun = (before[:, -part:] == tokens[:part]).all(axis=1)
                scores[begun, tokens[part]] += 2 * constraints.theme_weight
        return scores

    def _poem(
        self,
        plan: PoemPlan,
        rhymes: list[str],
        tokens: np.ndarray,
        logs: np.ndarray,
        repeated: np.ndarray,
    ) -> Poem:
        text = self._vocabulary.decode(tokens)
        starts = np.concatenate([[0], np.cumsum(self._form.lengths)])
        lines = [text[start:end] for start, end in pairwise(starts)]
        notes = list(plan.notes)
        for place in np.flatnonzero(repeated):
            line = int(np.searchsorted(starts, place, side="right"))
            where = f"line {line}, character {place - starts[line - 1] + 1}, {text[place]!r}"
            notes.append(f"{where} comes again: the model knows too few characters")
        pattern = plan.pattern
        named = {
            letter: name for letter, name in zip(letters_of(pattern), rhymes, strict=False) if name
        }
        return Poem(
            lines=tuple(lines),
            text=set_out(
                lines,
                [line.end for line in pattern.lines],
                [line.stanza for line in pattern.lines],
            ),
            form=self._form.name,
            pattern=pattern.name,
            rhymes=named,
            log_probability=float(logs.mean()),
            notes=tuple(notes),
        )
