"""Saving a model to one file, and loading it again."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gatework.errors import FORGED, FileFormatError, OptionError
from gatework.files.foreign import foreign_lstm
from gatework.files.kinds import KINDS, Saveable, class_of
from gatework.runtime.loading import unsealed as runtime_model
from gatework.storage import Sealed, Tensor, read_sealed, write_sealed
from gatework.storage.tensor import DTYPES
from gatework.system.names import AnyPath

if TYPE_CHECKING:
    from gatework.files.kinds import AnyDtype, AnyTensor


def save(model: Saveable, path: AnyPath, *, overwrite: bool = False) -> Path:
    """Write a model to one safetensors file with its configuration and a digest.

    The weights may be on any device. The file is written to the side and renamed, so it is never
    there by half.

    Raises:
        OptionError: when Gatework has no file for such a model, or its weights are not those of
            its configuration; nothing is written.
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
    kind = _kind_of(model)
    config = model.to_config()
    tensors = {name: _seal(name, tensor) for name, tensor in model.tensors().items()}
    fault = _mismatch(type(model).expected_tensors(config), tensors)
    if fault is not None:
        raise OptionError(f"this {type(model).__name__} cannot be saved, a file of it {fault}")
    write_sealed(path, kind, config, tensors, overwrite=overwrite)
    return Path(os.fsdecode(path))


def load(path: AnyPath) -> Any:
    """Read a model that ``save`` wrote, onto the CPU; nothing in the file is executed.

    Raises:
        InputFileError: when there is no such file or it cannot be read.
        FileFormatError: when the file is truncated, altered, of a newer layout, or its tensors
            are not exactly those that its configuration asks for, and finite.
    """
    return _unsealed(read_sealed(path, kinds=KINDS), os.fsdecode(path))


def load_to_examine(
    path: AnyPath, part: str | None = None, say: Callable[[str], None] | None = None
) -> Any:
    """Read a model as ``load`` does, but an LSTM as the runtime runs it, which needs no torch.

    An LSTM in a safetensors file that torch or Keras wrote is taken, too, without what stands
    around it, which ``say`` is told; ``part`` names one of several there.
    """
    name = os.fsdecode(path)
    try:
        sealed = read_sealed(path, kinds=KINDS)
    except FileFormatError:
        foreign = foreign_lstm(path, part)
        if foreign is None:
            raise
        sealed = foreign.sealed
        if foreign.left and say is not None:
            left = ", ".join(foreign.left[:4]) + (" ..." if len(foreign.left) > 4 else "")
            say(f"only the LSTM {foreign.part} is looked into; {left} of {name} are left out")
    else:
        if part is not None:
            raise OptionError(f"{name} holds one model, and no parts", hint="leave --part out")
    return runtime_model(sealed, name) if sealed.kind == "lstm" else _unsealed(sealed, name)


def _unsealed(sealed: Sealed, name: str) -> Any:
    model = class_of(sealed.kind)
    try:
        expected = model.expected_tensors(sealed.config)
        fault = _mismatch(expected, sealed.tensors)
        if fault is None:
            tensors = {key: _open(sealed.tensors[key], one[0]) for key, one in expected.items()}
            return model.from_config(sealed.config, tensors)
    except FORGED as error:
        fault = f"has a configuration that is not sound: {getattr(error, 'message', error)}"
        raise FileFormatError(f"{name} {fault}") from error
    raise FileFormatError(f"{name} {fault}")


def _kind_of(model: object) -> str:
    """Return the kind of a model, if loading would give its very class."""
    kind = getattr(type(model), "file_kind", None)
    if kind in KINDS and class_of(kind) is type(model):
        return kind
    classes = sorted(place.rpartition(":")[2] for place in KINDS.values())
    torch = sys.modules.get("torch")
    foreign = torch is not None and isinstance(model, torch.nn.LSTM)
    raise OptionError(
        f"{'an LSTM of torch' if foreign else f'a {type(model).__name__}'} cannot be saved; "
        f"models of these classes can: {', '.join(classes)}",
        hint="gatework.save(gatework.LSTM.from_torch(model), path)" if foreign else None,
    )


def _seal(name: str, tensor: AnyTensor) -> Tensor:
    if isinstance(tensor, np.ndarray):
        return Tensor.from_numpy(tensor, copy=False)  # until it is written, in this call
    from gatework.storage.torch_tensors import seal

    if tensor.is_meta:
        raise OptionError(f"{name!r} has no values to save: it is on the device 'meta'")
    return seal(tensor)


def _open(tensor: Tensor, dtype: AnyDtype) -> AnyTensor:
    """Return a tensor as an array or as torch's, whichever has such dtypes."""
    if isinstance(dtype, np.dtype):
        return tensor.to_numpy()
    from gatework.storage.torch_tensors import unseal

    return unseal(tensor)


def _mismatch(
    expected: Mapping[str, tuple[AnyDtype, tuple[int, ...]]], found: Mapping[str, Tensor]
) -> str | None:
    """Return how the tensors of a file differ from those that its configuration asks for."""
    missing = sorted(expected.keys() - found.keys())
    extra = sorted(found.keys() - expected.keys())
    if missing or extra:
        parts = (("lacks the tensors", missing), ("has the unknown tensors", extra))
        return " and ".join(f"{said} {_list(names)}" for said, names in parts if names)
    for key, (dtype, shape) in expected.items():
        tensor = found[key]
        if tensor.shape != shape:
            return f"has the tensor {key!r} with the shape {tensor.shape}, expected {shape}"
        wanted, there = str(dtype).removeprefix("torch."), DTYPES[tensor.dtype]
        if there != wanted:
            there = str(dtype).replace(wanted, there)
            return f"has the tensor {key!r} as {there}, expected {dtype}"
    return None


def _list(names: list[str]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(repr(name) for name in names[:8]) + more
