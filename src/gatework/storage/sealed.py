"""Sealed files: tensors and a configuration that can execute nothing and hide no damage.

A sealed file is a safetensors file. Its metadata has one entry, ``gatework``, a JSON object of

    digest   SHA-256 of the whole file, taken with these 64 characters as zeros
    kind     what the file holds, for instance "lstm"
    version  of this layout
    config   a JSON object

so that every changed, missing or added byte is found before anything is used.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from safetensors import SafetensorError, TensorSpec, deserialize, serialize

from gatework.errors import DataError, FileFormatError, InputFileError
from gatework.storage.atomic import atomic_write

VERSION = 1
DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}
"""The dtypes that a sealed file holds, by their names in safetensors."""

_NO_DIGEST = b"0" * 64
_START = b'{"__metadata__":{"gatework":"{\\"digest\\":\\"'
_DIGEST_AT = 8 + len(_START)


@dataclass(frozen=True)
class Tensor:
    """A tensor as it lies in a file: dtype by its safetensors name, shape, little-endian bytes."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes | bytearray

    @classmethod
    def from_numpy(cls, array: np.ndarray) -> Tensor:
        """Return ``array`` as a Tensor; its dtype must be one of DTYPES."""
        names = {name: dtype for dtype, name in DTYPES.items()}
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        return cls(names[array.dtype.name], array.shape, little.tobytes())

    def to_numpy(self) -> np.ndarray:
        """Return the tensor as an array of its own; bfloat16 comes as its bits in uint16."""
        dtype = "uint16" if self.dtype == "BF16" else DTYPES[self.dtype]
        little = np.dtype(dtype).newbyteorder("<")
        return np.frombuffer(self.data, little).reshape(self.shape).astype(dtype)

    def is_finite(self) -> bool:
        """Tell whether no value is NaN or infinite."""
        if self.dtype == "BF16":
            return not bool(np.any((self.to_numpy() & 0x7F80) == 0x7F80))
        return self.dtype not in ("F64", "F32", "F16") or bool(np.all(np.isfinite(self.to_numpy())))


@dataclass(frozen=True)
class Sealed:
    """What a sealed file holds."""

    kind: str
    config: dict[str, Any]
    tensors: dict[str, Tensor]


def pack(kind: str, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> bytes:
    """Return the bytes of a sealed file; the same content gives the same bytes.

    Raises:
        ValueError: when ``config`` is not plain JSON.
    """
    about = {"digest": _NO_DIGEST.decode(), "kind": kind, "version": VERSION, "config": config}
    metadata = {"gatework": json.dumps(about, allow_nan=False, separators=(",", ":"))}
    arrays = {name: np.frombuffer(t.data, np.uint8) for name, t in sorted(tensors.items())}
    specs = {
        name: TensorSpec(
            dtype=DTYPES[tensors[name].dtype],
            shape=tensors[name].shape,
            data_ptr=array.ctypes.data,
            data_len=array.nbytes,
        )
        for name, array in arrays.items()
    }
    content = bytearray(serialize(specs, metadata=metadata))
    if not content.startswith(_START, 8):
        raise RuntimeError("safetensors wrote its header in another order than expected")
    content[_DIGEST_AT : _DIGEST_AT + 64] = _digest(content)
    return bytes(content)


def unpack(
    data: bytes, *, name: str, kinds: Collection[str] | None = None, finite: bool = True
) -> Sealed:
    """Return what the bytes of a sealed file hold, after checking all of it.

    Args:
        data: the content of the file.
        name: of the file, for messages.
        kinds: what the file may hold; None for anything.
        finite: refuse NaN and infinite values.

    Raises:
        FileFormatError: when the content is truncated, altered, of a newer layout, of another
            kind, or not finite.
    """
    _check_seal(data, name)
    try:
        entries = deserialize(data)
    except SafetensorError as error:
        raise FileFormatError(f"{name} is damaged: {error}") from error
    about = _read_about(data, name)
    kind, config = about["kind"], about["config"]
    if kinds is not None and kind not in kinds:
        raise FileFormatError(
            f"{name} holds {kind!r}, expected {' or '.join(repr(k) for k in sorted(kinds))}"
        )
    tensors = {key: Tensor(v["dtype"], tuple(v["shape"]), v["data"]) for key, v in entries}
    for key, tensor in tensors.items():
        if tensor.dtype not in DTYPES:
            raise FileFormatError(
                f"{name}: tensor {key!r} has the dtype {tensor.dtype}, "
                f"expected one of {', '.join(DTYPES)}"
            )
        if finite and not tensor.is_finite():
            raise FileFormatError(f"{name}: tensor {key!r} holds values that are not finite")
    return Sealed(kind, config, tensors)


def write_sealed(
    path: str | os.PathLike[str],
    kind: str,
    config: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    *,
    overwrite: bool = False,
    finite: bool = True,
) -> None:
    """Write a sealed file atomically.

    Raises:
        DataError: when ``finite`` and a tensor holds NaN or infinite values; nothing is written.
        OutputError: when ``path`` exists and ``overwrite`` is False, or cannot be written.
    """
    for name, tensor in tensors.items():
        if finite and not tensor.is_finite():
            raise DataError(
                f"{os.fspath(path)} was not written: {name!r} holds values that are not finite"
            )
    atomic_write(path, pack(kind, config, tensors), overwrite=overwrite)


def read_sealed(
    path: str | os.PathLike[str], *, kinds: Collection[str] | None = None, finite: bool = True
) -> Sealed:
    """Read a sealed file; see ``unpack``.

    Raises:
        InputFileError: when there is no such file or it cannot be read.
        FileFormatError: when the content is not sound.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputFileError(
            f"{os.fspath(path)} cannot be read: {error.strerror or error}"
        ) from error
    return unpack(data, name=os.fspath(path), kinds=kinds, finite=finite)


def _digest(content: bytes | bytearray) -> bytes:
    blank = bytearray(content)
    blank[_DIGEST_AT : _DIGEST_AT + 64] = _NO_DIGEST
    return hashlib.sha256(blank).hexdigest().encode()


def _check_seal(data: bytes, name: str) -> None:
    if not data:
        raise FileFormatError(f"{name} is empty")
    if len(data) >= _DIGEST_AT + 64 and not data.startswith(_START, 8):
        raise FileFormatError(f"{name} is not a file that Gatework wrote, or its start is damaged")
    expected = _expected_size(data)
    if expected is not None and expected != len(data):
        state = "truncated" if len(data) < expected else "longer than it was written"
        raise FileFormatError(f"{name} is {state}: expected {expected} bytes, found {len(data)}")
    if len(data) < _DIGEST_AT + 64:
        raise FileFormatError(f"{name} is truncated, or not a file that Gatework wrote")
    if data[_DIGEST_AT : _DIGEST_AT + 64] != _digest(data):
        raise FileFormatError(
            f"{name} is damaged or was altered: its content does not match its digest"
        )


def _expected_size(data: bytes) -> int | None:
    """Return the size that the header tells; None where it cannot be read."""
    header_end = 8 + int.from_bytes(data[:8], "little")
    if header_end > len(data):
        return None
    try:
        header = json.loads(data[8:header_end])
        ends = [entry["data_offsets"][1] for key, entry in header.items() if key[:2] != "__"]
        return header_end + max(ends, default=0)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None


def _read_about(data: bytes, name: str) -> dict[str, Any]:
    header_end = 8 + int.from_bytes(data[:8], "little")
    try:
        header = _strict_json(data[8:header_end])
        about = _strict_json(header["__metadata__"]["gatework"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileFormatError(f"{name} has a description that cannot be read: {error}") from error
    version = about.get("version") if isinstance(about, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise FileFormatError(
            f"{name} has layout version {version}, this Gatework reads up to {VERSION}",
            hint="pip install --upgrade gatework",
        )
    if (
        version != VERSION
        or set(about) != {"digest", "kind", "version", "config"}
        or not isinstance(about["kind"], str)
        or not isinstance(about["config"], dict)
    ):
        raise FileFormatError(f"{name} has a description that is incomplete or of unknown form")
    return about


def _strict_json(text: str | bytes) -> Any:
    return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")
