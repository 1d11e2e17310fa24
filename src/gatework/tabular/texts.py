"""Columns of text that are kept as bytes: a tenth of the memory of a list, and numbers at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from gatework.tabular.parts import parts

if TYPE_CHECKING:
    import pyarrow as pa

_FEW, _AT_A_TIME = 64, 65_536
_ASCII = 128
_PLAIN = b"0123456789-+.,:/ TZeE"


class Texts(Sequence[str]):
    """The cells of a column, all text, in an array of Arrow.

    It can be used like a list of str; what is asked of whole columns is answered without making
    one.

    Args:
        array: of text, or of numbers of texts in a dictionary, which all stand somewhere, in the
            order in which they come.
    """

    def __init__(self, array: pa.Array) -> None:
        self.array = array

    @cached_property
    def _coded(self) -> Texts | None:
        """The texts that the cells are numbers of, None where they are texts themselves."""
        return Texts(self.array.dictionary) if hasattr(self.array, "dictionary") else None

    def __len__(self) -> int:
        return len(self.array)

    def __repr__(self) -> str:
        return f"<{len(self)} texts>"

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Texts: ...
    def __getitem__(self, index: int | slice) -> str | Texts:
        if isinstance(index, slice):
            return Texts(_as_text(self.array[index]))
        return self.array[int(index)].as_py()

    def __iter__(self) -> Iterator[str]:
        start, count = 0, _FEW
        while start < len(self):
            yield from _as_text(self.array[start : start + count]).to_pylist()
            start, count = start + count, min(8 * count, _AT_A_TIME)

    def take(self, places: Any) -> Texts:
        """Return the cells at some places, in this order."""
        import pyarrow as pa

        rows = np.ascontiguousarray(places, dtype=np.int64)
        found = pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(rows)])
        return Texts(_as_text(self.array.take(found)))

    @cached_property
    def distinct(self) -> tuple[list[str], np.ndarray]:
        """The different cells as they come, and which of them stands in each place, (n,)."""
        found = self.array if self._coded else self.array.dictionary_encode()
        return found.dictionary.to_pylist(), numbers_of(found.indices, np.int32)

    @cached_property
    def floats(self) -> np.ndarray | None:
        """Plain numbers, (n,) float64, nan where a cell is empty; None where one is no such."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._coded:
            numbers = self._coded.floats
            return None if numbers is None else numbers[numbers_of(self.array.indices, np.int32)]
        values = np.empty(len(self))
        for part in parts(len(self)):
            some = self.array[part]
            # Not compared with "" itself: pyarrow loads pandas for whatever is of Python.
            lengths = pc.call_function("binary_length", [some])
            empty = pc.call_function("invert", [pc.cast(lengths, pa.bool_())])
            if empty.true_count:
                none = pa.nulls(1, pa.string())[0]
                some = pc.call_function("if_else", [empty, none, some])
            try:
                values[part] = numbers_of(pc.cast(some, pa.float64()), np.float64)
            except pa.ArrowInvalid:
                return None
            if empty.true_count:
                values[part][_bits_of(empty)] = np.nan
            if np.count_nonzero(np.isfinite(values[part])) + some.null_count < len(some):
                return None
        return values

    def hold(self, letter: str) -> bool:
        """Return whether an ASCII letter stands in any cell."""
        return any(letter.encode() in part for part in (self._coded or self)._pieces)

    @cached_property
    def has_words(self) -> bool:
        """Whether signs stand in the cells other than those of plain dates and numbers."""
        return any(part.translate(None, _PLAIN) for part in (self._coded or self)._pieces)

    @property
    def _pieces(self) -> Iterator[bytes]:
        """The bytes of all cells, some at a time."""
        letters, bounds = self._letters
        letters = letters[bounds[0] : bounds[-1]]
        return (letters[part].tobytes() for part in parts(len(letters)))

    @property
    def _letters(self) -> tuple[np.ndarray, np.ndarray]:
        """The bytes of all cells, and where each begins, (n + 1,)."""
        _, offsets, letters = self.array.buffers()
        bounds = np.frombuffer(offsets, dtype=np.int32)[self.array.offset :][: len(self) + 1]
        return np.frombuffer(letters or b"", dtype=np.uint8), bounds


def numbers_of(array: pa.Array, kind: Any) -> np.ndarray:
    """Return the numbers of an array, whatever stands where one is missing.

    pyarrow would load pandas for what goes to numpy or comes from it.
    """
    return np.frombuffer(array.buffers()[1] or b"", kind)[array.offset :][: len(array)]


def _bits_of(array: pa.Array) -> np.ndarray:
    """Return an array of bits as a mask."""
    packed = np.frombuffer(array.buffers()[1] or b"", np.uint8)
    bits = np.unpackbits(packed, bitorder="little")[array.offset :][: len(array)]
    return bits.astype(bool)


def _as_text(array: pa.Array) -> pa.Array:
    """Return an array of texts where it is one of their numbers in a dictionary."""
    return array.dictionary_decode() if hasattr(array, "dictionary") else array


def aligned(cells: Sequence[Any]) -> np.ndarray | None:
    """Return the signs of texts of ASCII that are all as long, (length, n) uint8; None of others.

    Example:
        >>> aligned(["10", "20"])
        array([[49, 50],
               [48, 48]], dtype=uint8)
    """
    width = len(cells[0]) if len(cells) and isinstance(cells[0], str) else 0
    if not width:
        return None
    if isinstance(cells, Texts):
        if cells._coded:
            return None
        letters, bounds = cells._letters
        letters = letters[bounds[0] : bounds[-1]]
        if len(letters) != width * len(cells) or (np.diff(bounds) != width).any():
            return None
    else:
        try:
            letters = np.frombuffer("".join(cells).encode("ascii"), np.uint8)
        except (TypeError, UnicodeEncodeError):
            return None
        if len(letters) != width * len(cells) or set(map(len, cells)) != {width}:
            return None
    signs = np.ascontiguousarray(letters.reshape(-1, width).T)
    return signs if signs.max() < _ASCII else None


def has_words(cells: Sequence[Any]) -> bool:
    """Return whether signs stand in a column other than those of plain dates and numbers.

    Example:
        >>> has_words(["2005-03-07", "1e5"]), has_words(["3", "n/a"]), has_words([3, None])
        (False, True, True)
    """
    if isinstance(cells, Texts):
        return cells.has_words
    try:
        return bool("".join(cells).encode(errors="replace").translate(None, _PLAIN))
    except TypeError:  # not all are text
        return True


def distinct(cells: Sequence[Any] | np.ndarray) -> tuple[list[Any], np.ndarray]:
    """Return the different cells of a column as they come, and which stands in each place, (n,).

    Example:
        >>> distinct(["b", "a", "b"])
        (['b', 'a'], array([0, 1, 0]))
    """
    if isinstance(cells, Texts):
        return cells.distinct
    if isinstance(cells, np.ndarray):
        found, first, codes = np.unique(cells, return_index=True, return_inverse=True)
        order = np.argsort(first)
        return list(found[order]), np.argsort(order)[codes]
    known = {cell: code for code, cell in enumerate(dict.fromkeys(cells))}
    return list(known), np.fromiter(map(known.__getitem__, cells), np.intp, len(cells))


def taken(cells: Sequence[Any], places: Sequence[int] | np.ndarray) -> Sequence[Any]:
    """Return the cells at some places, in this order."""
    if isinstance(cells, np.ndarray):
        return cells[np.asarray(places, np.int64)]  # type: ignore[return-value]
    return cells.take(places) if isinstance(cells, Texts) else [cells[place] for place in places]
