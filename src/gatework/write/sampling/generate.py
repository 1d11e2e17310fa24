"""Going on with a text: one that streams as it is written, or many side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from gatework.checks import refuse, whole
from gatework.runtime.choose import choose
from gatework.write.sampling.pieces import Pieces
from gatework.write.sampling.rng import RowRng
from gatework.write.sampling.settings import Sampling
from gatework.write.token_model import SamplingTokenModel, TokenModel
from gatework.write.vocabulary import Vocabulary

AT_ONCE = 32
"""Tokens that a SamplingTokenModel writes in one call; a reader sees them arrive together."""


def write_on(
    model: TokenModel,
    start: str = "",
    *,
    length: int = 400,
    sampling: Sampling | None = None,
    seed: int = 0,
    row: int = 0,
    stop_at_end: bool = True,
    ended: Callable[[int], object] | None = None,
) -> Iterator[str]:
    """Go on with a text; return an iterator over the pieces of what follows, as they are written.

    The start is read and not given out again. Tokens of it that are not in the vocabulary are read
    as UNKNOWN; ``vocabulary.unknown_in(start)`` names them. The model is the iterator's until its
    end.

    Args:
        model: the language model.
        start: how the text begins; "" begins a document.
        length: how many tokens are written at most.
        sampling: how tokens are drawn; None stands for Sampling().
        seed: the same seed and row give the same text.
        row: which of the texts of this seed: number r of write_many is row r here.
        stop_at_end: the text ends where the model ends its document; otherwise that mark is never
            drawn and the text has its full length.
        ended: called with the row of a text that the model ended.

    Raises:
        OptionError: an argument is out of range.
        DataError: the log-probabilities of the model are not numbers.
    """
    _check(length=(length, 1), seed=(seed, 0), row=(row, 0))
    run = _Run(model, start, length, sampling or Sampling(), stop_at_end, ended, row)
    return _stream(run, RowRng(seed, range(row, row + 1)))


def write_many(
    model: TokenModel,
    start: str = "",
    *,
    count: int,
    length: int = 400,
    sampling: Sampling | None = None,
    seed: int = 0,
    first: int = 0,
    stop_at_end: bool = True,
    ended: Callable[[int], object] | None = None,
) -> list[str]:
    """Go on with a text in several ways, side by side; return what follows in each.

    Args:
        model: the language model.
        start: how all texts begin.
        count: how many are written.
        length: tokens of each at most.
        sampling: how tokens are drawn; None stands for Sampling().
        seed: of all texts.
        first: the row of the first text; the others count on from it.
        stop_at_end: as for write_on.
        ended: as for write_on, with each row.

    Raises:
        OptionError: an argument is out of range.
        DataError: the log-probabilities of the model are not numbers.
    """
    _check(count=(count, 1), length=(length, 1), seed=(seed, 0), first=(first, 0))
    run = _Run(model, start, length, sampling or Sampling(), stop_at_end, ended, first)
    written: list[list[int]] = [[] for _ in range(count)]
    for rows, tokens in run.blocks(RowRng(seed, range(first, first + count))):
        for row, new in zip(rows.tolist(), tokens.tolist(), strict=True):
            written[row] += new
    return [Pieces(model.vocabulary)(tokens) for tokens in written]


def read_start(model: TokenModel, text: str, rows: int) -> np.ndarray:
    """Begin rows with END and a text, all but its last token; return all tokens (T), END first.

    The rows are the same, so that one of them is read.
    """
    tokens = np.concatenate([[model.vocabulary.END], model.vocabulary.encode(text)])
    model.start(1)
    for token in tokens[:-1]:
        model.step(np.array([token]))
    if rows > 1:
        model.keep(np.zeros(rows, np.int64))
    return tokens


@dataclass(frozen=True)
class _Run:
    """What a text is written by."""

    model: TokenModel
    start: str
    length: int
    sampling: Sampling
    stop_at_end: bool
    ended: Callable[[int], object] | None
    first: int

    def blocks(self, rng: RowRng) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield what is written: row numbers (b) and tokens (b, n); a row that ended is gone."""
        model, sampling = self.model, self.sampling
        rows = np.arange(rng.rows)
        read = read_start(model, self.start, len(rows))
        window = sampling.repetition_window if sampling.repetition_penalty != 1 else 0
        recent = np.full((len(rows), window), Vocabulary.END)
        recent = _shifted(recent, np.tile(read[max(0, len(read) - window) :], (len(rows), 1)))
        tokens = np.full(len(rows), read[-1])
        left = self.length
        while left and len(rows):
            new = self._block(tokens, rng, recent, left)
            left -= new.shape[1]
            yield rows, new
            recent = _shifted(recent, new)
            tokens = new[:, -1]
            goes_on = np.flatnonzero(tokens != Vocabulary.END)
            if self.ended is not None:
                for row in rows[tokens == Vocabulary.END]:
                    self.ended(self.first + int(row))
            if len(goes_on) < len(rows):
                rows, recent, tokens = rows[goes_on], recent[goes_on], tokens[goes_on]
                rng.keep(goes_on)
                if left and len(rows):
                    model.keep(goes_on)

    def _block(self, tokens: np.ndarray, rng: RowRng, recent: np.ndarray, left: int) -> np.ndarray:
        """Return the next tokens, (B, n): many of a SamplingTokenModel, one of another."""
        end = self.stop_at_end
        if isinstance(self.model, SamplingTokenModel):
            draws = rng.ahead(min(left, AT_ONCE))
            return self.model.write(tokens, self.sampling, draws, recent=recent, allow_end=end)
        logs = self.model.step(tokens)
        return choose(logs, self.sampling, rng(), recent=recent, allow_end=end)[:, None]


def _stream(run: _Run, rng: RowRng) -> Iterator[str]:
    pieces = Pieces(run.model.vocabulary)
    for _, tokens in run.blocks(rng):
        if piece := pieces(tokens[0].tolist()):
            yield piece


def _shifted(recent: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return the last tokens of each row after some new ones, (B, W)."""
    window = recent.shape[1]
    return np.concatenate([recent, new], axis=1)[:, -window:] if window else recent


def _check(**arguments: tuple[object, int]) -> None:
    """Check whole numbers, each given with its least value.

    Raises:
        OptionError: naming all that are out of range.
    """
    refuse([one for name, (value, least) in arguments.items() for one in whole(least)(name, value)])
