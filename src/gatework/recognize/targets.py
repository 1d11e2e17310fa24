"""What is to be recognised, as numbers: classes, values, a class a step, tokens of a transcript."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from gatework.errors import DataError, OptionError, counted
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Array, Field, Schema, Values, positive

MOST_CLASSES = 10**6

_TYPES: dict[str, tuple[Any, Any]] = {
    "U": (str, np.str_),
    "O": ((str, int), object),
    "i": (int, np.int64),
    "u": (int, np.uint64),
    "f": (float, np.float64),
    "b": (bool, np.bool_),
}
"""What classes of each kind of dtype are in JSON and in numpy."""


def _check_classes(file: Values) -> None:
    values, kind = file.classes, file.dtype
    if not all(isinstance(value, _TYPES[kind][0]) for value in values):
        raise OptionError(f"classes must all be of the kind {kind!r}")
    if kind in "iu" and any(isinstance(v, bool) or abs(v) >= 2**63 for v in values):
        raise OptionError("classes must be whole numbers of 64 bits")
    if len(set(values)) != len(values):
        raise OptionError("each class must be there once")
    file.outputs = len(values)


@dataclass(frozen=True, eq=False)
class Classes:
    """The classes of a classifier or tagger, sorted.

    Attributes:
        values: (K), strings, whole numbers, floats or booleans.
    """

    values: np.ndarray

    FILE: ClassVar[Schema] = Schema(
        config={
            "classes": Field(js.list_of(js.anything, 2, MOST_CLASSES), of="values"),
            "dtype": Field(js.one_of(_TYPES), of="values.dtype.kind"),
        },
        check=_check_classes,
        make=lambda file, _: Classes(np.array(file.classes, _TYPES[file.dtype][1])),
    )

    @property
    def outputs(self) -> int:
        """Return how many numbers tell them, K."""
        return len(self.values)

    @classmethod
    def of(cls, labels: np.ndarray) -> Self:
        """Return the classes among labels.

        Raises:
            DataError: when labels are missing, of several kinds, or there is one class alone.
        """
        try:
            values = np.unique(labels)
        except TypeError as error:
            raise DataError(f"labels of several kinds cannot be sorted: {error}") from error
        if values.dtype.kind not in "OUSiufb":
            raise DataError(f"labels must be strings or numbers, got {values.dtype}")
        if values.dtype.kind == "O" and not all(isinstance(one, str | int) for one in values):
            raise DataError("labels must be strings or numbers, each of them")
        if values.dtype.kind == "f" and (values != np.floor(values)).any():
            raise DataError(
                f"Unknown label type: {values[values != np.floor(values)][0]} is no class",
                hint="SequenceRegressor, to predict numbers",
            )
        if len(values) < 2:
            raise DataError(
                f"there is one class alone, {values.tolist()[0]!r}, expected two or more",
                hint="add sequences of another class",
            )
        return cls(values)

    def encode(self, labels: np.ndarray) -> np.ndarray:
        """Return the number of each label, int64.

        Raises:
            DataError: when one is not among the classes.
        """
        index = {value: number for number, value in enumerate(self.values.tolist())}
        try:
            return np.array([index[label] for label in labels.tolist()], np.int64)
        except (KeyError, TypeError):
            unknown = sorted({str(one) for one in labels.tolist() if one not in index})
            raise DataError(
                f"the label {unknown[0]!r} is not among those that were learned: "
                f"{', '.join(map(str, self.values[:12]))}"
            ) from None


def _check_numbers(file: Values) -> None:
    if file.flat and file.outputs != 1:
        raise OptionError(f"outputs must be 1 where they are flat, got {file.outputs}")


@dataclass(frozen=True, eq=False)
class NumberTargets:
    """What a regressor's targets are scaled by.

    Attributes:
        mean, deviation: (O), float64. flat: targets came as (N), not (N, O).
    """

    mean: np.ndarray
    deviation: np.ndarray
    flat: bool

    FILE: ClassVar[Schema] = Schema(
        config={
            "outputs": Field(js.whole(1, MOST_CLASSES)),
            "flat": Field(js.switch),
        },
        tensors={
            "mean": Array("float64", ("outputs",)),
            "deviation": Array("float64", ("outputs",), positive),
        },
        check=_check_numbers,
        make=lambda file, built: NumberTargets(built["mean"], built["deviation"], file.flat),
    )

    @property
    def outputs(self) -> int:
        """Return how many numbers a sequence has, O."""
        return len(self.mean)

    @classmethod
    def of(cls, values: np.ndarray) -> Self:
        """Return the scaling of targets (N) or (N, O)."""
        table = values.reshape(len(values), -1)
        deviation = table.std(axis=0)
        deviation[deviation <= 1e-9 * np.maximum(1.0, np.abs(table).max(axis=0))] = 1.0
        return cls(table.mean(axis=0), deviation, values.ndim == 1)

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Return targets (N, O), standardised, float32."""
        table = values.reshape(len(values), -1)
        if table.shape[1] != len(self.mean):
            raise DataError(
                f"there are {table.shape[1]} targets a sequence, but the model was fitted to "
                f"{len(self.mean)}"
            )
        return ((table - self.mean) / self.deviation).astype(np.float32)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Return values in the units of the targets, of the shape that they came in."""
        values = outputs.astype(np.float64) * self.deviation + self.mean
        return values[..., 0] if self.flat else values


def _check_tokens(file: Values) -> None:
    if len(set(file.tokens)) != len(file.tokens):
        raise OptionError("tokens must be there once each")
    file.outputs = 1 + len(file.tokens)


@dataclass(frozen=True)
class Tokens:
    """The labels that transcripts are made of; number 0 is the blank, theirs begin at 1.

    Attributes:
        values: strings, sorted. joined: transcripts are strings, whose characters are the labels.
    """

    values: tuple[str, ...]
    joined: bool

    FILE: ClassVar[Schema] = Schema(
        config={
            "tokens": Field(js.list_of(js.text, 1, MOST_CLASSES), of="values"),
            "joined": Field(js.switch),
        },
        check=_check_tokens,
        make=lambda file, _: Tokens(file.tokens, file.joined),
    )

    @property
    def outputs(self) -> int:
        """Return how many numbers tell them: one each, and one of the blank."""
        return 1 + len(self.values)

    @classmethod
    def of(cls, transcripts: Sequence[Any]) -> Self:
        """Return the tokens of transcripts: strings, or lists of labels.

        Raises:
            DataError: when they are neither, or all are empty.
        """
        joined = all(isinstance(one, str) for one in transcripts)
        found: set[str] = set()
        for row, transcript in enumerate(transcripts):
            found.update(_tokens(transcript, row))
        if not found:
            raise DataError("all transcripts are empty, so there is nothing to learn")
        return cls(tuple(sorted(found)), joined)

    def encode(self, transcripts: Sequence[Any]) -> list[np.ndarray]:
        """Return the numbers of the tokens of each transcript, int64.

        Raises:
            DataError: when a token was not learned.
        """
        index = {value: number for number, value in enumerate(self.values, 1)}
        found = []
        for row, transcript in enumerate(transcripts):
            parts = _tokens(transcript, row)
            unknown = [part for part in parts if part not in index]
            if unknown:
                raise DataError(
                    f"y[{row}] holds {unknown[0]!r}, which is not among the labels that were "
                    f"learned: {' '.join(self.values[:40])}"
                )
            found.append(np.array([index[part] for part in parts], np.int64))
        return found

    def decode(self, numbers: Sequence[int]) -> Any:
        """Return a transcript: a string, or a list of labels, as it was learned from."""
        parts = [self.values[number - 1] for number in numbers]
        return "".join(parts) if self.joined else parts


def _tokens(transcript: Any, row: int) -> list[str]:
    if isinstance(transcript, str):
        return list(transcript)
    if not isinstance(transcript, list | tuple | np.ndarray):
        raise DataError(
            f"y[{row}] must be a text or a list of labels, got {type(transcript).__name__}"
        )
    return [str(part) for part in transcript]


def labels_of(labels: Any, count: int) -> np.ndarray:
    """Return one label for each sequence as an array (N).

    Raises:
        DataError: when there is not one for each sequence.
    """
    found = np.asarray(labels)
    if found.ndim == 2 and found.shape[1] == 1:
        warnings.warn("y is a column (N, 1) and was taken as (N)", stacklevel=4)
        found = found[:, 0]
    if found.ndim != 1:
        raise DataError(f"y must hold one label for each sequence, got the shape {found.shape}")
    if len(found) != count:
        raise DataError(
            f"there are {counted(count, 'sequence')} but {counted(len(found), 'label')}"
        )
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        raise DataError(f"y[{np.flatnonzero(~np.isfinite(found))[0]}] is NaN or infinite")
    return found
