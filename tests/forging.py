"""Damaged and forged files: what chance does to a file, and what somebody could write into one."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

HOSTILE: list[Any] = [
    None, True, False, 0, -1, 1, 2, 64, 65, 2**31, 2**63, 2**64, 10**15, 10**39,
    0.0, -0.5, 0.5, 1.0, 1.5, 1e308, 5e-324,
    "", "x", "0", "tanh", "lstm", "\u0000", "é", "D", "999999999D", "nan", "1e400", "__class__",
    [], [[]], [None], [0], [1], [-1], [1, 2], [1.5], ["x"], [True], [10**30], [[1], [2]], [1] * 40,
    {}, {"": None}, {"x": 1}, {"__reduce__": ["os.system", "true"]},
]  # fmt: skip
"""Values for the place of any value of a configuration."""


def reseal(content: bytes) -> bytes:
    """Return the content with its digest made right again, as a forger would."""
    mark = b'{\\"digest\\":\\"'
    place = content.find(mark) + len(mark)
    if place < len(mark) or len(content) < place + 64:
        return content
    blank = content[:place] + b"0" * 64 + content[place + 64 :]
    digest = hashlib.sha256(blank).hexdigest().encode()
    return content[:place] + digest + content[place + 64 :]


def take_apart(content: bytes) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Return what describes the file, the tensors' entries, and the tensors' bytes."""
    end = 8 + int.from_bytes(content[:8], "little")
    entries = json.loads(content[8:end])
    about = json.loads(entries.pop("__metadata__")["gatework"])
    return about, entries, content[end:]


def put_together(about: Any, entries: Any, data: bytes) -> bytes:
    """Return a file of these parts with the right digest."""
    text = json.dumps(about, separators=(",", ":"))
    return with_header({"__metadata__": {"gatework": text}, **entries}, data)


def with_header(header: Any, data: bytes) -> bytes:
    """Return a file with this header, a JSON value or the bytes themselves."""
    if not isinstance(header, bytes):
        header = json.dumps(header, separators=(",", ":")).encode()
    return reseal(len(header).to_bytes(8, "little") + header + data)


def bit_flips(content: bytes) -> Iterator[bytes]:
    """Yield the content once for each of its bits, that bit flipped."""
    for place in range(len(content)):
        for bit in range(8):
            flipped = bytes([content[place] ^ 1 << bit])
            yield content[:place] + flipped + content[place + 1 :]


def mishaps(content: bytes, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield damaged contents by the name of what happened to them, none equal to the original."""
    draw = random.Random(seed)
    found = 0
    while found < count:
        mishap = draw.choice(MISHAPS)
        damaged = content
        for _ in range(draw.choice((1, 1, 1, 2, 5))):
            damaged = mishap(damaged, draw)
        if damaged != content:
            found += 1
            yield mishap.__name__, damaged


def forge_config(config: Any, draw: random.Random) -> Any:
    """Return the configuration with one value replaced, removed or added, at any depth."""
    if isinstance(config, dict) and config and draw.random() < 0.85:
        changed = dict(config)
        key = draw.choice(list(changed))
        happens = draw.random()
        if happens < 0.1:
            del changed[key]
        elif happens < 0.2:
            changed[draw.choice(["", "extra", "dtype", "hidden_size"])] = draw.choice(HOSTILE)
        else:
            changed[key] = forge_config(changed[key], draw)
        return changed
    if isinstance(config, list) and config and draw.random() < 0.5:
        place = draw.randrange(len(config))
        return [*config[:place], forge_config(config[place], draw), *config[place + 1 :]]
    return draw.choice(HOSTILE)


def _flip(content: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << draw.randrange(8)]) + content[place + 1 :]


def _replace(content: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(content))
    return content[:place] + bytes([draw.randrange(256)]) + content[place + 1 :]


def _insert(content: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(content) + 1)
    return content[:place] + draw.randbytes(draw.randint(1, 9)) + content[place:]


def _delete(content: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(content))
    return content[:place] + content[place + draw.randint(1, 9) :]


def _swap(content: bytes, draw: random.Random) -> bytes:
    first, second = sorted(draw.choices(range(len(content)), k=2))
    changed = bytearray(content)
    changed[first], changed[second] = changed[second], changed[first]
    return bytes(changed)


def _exchange_blocks(content: bytes, draw: random.Random) -> bytes:
    a, b, c = sorted(draw.choices(range(len(content) + 1), k=3))
    return content[:a] + content[b:c] + content[a:b] + content[c:]


def _blank_block(content: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(content))
    length = min(draw.randint(1, 64), len(content) - place)
    return content[:place] + bytes(length) + content[place + length :]


def _repeat_block(content: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(content))
    end = place + draw.randint(1, 64)
    return content[:end] + content[place:end] + content[end:]


def _cut(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(1, len(content) + 1)]


def _append(content: bytes, draw: random.Random) -> bytes:
    return content + draw.randbytes(draw.randint(1, 64))


MISHAPS: list[Callable[[bytes, random.Random], bytes]] = [
    _flip, _replace, _insert, _delete, _swap, _exchange_blocks, _blank_block, _repeat_block, _cut,
    _append,
]  # fmt: skip
