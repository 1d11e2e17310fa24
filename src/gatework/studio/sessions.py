"""Sittings: what each page is looking at, a run and the edits made in it."""

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
from gatework.look.canvas.raster import shades

MOST = 16
"""Sittings that are kept; the one that was unused for longest goes first."""
MOST_STEPS = 20_000
MOST_CELLS = 4_000_000
MOST_COLUMNS = 4_000


@dataclass(eq=False)
class Sitting:
    """A run, and the same run with edits."""

    model: int
    run: Run
    edits: tuple[Edit, ...] = ()
    _edited: Run | None = None
    _scales: dict[tuple[int, str, str], Colours] = field(default_factory=dict)
    _shades: dict[tuple[int, str, str], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    _orders: dict[tuple[int, str, str], np.ndarray] = field(default_factory=dict)

    @property
    def now(self) -> Run:
        """The run with the edits, if there are any."""
        return self._edited or self.run

    def change(self, edits: Sequence[Edit]) -> None:
        """Put other edits in the place of those there are."""
        self._edited = edited(self.run, edits) if edits else None
        self._shades.clear()
        self.edits = tuple(edits)

    def colours(self, layer: int, direction: str, name: str) -> Colours:
        """Return the colours of a signal; those of the run without edits, so that they stay."""
        place = layer, direction, name
        if place not in self._scales:
            values = self.run.signal(layer, name, direction)
            self._scales[place] = Colours.of(values, gate=name in GATES)
        return self._scales[place]

    def order(self, layer: int, direction: str, name: str) -> np.ndarray:
        """Return the units of a signal, (units,), those that act alike beside each other."""
        place = layer, direction, name
        if place not in self._orders:
            self._orders[place] = order_units(self.run.signal(layer, name, direction))
        return self._orders[place]

    def tile(
        self, layer: int, direction: str, name: str, first: int, last: int, columns: int
    ) -> tuple[np.ndarray, Colours]:
        """Return shades (units, columns) of steps ``first`` to before ``last``, and the colours.

        More steps than columns are thinned: of each group the one farthest from the unit's middle.

        Raises:
            OptionError: there is no such signal or stretch.
        """
        if not 0 <= first < last <= len(self.run) or not 1 <= columns <= MOST_COLUMNS:
            raise OptionError(f"steps {first} to {last} in {columns} columns cannot be shown")
        colours = self.colours(layer, direction, name)
        place = layer, direction, name
        if place not in self._shades:
            values = self.now.signal(layer, name, direction)
            whole = shades(values, colours.low, colours.high)
            self._shades[place] = whole, np.median(whole, axis=0)
        whole, middle = self._shades[place]
        return thin_columns(whole[first:last].T, columns, middle), colours


class Sittings:
    """Sittings by their keys."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Sitting] = OrderedDict()

    def add(self, sitting: Sitting) -> str:
        """Keep a sitting, and return its key.

        Raises:
            OptionError: the run is too long to be browsed.
        """
        run = sitting.run
        cells = len(run) * sum(run.network.hidden_sizes)
        if len(run) > MOST_STEPS or cells > MOST_CELLS:
            raise OptionError(
                f"a run of {len(run):,} steps is too long for the studio: {MOST_STEPS:,} steps, or "
                f"{MOST_CELLS:,} values of a signal in all layers, are shown at most",
                hint="a shorter piece of the data",
            )
        key = secrets.token_urlsafe(12)
        with self._lock:
            self._kept[key] = sitting
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return key

    def get(self, key: str) -> Sitting:
        """Return a sitting.

        Raises:
            OptionError: there is none of that key, or not any more.
        """
        with self._lock:
            if key not in self._kept:
                raise OptionError("this view has been closed; choose the model again")
            self._kept.move_to_end(key)
            return self._kept[key]
