"""Memorization: how much of a text was copied from the training text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gatework.errors import FileFormatError
from gatework.storage import read_sealed

_SEED = 3  # letters that a run has at least; shorter ones are found everywhere
_PIECE = 1 << 20  # characters that are looked at together
PREFIX = "novelty."
"""Of the names of its tensors, in files of every age."""

_SIGNED = {"uint8": "int8", "uint16": "int16", "uint32": "int32"}
_UNSIGNED = {name: np.dtype(of) for of, name in _SIGNED.items()}


@dataclass(frozen=True)
class Copied:
    """The longest run of letters that a text shares with the training text.

    Attributes:
        length: letters in it, 0 where it is shorter than 3.
        run: the letters, without punctuation and spaces.
        document: the number of the document of the training text that has it, from 0; -1 for none.
        place: where it begins there, counted in letters.
    """

    length: int
    run: str
    document: int
    place: int

    def as_dict(self) -> dict[str, Any]:
        """Return all of it in a dictionary."""
        return asdict(self)


class MemorizationIndex:
    """An index over a training text that finds the longest run copied from it.

    Only letters and digits count: a run goes on across punctuation, spaces and line breaks, in the
    training text and in the text that is looked at, but never from one document into the next. It
    keeps the letters of the text, one or two bytes each, and puts them in order when it is first
    asked.

    Example:
        >>> known = MemorizationIndex.of(["床前明月光，疑是地上霜。"])
        >>> known.longest_run("明月光疑，")
        Copied(length=4, run='明月光疑', document=0, place=2)
    """

    def __init__(self, letters: np.ndarray, text: np.ndarray, starts: np.ndarray) -> None:
        self._letters = letters  # (L), uint32: the code points that occur, ascending
        self._text = text  # (N), uint8 to uint32: 1 + the place in letters; 0 before a document
        self._starts = starts  # (D), int64: where each document's letters begin

    @classmethod
    def of(cls, texts: Iterable[str]) -> MemorizationIndex:
        """Return the index of the documents of a training text."""
        documents = list(texts)
        used: set[str] = set()
        for document in documents:
            for piece in _in_small_letters(document):
                used.update(piece)
        letters = np.array(sorted(ord(sign) for sign in used if sign.isalnum()), np.uint32)
        kind = np.min_scalar_type(len(letters))
        numbers = np.zeros(max(map(ord, used), default=0) + 1, kind)
        numbers[letters] = np.arange(1, len(letters) + 1)
        text, starts = bytearray(), []  # grows in place: a large text is not there twice
        for document in documents:
            text += bytes(kind.itemsize)
            starts.append(len(text) // kind.itemsize)
            for piece in _in_small_letters(document):
                found = numbers[_codes(piece)]
                text += found[found > 0].tobytes()
        return cls(letters, np.frombuffer(text, kind), np.array(starts, np.int64))

    def to_tensors(self) -> dict[str, np.ndarray]:
        """Return what is to be saved, named "novelty.…".

        Unsigned numbers become the signed ones of the same bits, which files hold.
        """
        parts = {"letters": self._letters, "text": self._text, "starts": self._starts}
        return {
            PREFIX + name: np.ascontiguousarray(part).view(_SIGNED.get(part.dtype.name, part.dtype))
            for name, part in parts.items()
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, np.ndarray]) -> MemorizationIndex:
        """Return the index that was saved as these tensors; others are left alone.

        Raises:
            FileFormatError: one is missing, or they contradict each other.
        """
        try:
            parts = [tensors[PREFIX + name] for name in ("letters", "text", "starts")]
        except KeyError as error:
            raise FileFormatError(f"tensor {error.args[0]!r} is missing") from None
        letters, text, starts = (p.view(_UNSIGNED.get(p.dtype.name, p.dtype)) for p in parts)
        sound = (
            all(part.ndim == 1 and part.dtype.kind in "iu" for part in parts)
            and text.max(initial=0) <= len(letters)
            and np.array_equal(np.flatnonzero(text == 0) + 1, starts)
            and bool((np.diff(letters.astype(np.int64)) > 0).all())
        )
        if not sound:
            raise FileFormatError("the tensors of the novelty index contradict each other")
        return cls(letters, text, starts)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> MemorizationIndex | None:
        """Return the index in the file of a language model; None where it keeps none.

        Raises:
            InputFileError, FileFormatError: when there is no such file, it is damaged, or holds
                another kind of model.
        """
        sealed = read_sealed(path, kinds={"writer"})
        kept = {n: t.to_numpy() for n, t in sealed.tensors.items() if n.startswith(PREFIX)}
        return cls.from_tensors(kept) if kept else None

    def __len__(self) -> int:
        return len(self._text) - len(self._starts)

    def __repr__(self) -> str:
        return f"MemorizationIndex({len(self)} letters in {len(self._starts)} documents)"

    def longest_run(self, text: str) -> Copied:
        """Return the longest run of a text that the training text has, of several the first."""
        plain = _letters_of(text)
        wanted = self._numbers(plain)
        best, begin, found = 0, 0, 0
        for start in range(len(wanted) - _SEED + 1):
            places = self._with_seed(wanted[start : start + _SEED])
            length = _SEED
            while places.size:
                if length > best:
                    best, begin, found = length, start, int(places[0])
                places = self._going_on(places, length, wanted[start:])
                length += 1
        if not best:
            return Copied(0, "", -1, 0)
        document = int(np.searchsorted(self._starts, found, side="right")) - 1
        place = found - int(self._starts[document])
        return Copied(best, plain[begin : begin + best], document, place)

    def _going_on(self, places: np.ndarray, length: int, wanted: np.ndarray) -> np.ndarray:
        """Return the places whose run goes on with the wanted letter after ``length`` letters."""
        if length >= len(wanted):
            return places[:0]
        ends = places + length
        inside = ends < len(self._text)
        places, ends = places[inside], ends[inside]
        return places[self._text[ends] == wanted[length]]

    def _numbers(self, plain: str) -> np.ndarray:
        """Return the numbers of letters, those that never occur as -1, (n), int64."""
        codes = _codes(plain)
        places = np.minimum(np.searchsorted(self._letters, codes), max(len(self._letters) - 1, 0))
        known = self._letters[places] == codes if len(self._letters) else np.zeros(len(codes), bool)
        return np.where(known, places.astype(np.int64) + 1, -1)

    def _with_seed(self, seed: np.ndarray) -> np.ndarray:
        """Return where in the text these three letters are, ascending."""
        if (seed < 0).any():
            return np.empty(0, np.int64)
        keys, order = self._ordered
        key = _key(seed)
        first, last = np.searchsorted(keys, [key[0], key[0] + 1])
        return order[first:last]

    @cached_property
    def _ordered(self) -> tuple[np.ndarray, np.ndarray]:
        """The keys of all threes of letters in order, and where each is; none crosses documents."""
        keys = _key(self._text)
        separate = self._text == 0
        broken = separate[: len(keys)].copy()
        for ahead in range(1, _SEED):
            broken |= separate[ahead : ahead + len(keys)]
        order = np.argsort(keys, kind="stable")
        order = order[~broken[order]]
        return keys[order], order


def _key(numbers: np.ndarray) -> np.ndarray:
    """Return one number for each three neighbours; equal only for equal letters."""
    count = max(len(numbers) - _SEED + 1, 0)
    key = np.zeros(count, np.int64)
    for ahead in range(_SEED):
        key = key << 21 | numbers[ahead : ahead + count].astype(np.int64)
    return key


def _letters_of(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return "".join(sign for sign in text.lower() if sign.isalnum())


def _in_small_letters(document: str) -> Iterator[str]:
    """Return a document in small letters, in pieces, for a large one takes much memory.

    None is cut beside a sigma, whose small letter depends on what is around it.
    """
    begin = 0
    while begin < len(document):
        end = min(begin + _PIECE, len(document))
        while end < len(document) and "Σ" in document[end - 2 : end + 2]:
            end += 1
        yield document[begin:end].lower()
        begin = end


def _codes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
