"""The index of what was copied, in the file of a language model."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from gatework.storage import read_sealed
from gatework.write.memorization import Novelty

PREFIX = "novelty."

_SIGNED = {"uint16": "int16", "uint32": "int32"}
_UNSIGNED = {name: np.dtype(of) for of, name in _SIGNED.items()}


def kept_arrays(novelty: Novelty) -> dict[str, np.ndarray]:
    """Return the index as arrays of dtypes that files hold.

    Unsigned numbers become the signed ones of the same bits, which files hold.
    """
    return {
        name: np.ascontiguousarray(array).view(_SIGNED.get(array.dtype.name, array.dtype.name))
        for name, array in novelty.to_tensors().items()
    }


def kept_novelty(arrays: Mapping[str, np.ndarray]) -> Novelty:
    """Return the index that was kept as these arrays.

    Raises:
        FileFormatError: when one lacks, or they contradict each other.
    """
    return Novelty.from_tensors(
        {
            name: array.view(_UNSIGNED.get(array.dtype.name, array.dtype))
            for name, array in arrays.items()
        }
    )


def read_novelty(path: str | os.PathLike[str]) -> Novelty | None:
    """Return the index in the file of a language model; None where it keeps none.

    Raises:
        InputFileError, FileFormatError: when there is no such file, it is damaged, or holds
            another kind of model.
    """
    sealed = read_sealed(path, kinds={"writer"})
    kept = {name: t for name, t in sealed.tensors.items() if name.startswith(PREFIX)}
    return kept_novelty({name: t.to_numpy() for name, t in kept.items()}) if kept else None
