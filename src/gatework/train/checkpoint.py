"""Checkpoints: everything a run needs to go on to the same bits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from gatework.errors import FileFormatError, OptionError
from gatework.storage import read_sealed, write_sealed
from gatework.storage.torch_tensors import seal, unseal
from gatework.train.tree import put_together, take_apart

FILE_KIND = "checkpoint"


def write_checkpoint(
    path: str | os.PathLike[str], fingerprint: Mapping[str, Any], content: Mapping[str, Any]
) -> None:
    """Write a checkpoint atomically: the one before stays until this one is whole.

    Raises:
        OutputError: when it cannot be written; the one before is intact.
    """
    tensors: dict[str, Tensor] = {}
    config = {"fingerprint": dict(fingerprint), "content": take_apart(dict(content), tensors)}
    sealed = {name: seal(tensor) for name, tensor in tensors.items()}
    write_sealed(path, FILE_KIND, config, sealed, overwrite=True, finite=False)


def read_checkpoint(
    path: str | os.PathLike[str], fingerprint: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the content of a checkpoint of this very run; None when there is no file.

    Raises:
        FileFormatError: when the file is damaged.
        OptionError: when it belongs to a run with other settings or data, naming them.
    """
    if not Path(path).exists():
        return None
    name = os.fspath(path)
    try:
        sealed = read_sealed(path, kinds={FILE_KIND}, finite=False)
    except FileFormatError as error:
        raise FileFormatError(error.message, hint=f"rm {name}, to start anew") from error
    found = sealed.config.get("fingerprint")
    if not isinstance(found, dict):
        raise FileFormatError(f"{name} does not hold a whole checkpoint")
    if found != fingerprint:
        keys = sorted(found.keys() | fingerprint.keys())
        differing = [key for key in keys if found.get(key) != fingerprint.get(key)]
        said = ", ".join(
            f"{key} was {_short(found.get(key))} and is {_short(fingerprint.get(key))}"
            for key in differing
        )
        raise OptionError(
            f"{name} is the checkpoint of another run: {said}",
            hint="use the same settings to resume, or another checkpoint path",
        )
    tensors = {key: unseal(tensor) for key, tensor in sealed.tensors.items()}
    try:
        return put_together(sealed.config["content"], tensors)
    except (KeyError, TypeError, ValueError) as error:
        raise FileFormatError(f"{name} does not hold a whole checkpoint: {error}") from error


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
