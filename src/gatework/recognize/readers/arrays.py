"""Arrays of numpy (.npy, .npz), and pictures as MNIST has them (idx, possibly gzipped)."""

from __future__ import annotations

import math
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from gatework.errors import DataError, InputFileError
from gatework.recognize.features.base import Features
from gatework.recognize.features.images import Rows
from gatework.recognize.readers.bad import check_there
from gatework.recognize.readers.files import PLURALS
from gatework.recognize.sequences import Sequences
from gatework.storage.limits import check_memory, check_packed, unpack_gzip
from gatework.storage.reading import open_to_read, read_bytes

_DAMAGED = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
IDX_DTYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_arrays(path: str | os.PathLike[str]) -> Sequences:
    """Read sequences from a file of numpy; pickled objects are refused.

    .npy: one array, (N, T, C) or (N, T). .npz: the same as "X", and, where they are known, the
    labels (N) or, a label a step, (N, T) as "y", and the steps of each sequence (N) as "lengths".

    Raises:
        InputFileError: when the file cannot be read.
        DataError: when it is damaged, holds objects, or the arrays do not fit together.
    """
    path = Path(path)
    found = _load(path)
    x = found.get("X")
    if x is None:
        raise DataError(
            f"'{path}' has no array 'X', it has {', '.join(found) or 'none'}",
            hint="np.savez(path, X=X, y=y)",
        )
    if x.dtype.kind not in "buif" or x.ndim not in (2, 3) or not x.size:
        raise DataError(
            f"'{path}': X must be numbers with the shape (N, T, C) or (N, T), "
            f"got {x.dtype} {x.shape}"
        )
    x = x.reshape(*x.shape[:2], -1)
    lengths = _lengths(path, found.get("lengths"), x)
    labels = None
    if (y := found.get("y")) is not None:
        if y.ndim not in (1, 2) or y.shape[: y.ndim] != x.shape[: y.ndim]:
            raise DataError(f"'{path}': y must have the shape ({len(x)},), got {y.shape}")
        labels = tuple(
            tuple(map(str, row[:length].tolist())) if y.ndim == 2 else str(row)
            for row, length in zip(y if y.ndim == 2 else y.tolist(), lengths, strict=True)
        )
    return Sequences(
        tuple(row[:length] for row, length in zip(x, lengths, strict=True)),
        tuple(f"row {number}" for number in range(1, len(x) + 1)),
        labels,
    )


def _lengths(path: Path, lengths: np.ndarray | None, x: np.ndarray) -> np.ndarray:
    if lengths is None:
        return np.full(len(x), x.shape[1])
    if lengths.shape != (len(x),) or lengths.dtype.kind not in "ui":
        raise DataError(
            f"'{path}': lengths must be {len(x)} whole numbers, got {lengths.dtype} {lengths.shape}"
        )
    odd = np.flatnonzero((lengths < 1) | (lengths > x.shape[1]))
    if odd.size:
        raise DataError(
            f"'{path}', row {odd[0] + 1}: the length must be from 1 to {x.shape[1]}, "
            f"got {lengths[odd[0]]}"
        )
    return lengths


def _load(path: Path) -> dict[str, np.ndarray]:
    check_there(path)
    try:
        with open_to_read(path) as (file, size):
            if file.read(4) != b"PK\3\4":
                file.seek(0)
                return {"X": _array(file, size, str(path))}
            with zipfile.ZipFile(file) as archive:
                inside = archive.infolist()
                check_packed(f"'{path}'", size, sum(one.file_size for one in inside))
                found = {}
                for one in inside:
                    with archive.open(one) as member:
                        name = one.filename.removesuffix(".npy")
                        found[name] = _array(member, one.file_size, f"{path}, {one.filename}")
                return found
    except InputFileError:
        raise
    except _DAMAGED as error:
        raise DataError(f"'{path}' is no file of numpy, or is damaged: {error}") from error


def _array(file: Any, size: int, name: str) -> np.ndarray:
    """Return an array of numpy, of which header and size agree before room is made for it.

    Raises:
        DataError: when it holds objects. ValueError: when it is damaged.
        InputFileError: when it takes more memory than is allowed.
    """
    version = np.lib.format.read_magic(file)
    readers = {(1, 0): np.lib.format.read_array_header_1_0}
    header = readers.get(version, np.lib.format.read_array_header_2_0)(file)
    shape, fortran, dtype = header
    if dtype.hasobject:
        raise DataError(
            f"'{name}' holds Python objects, which are never read",
            hint="save plain arrays of numbers, and of text as np.array(labels, dtype=str)",
        )
    wanted = math.prod(shape) * dtype.itemsize
    if file.tell() + wanted != size:
        raise ValueError(f"its header asks for {wanted} bytes, found {size - file.tell()}")
    check_memory(f"'{name}'", wanted)
    values = np.frombuffer(file.read(), dtype) if wanted else np.zeros(math.prod(shape), dtype)
    return values.reshape(shape[::-1]).T if fortran else values.reshape(shape)


def read_idx(path: str | os.PathLike[str], *, features: Features | None = None) -> Sequences:
    """Read pictures from a file of MNIST, and their labels from the file beside it.

    The labels of ``NAME-images-idx3-ubyte`` are in ``NAME-labels-idx1-ubyte``, both possibly with
    ``.gz``; without it the pictures have no labels.

    Args:
        path: of the pictures.
        features: of pictures; their rows where left out.

    Raises:
        InputFileError: when a file cannot be read.
        DataError: when one is damaged, cut off, or they do not fit together.
    """
    path = Path(path)
    pictures = _idx(path)
    if pictures.ndim != 3 or pictures.dtype != np.uint8 or not pictures.size:
        raise DataError(
            f"'{path}' must hold pictures (N, height, width) of bytes, "
            f"got {pictures.dtype} {pictures.shape}"
        )
    made: Any = Rows(*pictures.shape[1:]) if features is None else features
    if made.reads != "image":
        raise DataError(
            f"'{path}' holds pictures, but the model reads {PLURALS.get(made.reads, made.reads)}"
        )
    if made.size_for(*pictures.shape[1:]) != pictures.shape[1:] or made.colour:
        raise DataError(
            f"'{path}' holds grey pictures of {pictures.shape[1]} x {pictures.shape[2]}, "
            "which are not those of the features",
            hint=f"--size {pictures.shape[1]}x{pictures.shape[2]}",
        )
    beside = path.with_name(path.name.replace("images-idx3", "labels-idx1"))
    labels = None
    if beside != path and beside.is_file():
        found = _idx(beside)
        if found.shape != (len(pictures),):
            raise DataError(f"'{beside}' has {found.shape} labels for {len(pictures)} pictures")
        labels = tuple(map(str, found.tolist()))
    return Sequences(
        tuple(made(picture) for picture in pictures),
        tuple(f"picture {number}" for number in range(1, len(pictures) + 1)),
        labels,
        "image",
        made,
        tuple(pictures),
    )


def is_idx(path: Path) -> bool:
    """Return whether a file is named as those of MNIST."""
    return "-idx" in path.name


def _idx(path: Path) -> np.ndarray:
    data = read_bytes(path)
    data = unpack_gzip(data, str(path)) if data[:2] == b"\x1f\x8b" else data
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in IDX_DTYPES or not 1 <= data[3] <= 4:
        raise DataError(f"'{path}' is no file of the format idx")
    dtype, axes = np.dtype(IDX_DTYPES[data[2]]), data[3]
    if len(data) < 4 + 4 * axes:
        raise DataError(f"'{path}' is damaged: its header is cut off")
    shape = tuple(int(size) for size in np.frombuffer(data[4 : 4 + 4 * axes], ">u4"))
    wanted = 4 + 4 * axes + dtype.itemsize * int(np.prod(shape, dtype=object))
    if len(data) != wanted:
        raise DataError(f"'{path}' is damaged: it has {len(data)} bytes, expected {wanted}")
    values = np.frombuffer(data, dtype, offset=4 + 4 * axes).reshape(shape)
    return values.astype(dtype.newbyteorder("="))
