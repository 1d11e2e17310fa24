"""Sealed files: what goes in comes out, and what is wrong is named."""

import json
import os
import pickle
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from forging import put_together, reseal, take_apart
from gatework.errors import DataError, FileFormatError, InputFileError, OutputError
from gatework.storage import Tensor, pack, read_sealed, unpack, write_sealed

CONFIG = {
    "sizes": [3, 4],
    "rate": 0.1,
    "name": "Störung 故障",
    "nothing": None,
    "deep": {"x": True},
}
ARRAYS = {
    "F64": np.array([[1.5, -2.0], [5e-324, 1e308]]),
    "F32": np.arange(6, dtype=np.float32).reshape(1, 2, 3),
    "F16": np.array(0.5, dtype=np.float16),
    "BF16": np.array([0x3F80, 0xBF80], dtype=np.uint16),
    "I64": np.array([2**63 - 1, -(2**63)]),
    "I32": np.array([7], dtype=np.int32),
    "I16": np.array([-7], dtype=np.int16),
    "I8": np.array([-128, 127], dtype=np.int8),
    "U8": np.zeros((0, 5), dtype=np.uint8),
    "BOOL": np.array([True, False, True]),
}


def tensor(dtype: str) -> Tensor:
    made = Tensor.from_numpy(ARRAYS[dtype]) if dtype != "BF16" else None
    return made or Tensor("BF16", (2,), ARRAYS["BF16"].astype("<u2").tobytes())


TENSORS = {f"a {dtype}": tensor(dtype) for dtype in ARRAYS}


def test_what_goes_in_comes_out(tmp_path):
    write_sealed(tmp_path / "a", "thing", CONFIG, TENSORS)
    sealed = read_sealed(tmp_path / "a", kinds={"thing", "other"})
    assert (sealed.kind, sealed.config) == ("thing", CONFIG)
    assert sealed.tensors == TENSORS
    for dtype, array in ARRAYS.items():
        found = sealed.tensors[f"a {dtype}"].to_numpy()
        np.testing.assert_array_equal(found, array, strict=True)
        assert sealed.tensors[f"a {dtype}"].dtype == dtype


def test_nothing_at_all_is_content_too():
    sealed = unpack(pack("empty", {}, {}), name="file")
    assert (sealed.kind, sealed.config, sealed.tensors) == ("empty", {}, {})


def test_the_same_content_gives_the_same_bytes():
    backwards = dict(reversed(TENSORS.items()))
    assert pack("thing", CONFIG, TENSORS) == pack("thing", CONFIG, backwards)
    assert pack("thing", CONFIG, TENSORS) != pack("thing", {**CONFIG, "rate": 0.2}, TENSORS)


def test_other_programs_read_it_as_safetensors(tmp_path):
    plain = {name: t for name, t in TENSORS.items() if t.dtype != "BF16"}
    write_sealed(tmp_path / "a.safetensors", "thing", CONFIG, plain)
    found = load_file(tmp_path / "a.safetensors")
    assert found.keys() == plain.keys()
    np.testing.assert_array_equal(found["a F64"], ARRAYS["F64"])


def test_arrays_in_another_order_or_of_another_byte_order_are_copied_right():
    array = np.arange(6, dtype=">f4").reshape(2, 3).T
    np.testing.assert_array_equal(Tensor.from_numpy(array).to_numpy(), array)
    with pytest.raises(TypeError, match="files hold no complex128, expected one of float64"):
        Tensor.from_numpy(np.zeros(2, dtype=complex))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["F64", "F32", "F16", "BF16"])
def test_values_that_are_not_finite(tmp_path, dtype, value):
    if dtype == "BF16":
        bits = np.array([1.0, value], dtype="<f4").view("<u4") >> 16
        bad = Tensor("BF16", (2,), bits.astype("<u2").tobytes())
    else:
        bad = Tensor.from_numpy(np.array([1.0, value], dtype=ARRAYS[dtype].dtype))
    tensors = {"good": tensor("F32"), "bad": bad}
    reason = re.escape("tensor 'bad' holds values that are not finite (1 of 2)")
    with pytest.raises(DataError, match=f"was not written: {reason}"):
        write_sealed(tmp_path / "a", "thing", {}, tensors)
    assert not (tmp_path / "a").exists()
    write_sealed(tmp_path / "a", "thing", {}, tensors, finite=False)
    assert read_sealed(tmp_path / "a", finite=False).tensors == tensors
    with pytest.raises(FileFormatError, match=f"a: {reason}"):
        read_sealed(tmp_path / "a")


def test_a_truth_value_is_a_zero_or_a_one():
    content = pack("thing", {}, {"mask": tensor("BOOL")})
    with pytest.raises(FileFormatError, match="'mask' holds bytes that are neither true nor false"):
        unpack(reseal(content[:-1] + b"\x02"), name="file", finite=False)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"rate": float("nan")}, "Out of range float"),
        ({"rate": 10**40}, "a whole number has 41 digits, at most 40 are read"),
        ({"name": "\ud800"}, "surrogates not allowed"),
        ({1: "a", "1": "b"}, "the key '1' occurs twice"),
        ({"text": "a" * 2**24}, "its description has .* bytes, at most 16777216 are read"),
    ],
)
def test_what_could_not_be_read_again_is_not_written(tmp_path, config, reason):
    with pytest.raises(DataError, match=f"of kind 'thing' cannot be put into a file: .*{reason}"):
        write_sealed(tmp_path / "a", "thing", config, {})
    assert list(tmp_path.iterdir()) == []


def test_nesting_has_an_end(tmp_path):
    config: dict = {}
    for _ in range(97):
        config = {"x": config}
    assert unpack(pack("thing", config, {}), name="file").config == config
    with pytest.raises(DataError, match="nested too deeply"):
        pack("thing", {"x": {"x": config}}, {})
    nest: list = []
    for _ in range(100_000):
        nest = [nest]
    with pytest.raises(DataError, match="cannot be put into a file"):
        pack("thing", {"x": nest}, {})


def test_a_tensor_that_is_none_is_not_written():
    with pytest.raises(DataError, match="of kind 'thing' cannot be put into a file"):
        pack("thing", {}, {"x": Tensor("F32", (3,), b"12")})


def test_a_file_that_exists_is_kept(tmp_path):
    write_sealed(tmp_path / "a", "thing", {"n": 1}, {})
    with pytest.raises(OutputError, match="a exists already and was kept"):
        write_sealed(tmp_path / "a", "thing", {"n": 2}, {})
    assert read_sealed(tmp_path / "a").config == {"n": 1}
    write_sealed(tmp_path / "a", "thing", {"n": 2}, {}, overwrite=True)
    assert read_sealed(tmp_path / "a").config == {"n": 2}


def test_another_kind_and_a_newer_layout_are_told(tmp_path):
    content = pack("thing", {}, {})
    with pytest.raises(FileFormatError, match="file holds 'thing', expected 'lstm' or 'rnn'"):
        unpack(content, name="file", kinds=["rnn", "lstm"])
    about, entries, data = take_apart(content)
    newer = put_together({**about, "version": 2}, entries, data)
    with pytest.raises(FileFormatError, match=r"layout version 2, .* reads up to 1\nhint: pip ins"):
        unpack(newer, name="file", kinds=["thing"])


START = b'{"__metadata__":{"gatework":"{\\"digest\\":\\"'
OTHERS = {
    "pickle": pickle.dumps({"weights": [1.0] * 99}),
    "pickle that would run": b"cos\nsystem\n(S'touch ran'\ntR." + b" " * 99,
    "text": b"week,faults\n" * 30,
    "zeros": bytes(1000),
    "header without end": b"\xff" * 8 + START + b"0" * 99,
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_another_program_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").write_bytes(OTHERS[name])
    with pytest.raises(FileFormatError, match="a is not a file that Gatework wrote"):
        read_sealed("a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_plain_safetensors_file_and_pickles_are_refused(tmp_path):
    save_file({f"tensor {number}": np.zeros(9) for number in range(9)}, tmp_path / "plain.bin")
    (tmp_path / "sheet").write_bytes(b"PK\x03\x04" + b"xl/workbook.xml" * 9)
    for name in ("plain.bin", "sheet"):
        said = f"{name} is not a file that Gatework wrote, or its start is damaged$"
        with pytest.raises(FileFormatError, match=said):
            read_sealed(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps([1] * 99))
    (tmp_path / "old").write_bytes(pickle.dumps([1] * 99, protocol=2))
    (tmp_path / "text.pth").write_bytes(pickle.dumps([1] * 99, protocol=0))
    for name in ("archive", "old", "text.pth"):
        with pytest.raises(FileFormatError, match=r"but a pickle, as .* may run code") as caught:
            read_sealed(tmp_path / name)
        own = f"'{name.removesuffix('.pth')}.safetensors'"
        assert f"safetensors.torch.save_model(model, {own})" in str(caught.value.hint)


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(FileFormatError, match=r"model\.safetensors is empty"):
        read_sealed(tmp_path / "model.safetensors")
    near = r"there is no file .*modle\.safetensors\nhint: did you mean .*/model\.safetensors\?"
    with pytest.raises(InputFileError, match=near) as caught:
        read_sealed(tmp_path / "modle.safetensors")
    assert isinstance(caught.value, OSError)
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    with pytest.raises(InputFileError, match=r"there is no file .*\nhint: check the name and the"):
        read_sealed(tmp_path / "missing" / "zzz")
    with pytest.raises(InputFileError, match="is a folder, expected a file"):
        read_sealed(tmp_path)
    with pytest.raises(InputFileError, match="/dev/zero is a device"):
        read_sealed("/dev/zero")
    with pytest.raises(InputFileError, match="cannot be read: Not a directory"):
        read_sealed(tmp_path / "model.safetensors" / "x")
    with pytest.raises(InputFileError, match="is not the name of a file"):
        read_sealed("a\0b")


def test_a_huge_file_of_another_size_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(pack("thing", {}, TENSORS))
    size = path.stat().st_size
    with path.open("ab") as file:
        file.truncate(2**40)  # no disk holds it, nor any memory
    said = f"longer than it was written: expected {size} bytes, found {2**40}"
    with pytest.raises(FileFormatError, match=said):
        read_sealed(path)


LITTLE_MEMORY = """
import resource
from gatework.errors import InputFileError
from gatework.storage import read_sealed

resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
try:
    read_sealed("a")
except InputFileError as error:
    print(error)
"""


def test_a_file_that_does_not_fit_into_memory(tmp_path):
    about, entries, _ = take_apart(pack("thing", {}, {"x": Tensor("U8", (1,), b"1")}))
    entries["x"] = {"dtype": "U8", "shape": [2**40], "data_offsets": [0, 2**40]}
    start = put_together(about, entries, b"")
    with (tmp_path / "a").open("wb") as file:
        file.write(start)
        file.truncate(len(start) + 2**40)
    done = subprocess.run(
        [sys.executable, "-c", LITTLE_MEMORY],
        cwd=tmp_path,
        env=os.environ | {"GATEWORK_MOST_GIB": "2000"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "a cannot be read: it does not fit into memory\n"
    with pytest.raises(InputFileError, match=r"a would take 1,024\.0 GiB of memory, more than 2"):
        read_sealed(tmp_path / "a")


def test_the_digest_is_over_the_whole_file_but_itself():
    content = pack("thing", CONFIG, TENSORS)
    about, _, _ = take_apart(content)
    assert reseal(content) == content
    assert content.count(about["digest"].encode()) == 1
    assert json.loads(json.dumps(about))["version"] == 1
