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
from pathlib import PurePath
from typing import Any

import numpy as np
from safetensors import SafetensorError, TensorSpec, deserialize, serialize

from gatework.errors import DataError, FileFormatError
from gatework.storage.atomic import Bytes, atomic_write
from gatework.storage.header import MOST_BYTES, Header, read_header, read_json
from gatework.storage.limits import check_memory
from gatework.storage.reading import open_to_read
from gatework.storage.tensor import DTYPES, Tensor
from gatework.system.names import AnyPath

VERSION = 1

_NO_DIGEST = b"0" * 64
_PICKLES = (".pt", ".pth", ".bin", ".pkl", ".ckpt")
"""What names of pickles end with."""
_START = b'{"__metadata__":{"gatework":"{\\"digest\\":\\"'
_DIGEST = slice(8 + len(_START), 8 + len(_START) + 64)


@dataclass(frozen=True)
class Sealed:
    """What a sealed file holds."""

    kind: str
    config: dict[str, Any]
    tensors: dict[str, Tensor]


def pack(kind: str, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> bytes:
    """Return the bytes of a sealed file; the same content gives the same bytes.

    Raises:
        TypeError: when ``config`` is not made of JSON values.
        DataError: when the content is something that ``unpack`` would not read.

    Example:
        >>> content = pack("note", {"text": "hello"}, {})
        >>> unpack(content, name="a note").config
        {'text': 'hello'}
    """
    return b"".join(_packed(kind, config, tensors))


def _packed(kind: str, config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> list[Bytes]:
    """Return the parts of a sealed file, of which none copies all its bytes."""
    about = {"digest": _NO_DIGEST.decode(), "kind": kind, "version": VERSION, "config": config}
    try:
        text = json.dumps(about, allow_nan=False, separators=(",", ":"))
        content = _serialize(text, tensors)
        length = _header_length(content)
        if length > MOST_BYTES:
            raise ValueError(f"its description has {length} bytes, at most {MOST_BYTES} are read")
        read_header(content[8 : 8 + length])
        read_json(text)
    except (ValueError, RecursionError, SafetensorError) as error:
        raise DataError(
            f"the content of kind {kind!r} cannot be put into a file: {error}"
        ) from error
    if not content.startswith(_START, 8):
        raise RuntimeError("safetensors wrote its header in another order than expected")
    whole = memoryview(content)
    return [whole[: _DIGEST.start], _digest(content), whole[_DIGEST.stop :]]


def unpack(
    data: bytes | bytearray,
    *,
    name: str,
    kinds: Collection[str] | None = None,
    finite: bool = True,
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
    header = _check_size(data, len(data), name)
    if data[_DIGEST] != _digest(data):
        raise FileFormatError(
            f"{name} is damaged or was altered: its content does not match its digest"
        )
    about = _read_about(header, name)
    kind = about["kind"]
    if kinds is not None and kind not in kinds:
        raise FileFormatError(
            f"{name} holds {kind!r}, expected {' or '.join(repr(k) for k in sorted(kinds))}"
        )
    try:
        entries = deserialize(bytes(data))
    except SafetensorError as error:
        raise FileFormatError(f"{name} is damaged: {error}") from error
    tensors = {key: Tensor(v["dtype"], tuple(v["shape"]), v["data"]) for key, v in entries}
    for key, tensor in tensors.items():
        if (fault := tensor.fault(finite=finite)) is not None:
            raise FileFormatError(f"{name}: tensor {key!r} {fault}")
    return Sealed(kind, about["config"], tensors)


def write_sealed(
    path: AnyPath,
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
        if (fault := tensor.fault(finite=finite)) is not None:
            raise DataError(f"{os.fsdecode(path)} was not written: tensor {name!r} {fault}")
    atomic_write(path, *_packed(kind, config, tensors), overwrite=overwrite)


def read_sealed(
    path: AnyPath, *, kinds: Collection[str] | None = None, finite: bool = True
) -> Sealed:
    """Read a sealed file; see ``unpack``.

    Raises:
        InputFileError: when there is no such file or it cannot be read.
        FileFormatError: when the content is not sound.
    """
    name = os.fsdecode(path)
    with open_to_read(path) as (file, size):
        start = file.read(_DIGEST.stop)
        length = _check_start(start, size, name)
        start += file.read(8 + length - len(start))
        _check_size(start, size, name)
        check_memory(name, size)  # before the rest is read: it may be another's huge file
        data = start + file.read()
    return unpack(data, name=name, kinds=kinds, finite=finite)


def _serialize(text: str, tensors: Mapping[str, Tensor]) -> bytes:
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
    return serialize(specs, metadata={"gatework": text})


def _digest(content: bytes | bytearray) -> bytes:
    found = hashlib.sha256(content[: _DIGEST.start] + _NO_DIGEST)
    found.update(memoryview(content)[_DIGEST.stop :])  # a copy of a large file takes memory
    return found.hexdigest().encode()


def _header_length(start: bytes | bytearray) -> int:
    return int.from_bytes(start[:8], "little")


def _check_start(start: bytes | bytearray, size: int, name: str) -> int:
    """Check the beginning of a file of ``size`` bytes; return the length of its header."""
    if not size:
        raise FileFormatError(f"{name} is empty")
    beginning = bytes(start[8 : 8 + len(_START)])
    if not _START.startswith(beginning):
        if _is_pickle(start, name):
            own = f"'{PurePath(name).stem}.safetensors'"
            raise FileFormatError(
                f"{name} is not a file that Gatework wrote, but a pickle, as torch.save makes: it "
                "is not opened, since pickles may run code",
                hint=f"safetensors.torch.save_model(model, {own}) or save_file(model.state_dict(), "
                f"{own}) makes what draw, explain and the studio take, and "
                f"gatework.save(gatework.LSTM.from_torch(module), {own}) what all of Gatework does",
            )
        raise FileFormatError(f"{name} is not a file that Gatework wrote, or its start is damaged")
    length = _header_length(start)
    if len(start) >= 8 and not _DIGEST.stop - 8 <= length <= MOST_BYTES:
        raise FileFormatError(
            f"{name} is not a file that Gatework wrote, or its start is damaged: the length of "
            f"its header is {length}"
        )
    least = 8 + length if len(start) >= 8 else _DIGEST.stop
    if size < least:
        raise FileFormatError(f"{name} is truncated: expected at least {least} bytes, found {size}")
    return length


def _is_pickle(start: bytes | bytearray, name: str) -> bool:
    """Return whether a file that is not ours is a pickle, or an archive of one, by its start.

    A safetensors file, too, may begin with a pickle's two bytes, but 0 follows: they are a length.
    """
    if start[:4] == b"PK\x03\x04" and b".pkl" in start:
        return True
    if len(start) > 2 and start[0] == 0x80 and 2 <= start[1] <= 5 and start[2]:
        return True
    return PurePath(name).suffix in _PICKLES and start[8:9] != b"{"


def _check_size(start: bytes | bytearray, size: int, name: str) -> Header:
    """Check that a file is as long as its header tells; return the header, checked too."""
    end = 8 + _check_start(start, size, name)
    try:
        header = read_header(start[8:end])
    except ValueError as error:
        raise FileFormatError(f"{name} has a damaged header: {error}") from error
    expected = end + header.data_size
    if expected != size:
        state = "truncated" if size < expected else "longer than it was written"
        raise FileFormatError(f"{name} is {state}: expected {expected} bytes, found {size}")
    return header


def _read_about(header: Header, name: str) -> dict[str, Any]:
    try:
        about = read_json(header.about)
    except ValueError as error:
        raise FileFormatError(f"{name} has a description that cannot be read: {error}") from error
    version = about.get("version") if isinstance(about, dict) else None
    if type(version) is int and version > VERSION:
        raise FileFormatError(
            f"{name} has layout version {version}, this Gatework reads up to {VERSION}",
            hint="pip install --upgrade gatework",
        )
    if (
        type(version) is not int
        or version != VERSION
        or set(about) != {"digest", "kind", "version", "config"}
        or not isinstance(about["kind"], str)
        or not isinstance(about["config"], dict)
    ):
        raise FileFormatError(f"{name} has a description that is incomplete or of unknown form")
    return about
