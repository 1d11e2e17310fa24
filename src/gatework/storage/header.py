"""The header of a sealed file: read strictly, so that nothing later meets a surprise."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn

from gatework.storage.tensor import DTYPES, ITEM_SIZES

MOST_BYTES = 2**24
"""The largest header that is written or read, in bytes."""

_MOST_DIMENSIONS = 64
_MOST_DIGITS = 40
_MOST_LEVELS = 100
_LONGEST_NAME = 1000


@dataclass(frozen=True)
class Header:
    """What the header of a sealed file tells.

    Attributes:
        about: the text of the one entry of the metadata, ``gatework``.
        data_size: bytes of all tensors together, which follow the header.
    """

    about: str
    data_size: int


def read_header(content: bytes | bytearray) -> Header:
    """Return what a header tells, after checking all of it.

    The tensors must lie one behind the other without a gap, each as long as its dtype and shape
    ask for.

    Raises:
        ValueError: telling what is wrong.
    """
    header = _object(read_json(content.decode()), "the header")
    metadata = _object(header.pop("__metadata__", None), "the metadata")
    if set(metadata) != {"gatework"} or not isinstance(metadata["gatework"], str):
        raise ValueError("the metadata must have the one entry 'gatework', a text")
    position = 0
    for name, begin, end in sorted((_extent(*item) for item in header.items()), key=_place):
        if begin != position:
            raise ValueError(f"tensor {name!r} begins at byte {begin}, expected {position}")
        position = end
    return Header(metadata["gatework"], position)


def read_json(text: str) -> Any:
    """Return the value of a JSON text without its traps.

    Refused: a key that occurs twice, NaN and infinity in any spelling, whole numbers of more than
    40 digits, nesting of more than 100 levels, and text that is no Unicode.

    Raises:
        ValueError: telling what is wrong.

    Example:
        >>> read_json('{"a": 1, "a": 2}')
        Traceback (most recent call last):
        ...
        ValueError: the key 'a' occurs twice
    """
    try:
        value = _STRICT.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if text.count("[") + text.count("{") > _MOST_LEVELS:
        _check_depth(value)
    if "\\u" in text or not text.isascii():
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate has no encoding
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(_MOST_LEVELS):
        holders = [one.values() if isinstance(one, dict) else one for one in level if _nests(one)]
        if not holders:
            return
        level = [inner for holder in holders for inner in holder]
    raise ValueError("it is nested too deeply")


def _nests(value: object) -> bool:
    return isinstance(value, dict | list)


def _extent(name: str, entry: object) -> tuple[str, int, int]:
    """Return name, first byte and end of a tensor, whose entry is sound."""
    if not 0 < len(name) <= _LONGEST_NAME:
        raise ValueError(f"a tensor's name must have 1 to {_LONGEST_NAME} characters")
    fields = _object(entry, f"tensor {name!r}")
    if set(fields) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"tensor {name!r} must have dtype, shape and data_offsets")
    dtype, shape, offsets = fields["dtype"], fields["shape"], fields["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise ValueError(
            f"tensor {name!r} has the dtype {dtype!r}, expected one of {', '.join(DTYPES)}"
        )
    if not _are_sizes(shape) or len(shape) > _MOST_DIMENSIONS:
        raise ValueError(f"tensor {name!r} has a shape that is none")
    if not _are_sizes(offsets) or len(offsets) != 2:
        raise ValueError(f"tensor {name!r} has data_offsets that are none")
    if math.prod(max(size, 1) for size in shape) * ITEM_SIZES[dtype] >= 2**63:
        raise ValueError(f"tensor {name!r} has a shape that no memory holds")
    size, found = math.prod(shape) * ITEM_SIZES[dtype], offsets[1] - offsets[0]
    if size != found:
        raise ValueError(f"tensor {name!r} has {found} bytes, its dtype and shape ask for {size}")
    return name, offsets[0], offsets[1]


def _place(extent: tuple[str, int, int]) -> tuple[int, int]:
    return extent[1:]


def _are_sizes(values: object) -> bool:
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be a JSON object")
    return value


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object of these pairs, for ``json.loads``; ValueError where a key occurs twice."""
    whole = dict(pairs)
    if len(whole) == len(pairs):
        return whole
    twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
    raise ValueError(f"the key {twice!r} occurs twice")


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a finite number")


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse_constant(text[:_MOST_DIGITS])


def _short(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a whole number has {len(text)} digits, at most {_MOST_DIGITS} are read")
    return int(text)


_STRICT = json.JSONDecoder(
    object_pairs_hook=distinct,
    parse_constant=_refuse_constant,
    parse_float=_finite,
    parse_int=_short,
)
