"""Reading a model file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from gatework.errors import FORGED, FileFormatError, OptionError
from gatework.runtime.architecture import architecture_of, fault, numbers
from gatework.runtime.model import Model
from gatework.runtime.native import target
from gatework.runtime.packing import Storage, check_storage
from gatework.runtime.recognizer import KINDS as RECOGNIZERS
from gatework.runtime.recognizer import Recognizer, plan_of
from gatework.storage import Sealed, read_sealed
from gatework.system.names import AnyPath

KINDS = ("lstm", "forecaster")
UNITS = ("targets.mean", "targets.deviation")
"""Tensors of what numbers are scaled by."""
OTHER_WAYS = {
    **dict.fromkeys(("rnn", "global_forecaster", "life", "watch"), "gatework.load(path)"),
    "writer": "gatework.runtime.load_tokens(path)",
}
"""What to call for a file of another kind."""
OTHER_METHODS = {
    "es-lstm": "gatework.load(path), or fit with method='recursive'",
    "pretrained": "gatework.load(path), which reads it without torch, too",
}
"""What to call for the file of a forecaster that forecasts by another method than 'recursive'."""


def load(path: AnyPath, storage: Storage | None = None, *, threads: int = 1) -> Any:
    """Read a model that ``gatework.save`` wrote, ready to run; nothing in the file is executed.

    Args:
        path: of the file: an LSTM; a Forecaster fitted with method="recursive", whose networks
            then run with their heads, averaged, in the units of the series; or what recognises,
            which is a Recognizer then.
        storage: how the weights are kept. "float64" also computes in it, the others compute in
            float32; "float16" and "int8" (a scale for each row) take less memory and time where
            the weights are more than the caches hold. None: float64 for a file of it, else
            float32.
        threads: at most so many work on a call of the model, or on a step of many rows; a step of
            words takes one.

    Raises:
        OptionError: when an argument is out of range, or the file holds what the runtime does
            not run.
        InputFileError: when there is no such file or it cannot be read.
        FileFormatError: when the file is damaged, altered, or its tensors are not those that its
            configuration asks for.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from gatework import LSTM, save
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model = load(save(LSTM(3, [8, 4]), folder + "/model.safetensors"))
        >>> output, state = model(np.zeros((20, 2, 3), np.float32))
        >>> output.shape
        (20, 2, 4)
    """
    check_storage(storage, threads)
    sealed, name = read_sealed(path), os.fsdecode(path)
    if sealed.kind in RECOGNIZERS:
        return recognizer(sealed, name, storage, threads=threads)
    return unsealed(sealed, name, storage, threads=threads)


def unsealed(
    sealed: Sealed, name: str, storage: Storage | None = None, *, threads: int = 1
) -> Model:
    """Return the model in a sealed file of this name; see ``load``."""
    chosen = target()
    if sealed.kind not in KINDS:
        raise OptionError(
            f"{name} holds {sealed.kind!r}, but the runtime runs {', '.join(map(repr, KINDS))}, "
            "and what recognises",
            hint=OTHER_WAYS.get(sealed.kind),
        )
    if sealed.kind == "forecaster" and (method := _method(sealed.config)) in OTHER_METHODS:
        raise OptionError(
            f"{name} holds a forecaster of the method {method!r}, and the runtime runs those of "
            "'recursive' alone",
            hint=OTHER_METHODS[method],
        )
    try:
        architecture = architecture_of(sealed.kind, sealed.config)
    except FORGED as error:
        raise FileFormatError(f"{name} has a configuration that is not sound: {error}") from error
    dtype = architecture.stack.dtype
    if wrong := fault(architecture.expected(), dtype, sealed.tensors):
        raise FileFormatError(f"{name} {wrong}")
    kept = storage or ("float64" if dtype == "float64" else "float32")
    return Model.packed(architecture, sealed.tensors, kept, chosen, threads)


def recognizer(
    sealed: Sealed, name: str, storage: Storage | None = None, *, threads: int = 1
) -> Recognizer:
    """Return what recognises, in a sealed file of this name; see ``load``."""
    chosen = target()
    try:
        plan = plan_of(sealed.kind, sealed.config)
    except FORGED as error:
        raise FileFormatError(f"{name} has a configuration that is not sound: {error}") from error
    units = {key: one for key, one in sealed.tensors.items() if key.startswith("targets.")}
    rest = {key: one for key, one in sealed.tensors.items() if key not in units}
    wrong = fault(plan.shapes(), plan.lstm.stack.dtype, rest)
    if sealed.kind == "sequence_regressor":
        wrong = wrong or fault(dict.fromkeys(UNITS, (plan.outputs,)), "float64", units)
    elif units:
        wrong = wrong or f"has the unknown tensor {min(units)!r}"
    for key in ("scaling.deviation", *UNITS[1:]):
        if not wrong and key in sealed.tensors and not (numbers(sealed.tensors[key]) > 0).all():
            wrong = f"has {key!r} that is not positive throughout"
    if wrong:
        raise FileFormatError(f"{name} {wrong}")
    return Recognizer(plan, sealed.tensors, storage or "float32", chosen, threads)


def _method(config: Mapping[str, Any]) -> str:
    settings = config.get("settings")
    return str(settings.get("method")) if isinstance(settings, dict) else ""
