"""Where in a stream of sound somebody speaks: utterances between pauses."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from gatework.checks import number, refuse, whole

FRAME = 0.010
"""Seconds whose loudness is looked at together."""
STARTING = 5
"""Loud frames in a row that begin an utterance; a click is shorter."""
AROUND = 5
"""Quiet frames before and after an utterance that belong to it: its soft beginning and end."""
MEMORY = 150
"""Frames whose quietest one is the background."""
QUIETEST = -60.0
"""Decibels below full scale under which nothing is speech, and the background at the start."""


@dataclass(frozen=True, eq=False)
class UtterancePiece:
    """Some samples of an utterance.

    Attributes:
        number: of the utterance, from 1.
        begin: of the utterance, in seconds from the beginning of the stream.
        end: of this piece.
        samples: (m).
        first, last: whether the utterance begins or ends with them.
    """

    number: int
    begin: float
    end: float
    samples: np.ndarray
    first: bool
    last: bool


class Utterances:
    """Cut a stream at its pauses by loudness.

    Speech is what is ``louder`` than the background, the quietest frame of the last one and a half
    seconds. The quiet in a pause is held back until it is known whether speech goes on.

    Args:
        rate: samples a second.
        louder: decibels over the background.
        pause: seconds of quiet that end an utterance.
        longest: seconds after which an utterance is ended anyway.

    Raises:
        OptionError: when an argument is out of range.

    Source:
        the background as a minimum over time: Martin 2001, doi:10.1109/89.928915.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> quiet, loud = 0.001 * draw.normal(size=8000), 0.3 * draw.normal(size=4000)
        >>> cut = Utterances(8000)
        >>> pieces = cut.push(np.concatenate([quiet, loud, quiet])) + cut.finish()
        >>> round(pieces[0].begin, 2), round(pieces[-1].end, 2), pieces[-1].last
        (0.95, 1.55, True)
    """

    def __init__(
        self, rate: int, *, louder: float = 12.0, pause: float = 0.3, longest: float = 10.0
    ) -> None:
        refuse(
            whole(1000, 384_000)("rate", rate)
            + number(1, 100)("louder", louder)
            + number(0.05, 60)("pause", pause)
            + number(0.5, 3600)("longest", longest),
            "sound cannot be cut like this: ",
        )
        self.rate, self.louder = rate, louder
        self.frame = max(1, round(FRAME * rate))
        self.pause, self.longest = round(pause / FRAME), round(longest / FRAME)
        self._rest = np.zeros(0)
        self._levels: deque[float] = deque([QUIETEST] * MEMORY, MEMORY)
        self._before: deque[np.ndarray] = deque(maxlen=AROUND + STARTING)
        self._held: list[np.ndarray] = []
        self._loud = self._frames = self._number = self._length = 0
        self._begin: float | None = None

    def push(self, samples: np.ndarray) -> list[UtterancePiece]:
        """Return what is known to belong to utterances after more samples (m)."""
        joined = np.concatenate([self._rest, np.asarray(samples, np.float64)])
        whole = len(joined) // self.frame * self.frame
        self._rest = joined[whole:]
        pieces: list[UtterancePiece] = []
        for frame in joined[:whole].reshape(-1, self.frame):
            pieces += self._take(frame)
        return pieces

    def finish(self) -> list[UtterancePiece]:
        """Return the end of the utterance that is still going on, where there is one."""
        return [self._end()] if self._begin is not None else []

    def _take(self, frame: np.ndarray) -> list[UtterancePiece]:
        level = 10 * np.log10(float(np.var(frame)) + 1e-12)
        background = max(QUIETEST, min(self._levels))
        self._levels.append(level)
        self._frames += 1
        loud = level > background + self.louder
        if self._begin is None:
            return self._quiet(frame, loud)
        self._length += 1
        self._held.append(frame)
        if loud:
            self._loud = 0
            ended = self._length >= self.longest
            return [self._end()] if ended else [self._piece(self._held_back(), False, False)]
        self._loud += 1
        return [self._end()] if self._loud >= self.pause else []

    def _quiet(self, frame: np.ndarray, loud: bool) -> list[UtterancePiece]:
        self._before.append(frame)
        self._loud = self._loud + 1 if loud else 0
        if self._loud < STARTING:
            return []
        kept = list(self._before)
        self._before.clear()
        self._loud, self._length = 0, len(kept)
        self._number += 1
        self._begin = (self._frames - len(kept)) * self.frame / self.rate
        return [self._piece(kept, True, False)]

    def _end(self) -> UtterancePiece:
        kept = self._held_back()[:AROUND]
        piece = self._piece(kept, False, True, late=self._loud - min(self._loud, len(kept)))
        self._begin, self._loud = None, 0
        return piece

    def _held_back(self) -> list[np.ndarray]:
        kept, self._held = self._held, []
        return kept

    def _piece(
        self, frames: list[np.ndarray], first: bool, last: bool, late: int = 0
    ) -> UtterancePiece:
        assert self._begin is not None
        samples = np.concatenate(frames) if frames else np.zeros(0)
        end = (self._frames - late) * self.frame / self.rate
        return UtterancePiece(self._number, self._begin, end, samples, first, last)
