"""Checkpoints: everything a run needs to go on to the same bits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from gatework.errors import FORGED, FileFormatError, OptionError
from gatework.storage import read_sealed, write_sealed
from gatework.storage.torch_tensors import seal, unseal
from gatework.train.fingerprint import differences, same_form
from gatework.train.tree import put_together, take_apart

FILE_KIND = "checkpoint"


def write_checkpoint(
    path: str | os.PathLike[str], fingerprint: Mapping[str, Any], content: Mapping[str, Any]
) -> None:
    """Write a checkpoint atomically: the one before stays until this one is whole.

    Raises:
        OptionError: when the model's state or the optimiser's is of a kind that no file holds.
        OutputError: when it cannot be written; the one before is intact.
    """
    tensors: dict[str, Tensor] = {}
    try:
        parts = take_apart(dict(content), tensors)
        sealed = {name: seal(tensor) for name, tensor in tensors.items()}
    except TypeError as error:
        raise OptionError(
            f"{os.fspath(path)} was not written: {error}",
            hint="checkpoints hold State, tensors, numbers, and lists, tuples and dicts of them",
        ) from error
    config = {"fingerprint": dict(fingerprint), "content": parts}
    # The loop has checked the weights; the best validation loss so far may be infinite.
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
        raise incomplete(name)
    differing = differences(found, same_form(fingerprint))
    if differing:
        raise OptionError(
            f"{name} is the checkpoint of another run: {', '.join(differing)}",
            hint=f"use the same settings to resume, or rm {name}, to start anew",
        )
    tensors = {key: unseal(tensor) for key, tensor in sealed.tensors.items()}
    try:
        return put_together(sealed.config["content"], tensors)
    except FORGED as error:
        raise incomplete(name) from error


def incomplete(path: str | os.PathLike[str], error: BaseException | None = None) -> FileFormatError:
    """Return the error for a sound file that does not hold what a checkpoint must.

    Args:
        path: of the file.
        error: what was met; a ValueError of ours names the part.
    """
    name = os.fspath(path)
    part = f": its part {str(error)[:80]!r} is none" if type(error) is ValueError else ""
    return FileFormatError(
        f"{name} does not hold a whole checkpoint of this run{part}",
        hint=f"rm {name}, to start anew",
    )
