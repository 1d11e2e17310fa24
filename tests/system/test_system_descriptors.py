"""Descriptors: bytes as they are, on systems that would translate them, too."""

import os
import sys
from pathlib import Path

import pytest
from simulated_windows import Kernel

from gatework.storage import atomic_write
from gatework.system import descriptors, windows
from gatework.watch.session import OutFile

LINES = b"one\ntwo\r\n\x1a\n"
BINARY = 0x8000
"""What O_BINARY is on Windows; on Linux it allows for large files, which all files may be."""


@pytest.fixture
def opened(monkeypatch, tmp_path) -> list[int]:
    """Return the flags of all that is opened, on a system that has O_BINARY."""
    flags = []

    def note(path, how, *mode, real=os.open):
        flags.append(how)
        return real(path, how, *mode)

    monkeypatch.setattr(os, "O_BINARY", BINARY, raising=False)
    monkeypatch.setattr(os, "open", note)
    return flags


@pytest.mark.parametrize("overwrite", [True, False])
def test_what_is_written_at_once_is_opened_as_bytes(opened, tmp_path, overwrite) -> None:
    atomic_write(tmp_path / "lines", LINES, overwrite=overwrite)
    assert (tmp_path / "lines").read_bytes() == LINES
    written = [how for how in opened if how & os.O_WRONLY]
    assert written
    assert all(how & BINARY for how in written)


def test_what_is_added_and_followed_is_opened_as_bytes(opened, tmp_path) -> None:
    out = OutFile(tmp_path / "out.txt")
    out.write("one\n")
    out.close()
    os.close(descriptors.follow(tmp_path / "out.txt"))
    os.close(descriptors.create_or_open(tmp_path / "lock"))
    first, _folder, *others = opened
    assert all(how & BINARY for how in (first, *others))
    assert (tmp_path / "out.txt").read_bytes() == b"one\n"


def test_permissions_without_fchmod(monkeypatch, tmp_path) -> None:
    target = tmp_path / "kept"
    target.write_bytes(b"")
    target.chmod(0o640)
    monkeypatch.delattr(os, "fchmod")
    atomic_write(target, b"new")
    assert target.stat().st_mode & 0o777 == 0o640
    assert target.read_bytes() == b"new"


@pytest.fixture
def on_windows(monkeypatch) -> Kernel:
    """Let a file be followed by what stands in for Windows."""
    kernel = Kernel(monkeypatch)
    monkeypatch.setattr(descriptors, "sys", kernel.python)
    return kernel


@pytest.mark.skipif(sys.platform == "win32", reason="Windows itself is there")
def test_windows_lets_others_rename_what_is_followed(on_windows, tmp_path) -> None:
    path = tmp_path / "growing.csv"
    path.write_bytes(LINES)
    descriptor = descriptors.follow(path)
    assert os.read(descriptor, 100) == LINES
    os.close(descriptor)
    (asked,) = on_windows.called("CreateFileW")
    assert asked[0] == str(path)
    assert asked[2] == windows.SHARE_READ_WRITE_DELETE


@pytest.mark.skipif(sys.platform == "win32", reason="Windows itself is there")
def test_windows_tells_of_a_file_that_is_not_there(on_windows) -> None:
    with pytest.raises(FileNotFoundError):
        descriptors.follow(Path("nowhere.csv"))


def test_a_pipe_is_ready_where_there_is_more_or_its_end(monkeypatch) -> None:
    ours, theirs = os.pipe()
    assert not descriptors.is_ready(ours, 0.0)
    os.write(theirs, b"1\n")
    assert descriptors.is_ready(ours, 0.0)
    os.read(ours, 10)
    os.close(theirs)
    assert descriptors.is_ready(ours, 0.0)

    def refused(*arguments):
        raise OSError(10038, "An operation was attempted on something that is not a socket")

    monkeypatch.setattr(descriptors.select, "select", refused)
    assert not descriptors.is_ready(ours, 0.0)
    os.close(ours)
