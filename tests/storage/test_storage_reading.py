"""The one way to open what a user names: at once, or refused as what it is."""

import ast
import gzip
import os
import re
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import pytest

import gatework
from gatework.errors import DataError, InputFileError
from gatework.storage import reading
from gatework.storage.limits import unpack_gzip
from gatework.storage.reading import open_to_read, read_bytes

ROOT = Path(gatework.__file__).parent
POSIX = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no such pipes")

OPENS = re.compile(
    r"open|read_(bytes|text|table|csv)|fromfile|loadtxt|genfromtxt|memmap|from_path|open_file"
    r"|connect|safe_open|load_file|ParquetFile|ZipFile|GzipFile|SoundFile|CalamineWorkbook"
)
"""Names of functions that may open a file."""
OURS = ("read_bytes", "read_table", "read_text")
KNOWN = {
    "storage/reading.py: path.open": "this is the one way",
    "system/descriptors.py: os.open": "by which others write, follow or wait",
    "system/names.py: os.open": "a folder, to flush it",
    "search/ledger.py: sqlite3.connect": "SQLite opens its own file, which is looked at before",
    "search/salvage.py: sqlite3.connect": "in memory",
    "tabular/arrow.py: pa_csv.read_csv": "of bytes that were read",
    "tabular/arrow.py: pq.read_table": "of bytes that were read",
    "recognize/readers/images.py: pil.open": "of a file that is open",
    "recognize/readers/arrays.py: archive.open": "in a file that is open",
    "tabular/arrow.py: pq.ParquetFile": "of bytes that were read",
    "tabular/sources.py: zipfile.ZipFile": "of bytes that were read",
    "tabular/workbook.py: zipfile.ZipFile": "of bytes that were read",
    "tabular/workbook.py: archive.open": "in bytes that were read",
    "tabular/date_words.py: NAMES.read_text": "a file of the package",
    "recognize/readers/arrays.py: zipfile.ZipFile": "of a file that is open",
    "recognize/readers/sound.py: file.SoundFile": "of a file that is open",
    "recognize/readers/tables.py: tabular.read_table": "by the one way",
    "life/cmapss.py: np.loadtxt": "of a text that was read",
    "bench/machine.py: CPUINFO.read_text": "what the system tells of itself",
    "bench/machine.py: Path(f'/proc/{process}/stat').read_text": "what the system tells of itself",
    "bench/machine.py: STAT.read_text": "what the system tells of itself",
    "system/processes.py: (CGROUPS / name).read_text": "what the system tells of itself",
    "bench/machine.py: (index / name).read_text": "what the system tells of itself",
    "cli/app.py: Path(os.devnull).open": "to write",
    "cli/studio.py: webbrowser.open": "a page",
    "studio/app.py: self.catalogue.open": "a model by its number",
    "studio/app.py: PAGES.joinpath(name).read_bytes": "a file of the package",
    "datasets/lanl.py: table.read_text": "a file of the package",
    "look/canvas/theme.py: sheet.read_text": "a file of the package",
    "look/language/catalogue.py: FOLDER.joinpath(f'{language}.po').read_text": "of the package",
    "look/canvas/script/__init__.py: (folder / name).read_text": "files of the package",
    "train/record.py: (self.folder / HISTORY).open": "to add to it",
    "forecast/local/each.py: path.open": "to add to it",
    "forecast/local/each.py: save(forecaster, Path(folder) / 'model.safetensors').read_bytes": (
        "what was just written"
    ),
}
"""Where files are opened otherwise, and why."""


def test_no_other_module_opens_files() -> None:
    found = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _may_open(node.func):
                called = ast.unparse(node.func)
                if "__file__" not in called:  # a file of the package, beside the module
                    found.add(f"{path.relative_to(ROOT).as_posix()}: {called}")
    assert sorted(found) == sorted(KNOWN)


def _may_open(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        return bool(OPENS.fullmatch(called.attr))
    name = getattr(called, "id", "")
    return bool(OPENS.fullmatch(name)) and name not in OURS


@POSIX
@pytest.mark.parametrize("pipes", [False, True])
def test_devices_and_silent_pipes_are_refused_as_what_they_are(
    tmp_path, monkeypatch, pipes
) -> None:
    monkeypatch.setattr(reading, "PATIENCE", 0.05)
    silent = tmp_path / "silent"
    os.mkfifo(silent)
    said = "a pipe into which nobody writes" if pipes else "a pipe, which is not an ordinary file"
    for path, what in ((Path("/dev/zero"), "a device"), (silent, said), (tmp_path, "a folder")):
        with pytest.raises(InputFileError, match=f"{path} is {what}"):
            read_bytes(path, pipes=pipes)


@POSIX
def test_a_pipe_that_is_written_to_is_read_to_its_end(tmp_path) -> None:
    path, content = tmp_path / "pipe", os.urandom(200_000)
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(content,))
    writer.start()
    with open_to_read(path, pipes=True) as (file, size):
        assert (file.read(3), size) == (content[:3], 0)
        assert file.read() == content[3:]
    writer.join()


def test_what_gzip_packed_is_as_gzip_unpacks_it() -> None:
    for content in (b"", b"a", os.urandom(3 << 20)):
        packed = gzip.compress(content, 1)
        assert unpack_gzip(packed + packed + bytes(5), "x") == content * 2
        with pytest.raises(DataError, match="'x' cannot be unpacked: it ends too early"):
            unpack_gzip(packed[:-3], "x")


BOMBS = """
import resource, sys
from pathlib import Path
from gatework.errors import GateworkError
from gatework.recognize.readers.arrays import read_arrays, read_idx
from gatework.tabular.table import read_table

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10

import pyarrow.parquet
before = peak()
for name, read in (("b.parquet", read_table), ("b.npz", read_arrays), ("b.npy", read_arrays),
                   ("b-images-idx3-ubyte.gz", read_idx), ("b.csv.gz", read_table)):
    try:
        print("read", len(read(Path(name)).columns))
    except GateworkError as error:
        print(str(error).replace(chr(10), " "))
print(peak() - before)
"""


@POSIX
def test_bombs_are_refused_before_they_take_memory(tmp_path) -> None:
    """Each unpacks to 300 MB and more where 100 are allowed; the system tells what was taken."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = pa.table({"v": pa.array([0.0] * 1_000_000)})
    with pq.ParquetWriter(tmp_path / "b.parquet", table.schema) as writer:
        for _ in range(5):
            writer.write_table(table)
    header = b"\x93NUMPY\1\0v\0{'descr': '<f8', 'fortran_order': False, 'shape': (40000, 1000), }"
    header = header.ljust(127) + b"\n"
    packed = zlib.compressobj(1, wbits=31)
    zeros = b"".join(packed.compress(bytes(1 << 20)) for _ in range(310)) + packed.flush()
    (tmp_path / "b.csv.gz").write_bytes(zeros)
    (tmp_path / "b-images-idx3-ubyte.gz").write_bytes(zeros)
    with (tmp_path / "b.npy").open("wb") as file:
        file.write(header)
        file.truncate(len(header) + 320_000_000)
    _zip(tmp_path / "b.npz", "X.npy", header, 320_000_000)
    done = subprocess.run(
        [sys.executable, "-c", BOMBS],
        cwd=tmp_path,
        env=os.environ | {"GATEWORK_MOST_GIB": "0.1"},
        capture_output=True,
        text=True,
        check=True,
    )
    *said, taken = done.stdout.splitlines()
    for line in said:
        assert re.search(r"(would take [\d.]+|holds more than 0\.1) GiB.*GATEWORK_MOST_GIB=", line)
    assert len(said) == 5
    assert int(taken) < 90


def _zip(path: Path, name: str, begin: bytes, zeros: int) -> None:
    import zipfile

    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(name, "w") as file,
    ):
        file.write(begin)
        for _ in range(zeros // 1_000_000):
            file.write(bytes(1_000_000))
