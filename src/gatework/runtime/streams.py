"""Many streams in one process: a state for each key, stepped together."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gatework.errors import GateworkError, OptionError
from gatework.runtime.packing import PackedModel
from gatework.runtime.state import State

FIRST_ROWS = 16


class UnknownKeyError(GateworkError, KeyError):
    """A stream has not stepped yet, or was evicted."""


class Streams:
    """A state for each key; ``model.streams()`` makes it.

    A key that has not stepped before starts anew. The work of a step depends on the keys it is
    given, not on how many there are. Any thread may call at any time; one call is done at a time.

    Example:
        >>> import tempfile
        >>> from gatework import LSTM, runtime, save
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model = runtime.load(save(LSTM(3, 8), folder + "/model.safetensors"))
        >>> streams = model.streams()
        >>> streams.step(["pump 1", "pump 7"], np.zeros((2, 3), np.float32)).shape
        (2, 8)
        >>> streams.step(["pump 7"], np.zeros((1, 3), np.float32)).shape
        (1, 8)
        >>> streams.evict("pump 1")
        >>> streams.keys()
        ['pump 7']
    """

    def __init__(self, model: PackedModel) -> None:
        self.model = model
        self._native = model.network.stepper(0, model.threads)
        self._states = np.empty((FIRST_ROWS, len(model.layout.initial)), model.layout.dtype)
        self._rows: dict[Hashable, int] = {}
        self._free = list(range(FIRST_ROWS))[::-1]
        self._lock = threading.Lock()

    def step(
        self, keys: Sequence[Hashable], x: np.ndarray, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Step the streams of some keys; return ``out``, or a new array where none is given.

        Shapes:
            keys: n of them, all different. x: (n, I), in their order. out: (n, O).

        Raises:
            OptionError: when a key is given twice, or is not equal to itself, as NaN.
            ShapeError: when an array does not fit. No stream has moved then.
        """
        if isinstance(keys, str | bytes):
            raise OptionError(f"keys must be a list of keys, got {keys!r}", hint=f"[{keys!r}]")
        keys = list(keys)
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise OptionError(f"each key steps once, but {twice!r} is given more than once")
        with self._lock:
            rows, new = list(map(self._rows.get, keys)), []
            if None in rows:
                new = [key for key, row in zip(keys, rows, strict=True) if row is None]
                self._admit(new)
                rows = list(map(self._rows.get, keys))
            try:
                return self._native.step_rows(self._states, np.array(rows, np.int64), x, out)
            except BaseException:
                self._dismiss(new)
                raise

    def evict(self, *keys: Hashable) -> None:
        """Forget the streams of some keys; their room is used again.

        Raises:
            UnknownKeyError: when there is no stream of a key; none is forgotten then.
        """
        with self._lock:
            for key in keys:
                self._row(key)
            self._dismiss(dict.fromkeys(keys))

    def keys(self) -> list[Hashable]:
        """Return the keys of all streams, the oldest first."""
        with self._lock:
            return list(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self.keys())

    def __getitem__(self, key: Hashable) -> State:
        """Return a copy of the state of a key, arrays by name of one row.

        Raises:
            UnknownKeyError: when there is no stream of it.
        """
        with self._lock:
            row = self._row(key)
            return self.model.layout.to_state(self._states[row : row + 1])

    def __setitem__(self, key: Hashable, state: Mapping[str, np.ndarray]) -> None:
        """Set the state of a key, old or new.

        Raises:
            OptionError: when the key is not equal to itself, as NaN.
            ShapeError: when it is not a state of this model with one row.
        """
        values = self.model.layout.to_rows(state, 1)
        with self._lock:
            if key not in self._rows:
                self._admit([key])
            self._states[self._rows[key]] = values[0]

    def copy(self) -> Streams:
        """Return streams of the same keys in the same states, which go their own way."""
        with self._lock:
            return _restored(self.model, list(self._rows), self._states[list(self._rows.values())])

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, object]) -> Streams:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        with self._lock:
            kept = self._states[list(self._rows.values())]
            return _restored, (self.model, list(self._rows), kept)

    def __repr__(self) -> str:
        return f"Streams({self.model!r}, {len(self)} keys)"

    def _row(self, key: Hashable) -> int:
        row = self._rows.get(key)
        if row is None:
            raise UnknownKeyError(f"there is no stream of the key {key!r}", hint="streams.keys()")
        return row

    def _admit(self, keys: Sequence[Hashable]) -> None:
        if strange := [key for key in keys if _is_missing(key)]:
            raise OptionError(
                f"a key must be equal to itself, got {strange[0]!r}, whose stream none finds again",
                hint="give the stream a name, or leave its row out",
            )
        for key in keys:
            if not self._free:
                self._grow()
            row = self._free.pop()
            self._states[row] = self.model.layout.initial
            self._rows[key] = row

    def _dismiss(self, keys: Iterable[Hashable]) -> None:
        for key in keys:
            self._free.append(self._rows.pop(key))

    def _grow(self) -> None:
        capacity = len(self._states)
        self._states = np.concatenate([self._states, np.empty_like(self._states)])
        self._free = list(range(capacity, 2 * capacity))[::-1]


def _restored(model: PackedModel, keys: Sequence[Hashable], states: np.ndarray) -> Streams:
    """Return streams of some keys in their states (n, S)."""
    streams = Streams(model)
    streams._admit(keys)
    streams._states[[streams._rows[key] for key in keys]] = states
    return streams


def _is_missing(key: Hashable) -> bool:
    """Tell whether a key is not equal to itself, or holds a part that is not."""
    if isinstance(key, tuple):
        return any(map(_is_missing, key))
    unequal = key != key  # NaN and NaT, also numpy's
    return isinstance(unequal, bool | np.bool_) and bool(unequal)
