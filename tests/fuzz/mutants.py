"""Mutants of files: chance, and forgeries under a right digest, drawn anew for each seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from forging import MISHAPS, forge_config, put_together, reseal, take_apart
from gatework.errors import GateworkError
from gatework.storage.tensor import DTYPES, ITEM_SIZES

EXTREME = (float("nan"), float("inf"), -float("inf"), 1e308, 1e38, -1.0, 0.0)


def sealed(content: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield mutants of a sealed file, all with the right digest."""
    draw = random.Random(seed)
    for _ in range(count):
        yield draw.choice(_FORGERIES)(content, draw)


def damaged(content: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Yield mutants of any file."""
    draw = random.Random(seed)
    for _ in range(count):
        mutant = content
        for _ in range(draw.choice((1, 1, 2, 5))):
            mutant = draw.choice(MISHAPS)(mutant, draw) or b"\0"
        yield mutant


def tried(mutants: Iterator[bytes], take: Callable[[bytes], Any]) -> tuple[int, int]:
    """Return how many mutants were taken and how many were refused.

    Raises:
        AssertionError: when one was refused by anything but a GateworkError, with its number.
    """
    taken = refused = 0
    for number, mutant in enumerate(mutants):
        try:
            take(mutant)
        except GateworkError as error:
            refused += bool(str(error).strip())
        except Exception as error:
            raise AssertionError(f"mutant {number}: {type(error).__name__}: {error}") from error
        else:
            taken += 1
    return taken, refused


def _mishap(content: bytes, draw: random.Random) -> bytes:
    return reseal(draw.choice(MISHAPS)(content, draw))


def _config(content: bytes, draw: random.Random) -> bytes:
    about, entries, data = take_apart(content)
    config = about["config"]
    for _ in range(draw.choice((1, 1, 2))):
        config = forge_config(config, draw)
    return put_together({**about, "config": config}, entries, data)


def _values(content: bytes, draw: random.Random) -> bytes:
    """Put extreme numbers into a tensor."""
    about, entries, data = take_apart(content)
    if not entries:
        return content
    entry = entries[draw.choice(sorted(entries))]
    first, end = entry["data_offsets"]
    kind = DTYPES[entry["dtype"]]
    values = np.frombuffer(bytearray(data[first:end]), "uint16" if kind == "bfloat16" else kind)
    if values.size and kind.startswith("float"):
        with np.errstate(over="ignore"):
            values[draw.randrange(values.size)] = draw.choice(EXTREME)
    elif values.size and kind != "bool":
        most = np.iinfo(values.dtype)
        values[draw.randrange(values.size)] = draw.choice((most.min, most.max, 0, 1))
    return put_together(about, entries, data[:first] + values.tobytes() + data[end:])


def _entry(content: bytes, draw: random.Random) -> bytes:
    """Give a tensor another name, shape, or dtype of the same size."""
    about, entries, data = take_apart(content)
    if not entries:
        return content
    name = draw.choice(sorted(entries))
    entry = dict(entries.pop(name))
    happens = draw.randrange(3)
    if happens == 0:
        name = draw.choice(("0" + name, name + ".", "t0", "t1", "x", "9" * 30, "-1"))
    elif happens == 1:
        count = int(np.prod(entry["shape"], dtype=np.int64))
        entry["shape"] = draw.choice(([count], [1, count], [count, 1], [], [1] * 20 + [count]))
    else:
        size = ITEM_SIZES[entry["dtype"]]
        entry["dtype"] = draw.choice([one for one in DTYPES if ITEM_SIZES[one] == size])
    return put_together(about, {**entries, name: entry}, data)


def _exchange(content: bytes, draw: random.Random) -> bytes:
    """Let two tensors change places."""
    about, entries, data = take_apart(content)
    if len(entries) > 1:
        one, other = draw.sample(sorted(entries), 2)
        entries[one], entries[other] = entries[other], entries[one]
    return put_together(about, entries, data)


_FORGERIES = (_config, _config, _config, _mishap, _values, _entry, _exchange)
