"""Sessions: what each page is looking at, a run and the edits made in it."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gatework.errors import OptionError
from gatework.examine import Edit, Run, edited, order_units
from gatework.examine.saturation import GATES
from gatework.look.canvas.heat import Colours, thin_columns

MOST = 16
"""Sessions that are kept; the one that was unused for longest goes first."""
MOST_STEPS = 20_000
MOST_CELLS = 4_000_000
MOST_COLUMNS = 4_000

Signal = tuple[int, str, str]
"""A layer, the name of what is looked at in it, and its direction."""


@dataclass(eq=False)
class StudioSession:
    """A run, and the same run with edits; and what else stands in the file that was read.

    Attributes:
        model: the number of the model.
        run: without edits.
        sequences: names of all sequences in the file, none where it holds one.
        sequence: the name of that which was run, empty for one alone.
        edits: what was replaced.
    """

    model: int
    run: Run
    sequences: tuple[str, ...] = ()
    sequence: str = ""
    edits: tuple[Edit, ...] = ()
    _edited: Run | None = None
    _scales: dict[Signal, Colours] = field(default_factory=dict)
    _middles: dict[Signal, np.ndarray] = field(default_factory=dict)
    _orders: dict[Signal, np.ndarray] = field(default_factory=dict)

    @property
    def now(self) -> Run:
        """The run with the edits, if there are any."""
        return self._edited or self.run

    def change(self, edits: Sequence[Edit]) -> None:
        """Put other edits in the place of those there are."""
        self._edited = edited(self.run, edits) if edits else None
        self._middles.clear()
        self.edits = tuple(edits)

    def colours(self, signal: Signal) -> Colours:
        """Return the colours of a signal; those of the run without edits, so that they stay."""
        if signal not in self._scales:
            values = self.run.signal(*signal)
            self._scales[signal] = Colours.of(values, gate=signal[1] in GATES)
        return self._scales[signal]

    def order(self, signal: Signal) -> np.ndarray:
        """Return the units of a signal, (units,), those that act alike beside each other."""
        if signal not in self._orders:
            self._orders[signal] = order_units(self.run.signal(*signal))
        return self._orders[signal]

    def tile(
        self, signal: Signal, first: int, last: int, columns: int
    ) -> tuple[np.ndarray, Colours]:
        """Return values (units, columns) of steps ``first`` to before ``last``, and their colours.

        More steps than columns are thinned: of each group the one farthest from the unit's middle.

        Raises:
            OptionError: there is no such signal or stretch.
        """
        if not 0 <= first < last <= len(self.run) or not 1 <= columns <= MOST_COLUMNS:
            raise OptionError(f"steps {first} to {last} in {columns} columns cannot be shown")
        colours = self.colours(signal)
        whole = self.now.signal(*signal)
        if signal not in self._middles:
            self._middles[signal] = np.median(whole, axis=0)
        middle = self._middles[signal]
        return thin_columns(whole[first:last].T, columns, middle), colours


class Sessions:
    """Sessions by their keys."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, StudioSession] = OrderedDict()

    def add(self, session: StudioSession) -> str:
        """Keep a session, and return its key.

        Raises:
            OptionError: the run is too long to be browsed.
        """
        run = session.run
        cells = len(run) * sum(run.sizes)
        if len(run) > MOST_STEPS or cells > MOST_CELLS:
            raise OptionError(
                f"a run of {len(run):,} steps is too long for the studio: {MOST_STEPS:,} steps, or "
                f"{MOST_CELLS:,} values of a signal in all layers, are shown at most",
                hint="a shorter piece of the data",
            )
        key = secrets.token_urlsafe(12)
        with self._lock:
            self._kept[key] = session
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return key

    def get(self, key: str) -> StudioSession:
        """Return a session.

        Raises:
            OptionError: there is none of that key, or not any more.
        """
        with self._lock:
            if key not in self._kept:
                raise OptionError("this view has been closed; choose the model again")
            self._kept.move_to_end(key)
            return self._kept[key]
