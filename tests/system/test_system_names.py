"""Names: replacing what somebody reads, and never what has come meanwhile."""

import os
from pathlib import Path

import pytest
from simulated_windows import Kernel

from gatework.errors import OutputError
from gatework.storage import atomic_write
from gatework.system import names


@pytest.fixture
def on_windows(monkeypatch) -> None:
    monkeypatch.setattr(names, "sys", Kernel.python)


@pytest.mark.usefixtures("on_windows")
def test_a_file_that_is_open_is_replaced_once_it_is_closed(monkeypatch, tmp_path) -> None:
    refused = iter([True, True, False])

    def replace(source, target, real=os.replace):
        if next(refused):
            raise PermissionError(13, "The process cannot access the file")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    atomic_write(tmp_path / "read by many", b"new")
    assert (tmp_path / "read by many").read_bytes() == b"new"


@pytest.mark.usefixtures("on_windows")
def test_a_file_that_stays_open_is_kept(monkeypatch, tmp_path) -> None:
    def replace(source, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(names, "PATIENCE", 0.0)
    with pytest.raises(OutputError, match="cannot be written: Permission denied"):
        atomic_write(tmp_path / "kept", b"new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("on_windows")
def test_a_new_name_is_taken_by_a_rename_that_never_replaces(monkeypatch, tmp_path) -> None:
    def rename(source, target, real=os.rename):
        if Path(target).exists():
            raise FileExistsError(17, "Cannot create a file when that file already exists")
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    monkeypatch.delattr(os, "link")
    atomic_write(tmp_path / "new", b"first", overwrite=False)
    source = tmp_path / "second"
    source.write_bytes(b"second")
    with pytest.raises(FileExistsError):
        names.name_new(source, tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"first"
