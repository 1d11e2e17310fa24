"""Saving a model to one file, and loading it again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from gatework.errors import FileFormatError, OptionError
from gatework.files.kinds import KINDS, Saveable, class_of
from gatework.storage import read_sealed, write_sealed
from gatework.storage.torch_tensors import dtype_of, seal, unseal

if TYPE_CHECKING:
    from gatework.storage import Tensor


def save(model: Saveable, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a model to one safetensors file with its configuration and a digest.

    The file is written to the side and renamed, so it is never there by half.

    Raises:
        OptionError: when Gatework has no file for such a model.
        DataError: when a weight is not finite; nothing is written.
        OutputError: when ``path`` exists and ``overwrite`` is False, or cannot be written.

    Example:
        >>> import tempfile
        >>> from gatework import LSTM, load, save
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = save(LSTM(3, [8, 4]), Path(folder) / "model.safetensors")
        ...     load(path).hidden_sizes
        (8, 4)
    """
    kind = getattr(type(model), "file_kind", None)
    if kind not in KINDS:
        raise OptionError(
            f"a {type(model).__name__} cannot be saved; models of these kinds can: "
            f"{', '.join(sorted(KINDS))}"
        )
    tensors = {name: seal(tensor) for name, tensor in model.tensors().items()}
    write_sealed(path, kind, model.to_config(), tensors, overwrite=overwrite)
    return Path(path)


def load(path: str | os.PathLike[str]) -> Any:
    """Read a model that ``save`` wrote, onto the CPU; nothing in the file is executed.

    Raises:
        InputFileError: when there is no such file or it cannot be read.
        FileFormatError: when the file is truncated, altered, of a newer layout, or its tensors
            are not exactly those that its configuration asks for.
    """
    name = os.fspath(path)
    sealed = read_sealed(path, kinds=KINDS)
    model = class_of(sealed.kind)
    try:
        expected = model.expected_tensors(sealed.config)
    except OptionError as error:
        raise FileFormatError(
            f"{name} has a configuration that is not sound: {error.message}"
        ) from error
    _check_tensors(name, expected, sealed.tensors)
    tensors = {key: unseal(tensor) for key, tensor in sealed.tensors.items()}
    return model.from_config(sealed.config, tensors)


def _check_tensors(
    name: str,
    expected: Mapping[str, tuple[torch.dtype, tuple[int, ...]]],
    found: Mapping[str, Tensor],
) -> None:
    missing = sorted(expected.keys() - found.keys())
    extra = sorted(found.keys() - expected.keys())
    if missing or extra:
        said = [
            f"{word} {keys}" for word, keys in (("lacks", missing), ("has extra", extra)) if keys
        ]
        raise FileFormatError(f"{name} {' and '.join(said)}: the tensors are not the model's")
    for key, (dtype, shape) in expected.items():
        tensor = found[key]
        if tensor.shape != shape:
            raise FileFormatError(
                f"{name}: tensor {key!r} has the shape {tensor.shape}, expected {shape}"
            )
        if dtype_of(tensor) != dtype:
            raise FileFormatError(f"{name}: tensor {key!r} is {dtype_of(tensor)}, expected {dtype}")
