"""Which characters may come next: tones, rhymes with a look ahead, and no character twice."""

from __future__ import annotations

import numpy as np

from gatework.errors import DataError
from gatework.write.poems.constraints import Rules
from gatework.write.poems.plan import ANY, FREE, LEVEL, OBLIQUE, PoemPlan
from gatework.write.poems.rhymes import RhymeTable
from gatework.write.vocabulary import Vocabulary

_CHINESE = (("\u3400", "\u9fff"), ("\uf900", "\ufaff"), ("\U00020000", "\U0003ffff"))


def kinds_of(vocabulary: Vocabulary, table: RhymeTable) -> np.ndarray:
    """Return which tokens fit which kind of place, (4, V), bool."""
    fits = np.zeros((4, len(vocabulary)), bool)
    for token, number in vocabulary.index.items():
        if len(token) != 1 or not token.isalnum():
            continue
        tones = table.usual_tones(token)
        fits[FREE, number] = True
        fits[ANY, number] = any(first <= token <= last for first, last in _CHINESE)
        fits[LEVEL, number] = "平" in tones
        fits[OBLIQUE, number] = "仄" in tones
    return fits


class PoemMasks:
    """What may come at each place of B poems that are written side by side.

    A rhyme is not chosen beforehand: the first rhyme word narrows the rhymes that are possible, and
    only words of rhymes with enough characters left for all lines that follow are let through.

    Args:
        plans: one a poem, of the same lengths.
        fits: which tokens fit which kind of place, (4, V), bool.
        rhymes: which tokens have which rhymes of the table, (V, R), bool; it counts for given
            ones, while those that are written have usual tones alone.
        rules: of the form; a rhyme that is wanted is the only one for lines of its tone.

    Raises:
        DataError: no rhyme has enough characters that the model knows.
    """

    def __init__(
        self, plans: list[PoemPlan], fits: np.ndarray, rhymes: np.ndarray, rules: Rules
    ) -> None:
        self._fits, self._table = fits, rules.table
        usual = np.where(rules.table.level, fits[LEVEL][:, None], fits[OBLIQUE][:, None])
        self._rhymes = (rhymes & usual).astype(np.float32)  # (V, R)
        self._no_repeat, self._reduplicate = rules.no_repeat, rules.reduplicate
        self._kinds = np.array([plan.kinds for plan in plans])  # (B, N)
        self._letters = np.array([plan.letters for plan in plans])  # (B, N)
        fixed = np.array([plan.fixed for plan in plans])  # (B, N)
        self._written = (fixed < 0) & (plans[0].copied < 0)  # (B, N): by the model
        self._needs = self._count_needs()  # (letters, B, N): rhyme words from a place on
        self._spent = np.zeros((len(plans), fits.shape[1]), bool)  # (B, V): never again
        counted = fixed if rules.no_repeat else np.where(self._letters >= 0, fixed, -1)
        rows, places = np.nonzero(counted >= 0)
        self._spent[rows, counted[rows, places]] = True
        self._left = (~self._spent).astype(np.float32) @ self._rhymes  # (B, R)
        self._possible = self._first_possible(plans, rules.wanted)  # (letters, B, R), bool
        self._narrow_by_given(fixed, rhymes)
        self._check_enough()

    def at(self, place: int, before: np.ndarray | None) -> np.ndarray:
        """Return what may come at a place, (B, V), bool.

        Args:
            place: in the poem, counted in characters.
            before: the tokens of the character before in the same line, (B), or None.
        """
        kinds = self._kinds[:, place]
        allowed = self._fits[kinds].copy()
        letters = self._letters[:, place]
        rhyming = letters >= 0
        if self._no_repeat:
            allowed &= ~self._spent
            allowed[~rhyming] &= ~self._kept_for_rhymes(place)[~rhyming]
            if self._reduplicate and before is not None:
                rows = np.flatnonzero(~rhyming)
                again = before[rows]
                allowed[rows, again] |= self._fits[kinds[rows], again]
        for letter in np.unique(letters[rhyming]):
            rows = np.flatnonzero(letters == letter)
            enough = self._possible[letter, rows] & self._enough(letter, place)[rows]
            words = enough.astype(np.float32) @ self._rhymes.T > 0  # (rows, V)
            allowed[rows] &= words & ~self._spent[rows]
        return allowed

    def without_repetition(self, place: int) -> np.ndarray:
        """Return what may come where characters may come twice after all, (B, V), bool."""
        allowed = self._fits[self._kinds[:, place]].copy()
        letters = self._letters[:, place]
        plain = allowed & ~self._kept_for_rhymes(place)
        better = plain.any(axis=1) & (letters < 0)
        allowed[better] = plain[better]
        for row in np.flatnonzero(letters >= 0):
            possible = self._possible[letters[row], row]
            allowed[row] &= self._rhymes[:, possible].any(axis=1)
        return allowed

    def took(self, place: int, tokens: np.ndarray) -> None:
        """Tell which tokens were written at a place, (B)."""
        rows = np.arange(len(tokens))
        letters = self._letters[:, place]
        written = self._written[:, place]
        for letter in np.unique(letters[(letters >= 0) & written]):
            chosen = rows[(letters == letter) & written]
            both = self._possible[letter, chosen] & (self._rhymes[tokens[chosen]] > 0)
            kept = both.any(axis=1)
            self._possible[letter, chosen[kept]] = both[kept]
        counted = rows if self._no_repeat else rows[letters >= 0]
        fresh = counted[~self._spent[counted, tokens[counted]]]
        self._left[fresh] -= self._rhymes[tokens[fresh]]
        self._spent[counted, tokens[counted]] = True

    def rhyme_names(self, row: int) -> list[str]:
        """Return the rhyme of each letter of a poem that is written; "" where there is none."""
        names = []
        for letter in range(len(self._possible)):
            numbers = np.flatnonzero(self._possible[letter, row])
            unused = not (self._letters[row] == letter).any()
            names.append("" if unused else self._table.rhymes[numbers[0]])
        return names

    def _count_needs(self) -> np.ndarray:
        count = int(self._letters.max(initial=-1)) + 1
        here = [self._written & (self._letters == letter) for letter in range(count)]
        if not here:
            return np.zeros((0, *self._letters.shape), int)
        return np.array(here)[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]

    def _first_possible(self, plans: list[PoemPlan], wanted: int | None) -> np.ndarray:
        """Return the rhymes that each letter may have, by its tone and by what is wanted."""
        level = self._table.level
        possible = np.ones((len(self._needs), len(plans), len(level)), bool)
        for row, plan in enumerate(plans):
            for letter, tone in enumerate(plan.tones[: len(possible)]):
                if tone:
                    possible[letter, row] = level == (tone == "平")
                if wanted is not None and possible[letter, row, wanted]:
                    possible[letter, row] = np.arange(len(level)) == wanted
        return possible

    def _narrow_by_given(self, fixed: np.ndarray, rhymes: np.ndarray) -> None:
        """Keep the rhymes of rhyme words that are given; one that rhymes with none is left out."""
        for row, place in zip(*np.nonzero((self._letters >= 0) & (fixed >= 0)), strict=True):
            letter = self._letters[row, place]
            both = self._possible[letter, row] & rhymes[fixed[row, place]]
            if both.any():
                self._possible[letter, row] = both

    def _enough(self, letter: int, place: int) -> np.ndarray:
        """Return which rhymes have characters for all lines from a place on, (B, R), bool."""
        return self._left >= self._needs[letter, :, place, None]

    def _kept_for_rhymes(self, place: int) -> np.ndarray:
        """Return characters that the rhymes to come cannot do without, (B, V), bool."""
        kept = np.zeros(self._spent.shape, bool)
        for letter in range(len(self._needs)):
            need = self._needs[letter, :, place]
            have = np.where(self._possible[letter], self._left, -1)  # (B, R)
            largest = have.argmax(axis=1)
            rows = np.flatnonzero((need > 0) & (have.max(axis=1) <= need))
            kept[rows] |= self._rhymes[:, largest[rows]].T > 0
        return kept

    def _check_enough(self) -> None:
        """Check that each letter has a rhyme with enough characters.

        Raises:
            DataError: when one has not.
        """
        for letter in range(len(self._needs)):
            need = self._needs[letter, :, 0]
            have = np.where(self._possible[letter], self._left, -1)  # (B, R)
            short = np.flatnonzero(have.max(axis=1) < need)
            if short.size:
                row = int(short[0])
                best = int(have[row].argmax())
                raise DataError(
                    f"rhyme {self._table.rhymes[best]!r} has only {max(int(have[row, best]), 0)} "
                    f"characters that this model knows, and the form needs {need[row]}",
                    hint="take another rhyme, another rhyme table, or a model of a larger text",
                )
