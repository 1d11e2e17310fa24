"""LSTMs in safetensors files of others, by the names that torch and Keras give to weights."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError, deserialize

from gatework.cell.configuration import default_config
from gatework.cell.options import CellOptions
from gatework.errors import FileFormatError
from gatework.storage import Sealed, Tensor
from gatework.storage.reading import read_bytes
from gatework.system.names import AnyPath

_TORCH = re.compile(r"(?:(.+)\.)?(weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)_l(\d+)(_reverse)?")
_KERAS = re.compile(r"(?:(.+)([./]))?(recurrent_kernel|kernel|bias)(?::0)?")
_KERAS_NAMES = {"kernel": "weight_ih", "recurrent_kernel": "weight_hh", "bias": "bias_ih"}
_DIRECTION = re.compile(r"(?:^|(?<=/))(forward|backward)_")
_NAMES = ("weight_ih", "weight_hh", "weight_hr", "bias_ih", "bias_hh")
_OTHERS = {3: "a GRU", 1: "a plain RNN"}
"""What has so many rows of weights for each unit, where an LSTM has four."""


class ForeignLSTM(NamedTuple):
    """An LSTM of another's file.

    Attributes:
        sealed: as a file of ours would hold it.
        part: what the names of its weights begin with.
        left: the tensors of the file that are none of its weights.
    """

    sealed: Sealed
    part: str
    left: tuple[str, ...]


class _Place(NamedTuple):
    """Where a tensor belongs: in a part, a layer and a direction; and what torch calls it."""

    part: str
    layer: int
    reverse: bool
    name: str
    turned: bool = False


def foreign_lstm(path: AnyPath, part: str | None = None) -> ForeignLSTM | None:
    """Return the LSTM in a safetensors file that others wrote; None where it is no such file.

    Args:
        path: of the file.
        part: what the names of its weights begin with, where it holds several.

    Raises:
        FileFormatError: it holds none, or several, or what its numbers mean cannot be known.
    """
    name = os.fsdecode(path)
    try:
        entries = deserialize(read_bytes(path))
    except SafetensorError:
        return None
    found = sorted(entries, key=lambda entry: entry[0])
    tensors = {key: Tensor(one["dtype"], tuple(one["shape"]), one["data"]) for key, one in found}
    places = {key: place for key in tensors if (place := _place(key)) is not None}
    parts = dict.fromkeys(one.part for one in places.values() if one.name == "weight_hh")
    if not parts:
        raise _none(list(tensors), name)
    if part not in parts and (part is not None or len(parts) > 1):
        asked = "" if part is None else f", and {part!r} is none of them"
        raise FileFormatError(
            f"{name} holds {len(parts)} networks: {_listed(parts)}{asked}",
            hint=f"--part {next(iter(parts))}",
        )
    chosen = next(iter(parts)) if part is None else part
    mine = {key: place for key, place in places.items() if place.part == chosen}
    arrays = {}
    for key, place in mine.items():
        values = _numbers(tensors[key], key, name)
        arrays[place._replace(part="", turned=False)] = values.T if place.turned else values
    left = tuple(key for key in tensors if key not in mine)
    return ForeignLSTM(_as_ours(arrays, f"{name}, {chosen or 'its network'}"), chosen, left)


def _place(key: str) -> _Place | None:
    if match := _TORCH.fullmatch(key):
        part, name, layer, reverse = match.groups()
        return _Place(part or "", int(layer), reverse is not None, name)
    match = _KERAS.fullmatch(key)
    if match is None or match[2] != "/":
        return None
    way = _DIRECTION.search(match[1])
    part = _DIRECTION.sub("", match[1])
    reverse = way is not None and way[1] == "backward"
    return _Place(part, 0, reverse, _KERAS_NAMES[match[3]], turned=match[3] != "bias")


def _none(names: list[str], file: str) -> FileFormatError:
    """Return the refusal of a file in which no LSTM is known by its names."""
    kernels = [one for one in names if one.rpartition(".")[2] == "recurrent_kernel"]
    if kernels:
        return FileFormatError(
            f"{file} names {kernels[0]!r} as haste and others do, whose gates stand in an order "
            "that the file does not tell",
            hint="save what lstm.to_native_weights() of haste gives, under torch's names: "
            "weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0",
        )
    return FileFormatError(
        f"{file} was not written by Gatework, and holds no LSTM by its names: {_listed(names)}",
        hint="an LSTM is known by torch's names: lstm.weight_ih_l0, lstm.weight_hh_l0, ...",
    )


def _numbers(tensor: Tensor, key: str, file: str) -> np.ndarray:
    values = tensor.to_numpy() if tensor.dtype in ("F64", "F32", "F16", "BF16") else None
    if values is None:
        raise FileFormatError(
            f"{file}: the weights {key!r} are kept as {tensor.dtype}, and floating-point numbers "
            "are read",
            hint="save them unquantized, as float32",
        )
    if tensor.dtype == "BF16":
        values = (values.astype(np.uint32) << 16).view(np.float32)
    return values if values.dtype == np.float64 else values.astype(np.float32)


def _as_ours(arrays: Mapping[_Place, np.ndarray], told: str) -> Sealed:
    """Return weights under torch's names as a file of ours holds them."""
    layers = 1 + max(place.layer for place in arrays)
    both = any(place.reverse for place in arrays)
    dtype = np.result_type(*(one.dtype for one in arrays.values()))
    tensors: dict[str, Tensor] = {}
    sizes: list[int] = []
    for layer in range(layers):
        for reverse in (False, True)[: 1 + both]:
            found = {name: arrays.get(_Place("", layer, reverse, name)) for name in _NAMES}
            where = f"layer {layer + 1}{', backward' if reverse else ''}"
            cell = _cell(found, f"{told}, {where}")
            prefix = f"{'reverse' if reverse else 'forward'}_cells.{layer}."
            for name, values in cell.items():
                tensors[prefix + name] = Tensor.from_numpy(np.ascontiguousarray(values, dtype))
        sizes.append(tensors[f"forward_cells.{layer}.weight_ih"].shape[0] // 4)
    projection = tensors.get("forward_cells.0.weight_hr")
    config = default_config(
        CellOptions,
        input_size=tensors["forward_cells.0.weight_ih"].shape[1],
        hidden_sizes=sizes,
        bidirectional=both,
        bias="forward_cells.0.bias" in tensors,
        proj_size=0 if projection is None else projection.shape[0],
        dtype=dtype.name,
    )
    return Sealed("lstm", config | {"dropout": [0.0] * (layers - 1) or 0.0}, tensors)


def _cell(found: Mapping[str, np.ndarray | None], told: str) -> dict[str, np.ndarray]:
    """Return the weights of a cell under our names, having seen that they are an LSTM's."""
    weight_ih, weight_hh, weight_hr = (found[name] for name in _NAMES[:3])
    if weight_ih is None or weight_hh is None or {weight_ih.ndim, weight_hh.ndim} != {2}:
        raise FileFormatError(f"{told}: matrices weight_ih and weight_hh are not both there")
    rows, units = len(weight_hh), (weight_hh if weight_hr is None else weight_hr).shape[-1]
    if rows != 4 * units:
        kind = _OTHERS.get(rows // units, "no LSTM") if units and not rows % units else "no LSTM"
        raise FileFormatError(
            f"{told}: this is {kind} with {rows} rows of weights for {units} units, where an LSTM "
            "has 4 for each",
            hint="train it with an LSTM in its place: torch.nn.LSTM, or gatework.LSTM",
        )
    cell = {"weight_ih": weight_ih, "weight_hh": weight_hh}
    if weight_hr is not None:
        cell["weight_hr"] = weight_hr
    biases = [one for name in _NAMES[3:] if (one := found[name]) is not None]
    if biases:
        cell["bias"] = np.sum(biases, axis=0)
    return cell


def _listed(names: Iterable[str]) -> str:
    every = [repr(name) for name in names]
    return ", ".join(every[:6]) + (f" and {len(every) - 6} more" if len(every) > 6 else "")
