"""Writing poems whose lines are measured, in syllables or in characters, many side by side."""

from __future__ import annotations

import string
from dataclasses import dataclass, field

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.write.poems.draw import draw
from gatework.write.poems.forms import Form
from gatework.write.poems.poem import Poem
from gatework.write.poems.syllables import is_by_itself, syllables
from gatework.write.token_model import TokenModel
from gatework.write.vocabulary import Vocabulary

_ROOM = 14  # characters before the longest line in which the next space ends the line
_WORD = 14  # letters that a word has at most where syllables are counted
_BREAKS = ("\n", "，", "、", "/", ";", " ")  # what the model reads between lines, the first known
_JOINS = "-–—'\"“‘(["  # after these a word needs no space
_OTHER, _VOWEL, _E, _CONSONANT, _SINGLE = range(5)


@dataclass
class _Draft:
    """One poem while it is written.

    Attributes:
        lines: those that are done, and the one that is being written.
        logs: log-probability of each token.
        whole: False where a line had to break a word.
    """

    lines: list[str] = field(default_factory=lambda: [""])
    logs: list[float] = field(default_factory=list)
    whole: bool = True

    @property
    def line(self) -> str:
        """The line that is being written."""
        return self.lines[-1]


class MeasuredWriter:
    """Writes poems of one measured form with a token model.

    Raises:
        OptionError: the model reads bytes.
        DataError: the model has no letters.
    """

    def __init__(self, model: TokenModel, form: Form, *, temperature: float, top_p: float) -> None:
        vocabulary = model.vocabulary
        if vocabulary.level == "bytes":
            raise OptionError(
                f"{form.name} is written by characters or words, and this model reads bytes",
                hint="train one with --level char or --level word",
            )
        self._model, self._form, self._vocabulary = model, form, vocabulary
        self._temperature, self._top_p = temperature, top_p
        tokens = vocabulary.tokens
        self._char = vocabulary.level == "char"
        self._break = next((vocabulary.index[b] for b in _BREAKS if b in vocabulary.index), None)
        self._space = vocabulary.index.get(" ") if self._char else None
        self._apart = np.array([token.startswith(" ") for token in tokens])
        self._sizes = np.array([len(token) for token in tokens])
        self._counts = np.array([syllables(token) for token in tokens])
        self._kinds = np.array([_kind(token) for token in tokens])
        self._sign = np.array([bool(token.strip()) for token in tokens]) & (self._kinds == _OTHER)
        self._sign &= np.array([not any(map(str.isalnum, token)) for token in tokens])
        if not (self._kinds != _OTHER).any():
            raise DataError(f"{form.name} needs letters, and this model knows none")

    def write(self, rngs: list[np.random.Generator]) -> list[Poem]:
        """Return a poem for each generator; a poem depends on its own generator alone."""
        drafts = [_Draft() for _ in rngs]
        alive = np.arange(len(rngs))
        self._model.start(len(rngs))
        read = np.full(len(rngs), Vocabulary.END, np.int64)
        while alive.size:
            following = self._model.step(read)
            scores = np.array(
                [
                    self._scores(drafts[row], logs)
                    for row, logs in zip(alive, following, strict=True)
                ]
            )
            draws = np.array([rngs[row].random() for row in alive])
            read = draw(scores, draws, temperature=self._temperature, top_p=self._top_p)
            for place, row in enumerate(alive):
                self._take(drafts[row], int(read[place]), float(following[place, read[place]]))
            going = np.array([len(drafts[row].lines) <= self._form.lines for row in alive])
            if not going.all():
                self._model.keep(np.flatnonzero(going))
                read, alive = read[going], alive[going]
        return [self._poem(draft) for draft in drafts]

    def _scores(self, draft: _Draft, logs: np.ndarray) -> np.ndarray:
        """Return log-probabilities of what may come next, the others minus infinity, (V)."""
        line = draft.line
        letters, ends, closing = (
            self._by_syllables(draft) if self._form.syllables else (self._by_length(draft))
        )
        scores = np.where(letters, logs, -np.inf).astype(np.float64)
        if line[-1:].isalpha() and not is_by_itself(line[-1]):
            room = self._form.syllables or len(line) < self._form.length[1]
            scores[self._sign & bool(room)] = logs[self._sign & bool(room)]
        space, end = self._space, self._break
        if end is not None:
            scores[end] = logs[end] if ends else -np.inf
        if space is not None:
            if line and line[-1] != " " and not closing:
                scores[space] = logs[space]
            elif end != space:  # the space that would end a word ends the line
                scores[space] = -np.inf
                if end is not None and ends:
                    scores[end] = np.logaddexp(logs[end], logs[space])
        if not np.isfinite(scores).any():  # no line can be ended by what this model knows
            scores[Vocabulary.END] = 0.0
        return scores

    def _by_syllables(self, draft: _Draft) -> tuple[np.ndarray, bool, bool]:
        """Return which letters may come, (V), and whether the line may end, and must soon."""
        line, target = draft.line, self._form.syllables[len(draft.lines) - 1]
        now = syllables(line)
        if self._char:
            then = {kind: syllables(line + sign) for kind, sign in _SIGNS.items()}
            after = np.select(
                [self._kinds == kind for kind in then], list(then.values()), now + self._counts
            )
        else:
            after = now + self._counts
        letters = self._words(line) & (after <= target)
        word = len(line) - len(line.rstrip(string.ascii_letters))
        if self._space is not None and word >= _WORD:
            letters[:] = False
        whole = not line[-1:].isalpha() or is_by_itself(line[-1]) or self._break is None
        if now == target and whole:
            letters[:] = False
        return letters, now == target, now == target

    def _words(self, line: str) -> np.ndarray:
        """Return which tokens are letters or words that may follow a line, (V), bool."""
        words = self._kinds != _OTHER
        joins = not line or line[-1] in _JOINS or is_by_itself(line[-1])
        return words if self._char or joins else words & (self._apart | (self._kinds == _SINGLE))

    def _by_length(self, draft: _Draft) -> tuple[np.ndarray, bool, bool]:
        """Return which letters may come, (V), and whether the line may end, and must soon."""
        line, (shortest, longest) = draft.line, self._form.length
        letters = self._words(line) & (len(line) + self._sizes <= longest)
        ends = len(line) >= shortest and not line.endswith(" ")
        return letters, ends, ends and len(line) >= longest - _ROOM

    def _take(self, draft: _Draft, token: int, log: float) -> None:
        """Write a token down; a break, and END where nothing else was possible, end the line."""
        if token == Vocabulary.END or (token == self._break and self._ended(draft)):
            full = not self._form.syllables and len(draft.line) == self._form.length[1]
            draft.whole &= not (full and self._char and draft.line[-1:].isalpha())
            draft.lines.append("")
            return
        text = self._vocabulary.tokens[token]
        draft.lines[-1] = draft.line + (text if draft.line else text.lstrip())
        draft.logs.append(log)

    def _ended(self, draft: _Draft) -> bool:
        """Whether a break ends the line here, and is not a space within it."""
        if self._break != self._space:
            return True
        return (self._by_syllables if self._form.syllables else self._by_length)(draft)[2]

    def _poem(self, draft: _Draft) -> Poem:
        lines = [line.rstrip() for line in draft.lines[: self._form.lines]]
        notes = []
        if self._form.scheme:
            notes.append(
                f"the rhyme scheme {self._form.scheme} is not kept: there is no table of rhymes "
                "for this text"
            )
        estimated = any(sign.isalpha() and not is_by_itself(sign) for sign in "".join(lines))
        if self._form.syllables and estimated:
            notes.append("syllables of words are estimated by their vowels")
        if not draft.whole:
            notes.append("a line breaks a word, for it would be too long")
        return Poem(
            lines=tuple(lines),
            text="\n".join(lines),
            form=self._form.name,
            pattern="",
            rhymes={},
            log_probability=float(np.mean(draft.logs)),
            whole=draft.whole,
            notes=tuple(notes),
        )


_SIGNS = {_VOWEL: "a", _E: "e", _CONSONANT: "b"}  # one of each kind, to count with


def _kind(token: str) -> int:
    """Return what a token is for the counting of syllables."""
    word = token.strip()
    if any(map(is_by_itself, word)):
        return _SINGLE
    if not word[:1].isalpha():
        return _OTHER
    if len(word) > 1 or word.lower() == "e":
        return _E
    return (
        _VOWEL
        if syllables(f"ba{word}ba") == 2
        and syllables(f"b{word}") == 1
        and (syllables(f"bab{word}b") == 2)
        else _CONSONANT
    )
