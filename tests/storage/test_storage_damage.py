"""A damaged file is always refused, and never in another way than by FileFormatError."""

import json

import numpy as np
import pytest

from forging import HOSTILE, bit_flips, mishaps, put_together, reseal, take_apart, with_header
from gatework.errors import FileFormatError
from gatework.storage import Tensor, pack, unpack

CONFIG = {"sizes": [8, 4], "rate": 0.25, "name": "weekly faults"}
TENSORS = {
    "cells.0.weight": Tensor.from_numpy(np.arange(12, dtype=np.float32).reshape(3, 4)),
    "cells.0.bias": Tensor.from_numpy(np.ones(3, dtype=np.float32)),
    "count": Tensor.from_numpy(np.array(7)),
    "empty": Tensor.from_numpy(np.zeros((0, 2), dtype=np.float64)),
}
CONTENT = pack("thing", CONFIG, TENSORS)
LARGER = pack("thing", CONFIG, {**TENSORS, "table": Tensor.from_numpy(np.ones((400, 30)))})
HEADER_END = 8 + int.from_bytes(CONTENT[:8], "little")


def test_every_truncation():
    reasons = set()
    for length in range(len(CONTENT)):
        with pytest.raises(FileFormatError) as caught:
            unpack(CONTENT[:length], name="file")
        reasons.add(str(caught.value))
        if length >= 8:
            expected = f"at least {HEADER_END}" if length < HEADER_END else f"{len(CONTENT)}"
            said = f"file is truncated: expected {expected} bytes, found {length}"
            assert str(caught.value) == said
    assert len(reasons) == len(CONTENT)


def test_every_flipped_bit():
    count = 0
    for damaged in bit_flips(CONTENT):
        with pytest.raises(FileFormatError, match=r"^file "):
            unpack(damaged, name="file", finite=False)
        count += 1
    assert count == 8 * len(CONTENT)


@pytest.mark.parametrize(("content", "count"), [(CONTENT, 20_000), (LARGER, 5_000)])
def test_thousands_of_mishaps(content, count):
    for _, damaged in mishaps(content, count, seed=1):
        with pytest.raises(FileFormatError, match=r"^file "):
            unpack(damaged, name="file", finite=False)


def test_appended_bytes_are_counted():
    said = f"file is longer than it was written: expected {len(CONTENT)} bytes, found "
    for more in (1, 2, 64, 1000):
        with pytest.raises(FileFormatError, match=f"^{said}{len(CONTENT) + more}$"):
            unpack(CONTENT + bytes(more), name="file")


def test_a_changed_value_is_told_by_the_digest():
    said = "^file is damaged or was altered: its content does not match its digest$"
    for place in (CONTENT.index(b"0.25"), len(CONTENT) - 2):
        changed = bytes([CONTENT[place] + 1])
        with pytest.raises(FileFormatError, match=said):
            unpack(CONTENT[:place] + changed + CONTENT[place + 1 :], name="file")


def test_mishaps_under_a_right_digest_give_a_whole_file_or_are_refused():
    refused = 0
    for _, damaged in mishaps(CONTENT, 20_000, seed=2):
        content = reseal(damaged)
        try:
            sealed = unpack(content, name="file", finite=False)
        except FileFormatError:
            refused += 1
        else:
            assert all(t.to_numpy().shape == t.shape for t in sealed.tensors.values())
            again = pack(sealed.kind, sealed.config, sealed.tensors)
            assert unpack(again, name="again", finite=False) == sealed
    assert refused > 10_000


def entry(**changes):
    return {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}


FORGED_ENTRIES = [
    (entry(dtype="F64"), "'x' has 8 bytes, its dtype and shape ask for 16"),
    (entry(dtype="C64"), "'x' has the dtype 'C64', expected one of F64, "),
    (entry(dtype=["F32"]), "has the dtype"),
    (entry(shape=[3]), "'x' has 8 bytes, its dtype and shape ask for 12"),
    (entry(shape=[-2]), "'x' has a shape that is none"),
    (entry(shape=[True, 2]), "'x' has a shape that is none"),
    (entry(shape=[2.0]), "'x' has a shape that is none"),
    (entry(shape=[1] * 64 + [2]), "'x' has a shape that is none"),
    (entry(shape="2"), "'x' has a shape that is none"),
    (entry(shape=[10**39]), "'x' has a shape that no memory holds"),
    (entry(shape=[2**40, 2**40, 0]), "'x' has a shape that no memory holds"),
    (entry(data_offsets=[0, 4]), "'x' has 4 bytes, its dtype and shape ask for 8"),
    (entry(data_offsets=[8, 0]), "'x' has -8 bytes"),
    (entry(data_offsets=[8, 16]), "'x' begins at byte 8, expected 0"),
    (entry(data_offsets=[0, 8, 16]), "'x' has data_offsets that are none"),
    (entry(data_offsets=[-8, 0]), "'x' has data_offsets that are none"),
    (entry(data_offsets=None), "'x' has data_offsets that are none"),
    (entry(more=1), "'x' must have dtype, shape and data_offsets"),
    ({"x": {"dtype": "F32"}}, "'x' must have dtype, shape and data_offsets"),
    ({"x": [1, 2]}, "tensor 'x' must be a JSON object"),
    ({**entry(), "y": entry()["x"]}, "'y' begins at byte 0, expected 8"),
    ({"": entry()["x"]}, "name must have 1 to 1000 characters"),
    ({"x" * 1001: entry()["x"]}, "name must have 1 to 1000 characters"),
    ({"\ud800": entry()["x"]}, "surrogates not allowed"),
]


@pytest.mark.parametrize(("entries", "reason"), FORGED_ENTRIES)
def test_forged_tensors(entries, reason):
    about, _, _ = take_apart(CONTENT)
    with pytest.raises(FileFormatError, match=f"^file has a damaged header: .*{reason}"):
        unpack(put_together(about, entries, bytes(8)), name="file")


def test_forged_metadata():
    about, entries, data = take_apart(CONTENT)
    text = json.dumps(about, separators=(",", ":"))
    for metadata in (
        {"gatework": text, "pt": "yes"},
        {"gatework": text[:-1]},
        {"gatework": text.replace('"kind"', '"kind":"other","kind"')},
        {"gatework": text.replace("0.25", "NaN")},
        {"gatework": text.replace("0.25", "-Infinity")},
        {"gatework": text.replace("0.25", "1e999")},
        {"gatework": text.replace("0.25", "9" * 5000)},
        {"gatework": text.replace("0.25", "[" * 5000 + "]" * 5000)},
        {"gatework": text.replace("0.25", "[" * 100_000)},
        {"gatework": text.replace("0.25", '"\\ud800"')},
    ):
        with pytest.raises(FileFormatError, match=r"^file has a (damaged header|description that)"):
            unpack(with_header({"__metadata__": metadata, **entries}, data), name="file")
    unpack(with_header({"__metadata__": {"gatework": text}, **entries}, data), name="file")


def test_forged_headers_that_are_no_header():
    plain = json.dumps({"__metadata__": {"gatework": json.dumps(take_apart(CONTENT)[0])}})
    plain = plain.replace(": ", ":").replace(", ", ",")
    start = plain[:-3].encode()
    for ending in (
        b"",
        b'"}',
        b'"},',
        b'"},"x":\xff}',
        b'"}}{}',
        b'"}} 1',
        b'"},"x":{"x":1,"x":2}}',
    ):
        with pytest.raises(FileFormatError, match=r"^file has a damaged header: "):
            unpack(with_header(start + ending + b" " * 8, b""), name="file")
    assert unpack(with_header(start + b'"}}', b""), name="file").config == CONFIG


@pytest.mark.parametrize("length", [0, 1, 99, 2**24 + 1, 2**32, 2**63, 2**64 - 1])
def test_forged_header_lengths(length):
    forged = reseal(length.to_bytes(8, "little") + CONTENT[8:])
    with pytest.raises(FileFormatError, match=f"the length of its header is {length}$"):
        unpack(forged, name="file")


@pytest.mark.parametrize("key", ["digest", "kind", "version", "config"])
def test_forged_descriptions(key):
    about, entries, data = take_apart(CONTENT)
    without = {name: value for name, value in about.items() if name != key}
    forged = [without, {**about, "more": 1}, *({**about, key: value} for value in HOSTILE)]
    for description in forged:
        content = put_together(description, entries, data)
        try:
            sealed = unpack(content, name="file", kinds=["thing", "x", "lstm", "tanh", "rnn"])
        except FileFormatError:
            continue
        assert key in ("kind", "config", "version")
        assert description in (about, {**about, "config": sealed.config, "kind": sealed.kind})
