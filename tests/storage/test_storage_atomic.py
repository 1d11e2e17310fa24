"""Atomic writing: all or nothing, whatever goes wrong."""

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from gatework.errors import OutputError
from gatework.storage import atomic_write


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("size", [0, 1, 1_000_000])
def test_writes_and_replaces(tmp_path, size):
    content = os.urandom(size)
    atomic_write(tmp_path / "a", b"before")
    atomic_write(tmp_path / "a", memoryview(content))
    assert (tmp_path / "a").read_bytes() == content
    assert names(tmp_path) == ["a"]


def test_writes_all_where_the_system_takes_little_at_a_time(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda where, data: write(where, data[:7]))
    atomic_write(tmp_path / "a", bytes(range(100)))
    assert (tmp_path / "a").read_bytes() == bytes(range(100))


def test_keeps_a_file_that_exists(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"before")
    with pytest.raises(OutputError, match=r"a exists already and was kept\nhint: .*--overwrite"):
        atomic_write(path, b"after", overwrite=False)
    assert path.read_bytes() == b"before"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("hard_links", [True, False])
def test_of_many_writers_at_once_one_wins(tmp_path, monkeypatch, hard_links):
    if not hard_links:
        monkeypatch.setattr(os, "link", failing(errno.EPERM))
    outcomes: list[bytes | None] = []
    start = threading.Barrier(8)

    def write(content: bytes) -> None:
        start.wait()
        try:
            atomic_write(tmp_path / "a", content, overwrite=False)
            outcomes.append(content)
        except OutputError:
            outcomes.append(None)

    threads = [threading.Thread(target=write, args=(bytes([n]) * 9999,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [content for content in outcomes if content is not None]
    assert len(outcomes) == 8
    assert [(tmp_path / "a").read_bytes()] == won
    assert names(tmp_path) == ["a"]


def test_a_file_that_comes_meanwhile_is_kept(tmp_path, monkeypatch):
    flush = os.fsync

    def late(descriptor: int) -> None:
        flush(descriptor)
        (tmp_path / "a").write_bytes(b"another's")

    monkeypatch.setattr(os, "fsync", late)
    with pytest.raises(OutputError, match="exists already and was kept"):
        atomic_write(tmp_path / "a", b"ours", overwrite=False)
    assert (tmp_path / "a").read_bytes() == b"another's"
    assert names(tmp_path) == ["a"]


def failing(number: int):
    def fail(*_args, **_named):
        raise OSError(number, os.strerror(number))

    return fail


FAILURES = [
    ("open", errno.EACCES, "Permission denied", "choose a place that you can write to"),
    ("open", errno.EROFS, "Read-only file system", "choose a place that you can write to"),
    ("write", errno.ENOSPC, "No space left on device", "free some space .* is intact"),
    ("write", errno.EDQUOT, "Disk quota exceeded", "free some space .* is intact"),
    ("write", errno.EIO, "Input/output error", "choose a place"),
    ("fsync", errno.ENOSPC, "No space left on device", "free some space .* is intact"),
    ("fsync", errno.EIO, "Input/output error", "choose a place"),
    ("replace", errno.EACCES, "Permission denied", "choose a place"),
]


@pytest.mark.parametrize(("call", "number", "reason", "hint"), FAILURES)
def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch, call, number, reason, hint):
    path = tmp_path / "a"
    path.write_bytes(b"before")
    monkeypatch.setattr(os, call, failing(number))
    with pytest.raises(OutputError, match=f"a cannot be written: {reason}\nhint: {hint}"):
        atomic_write(path, b"after" * 100)
    monkeypatch.undo()
    assert path.read_bytes() == b"before"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("call", ["open", "write", "fsync", "link"])
def test_a_failure_leaves_nothing_where_nothing_was(tmp_path, monkeypatch, call):
    monkeypatch.setattr(os, call, failing(errno.ENOSPC))
    with pytest.raises(OutputError, match="No space left on device"):
        atomic_write(tmp_path / "a", b"new", overwrite=False)
    monkeypatch.undo()
    assert names(tmp_path) == []


def test_a_failure_without_hard_links_gives_the_name_back(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    monkeypatch.setattr(os, "replace", failing(errno.EIO))
    with pytest.raises(OutputError, match="Input/output error"):
        atomic_write(tmp_path / "a", b"new", overwrite=False)
    assert names(tmp_path) == []


def test_interrupting_leaves_no_temporary_file(tmp_path, monkeypatch):
    def interrupt(_descriptor: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a").write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        atomic_write(tmp_path / "a", b"after")
    assert (tmp_path / "a").read_bytes() == b"before"
    assert names(tmp_path) == ["a"]


LIMITED = """
import resource, sys
from gatework.errors import OutputError
from gatework.storage import atomic_write

resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
for overwrite, path in ((True, sys.argv[1]), (False, sys.argv[2])):
    try:
        atomic_write(path, bytes(200_000), overwrite=overwrite)
    except OutputError as error:
        print(error)
"""


def test_a_write_that_really_fails_midway(tmp_path):
    (tmp_path / "old").write_bytes(b"before")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "old", "new"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    cure = "hint: free some space or choose another place; what was there before is intact"
    assert done.stdout.splitlines() == [
        "old cannot be written: File too large",
        cure,
        "new cannot be written: File too large",
        cure,
    ]
    assert (tmp_path / "old").read_bytes() == b"before"
    assert names(tmp_path) == ["old"]


MOUNTED = """
set -e
mount -t tmpfs -o size=64k none full
mount -t tmpfs none closed
printf before > full/a
printf before > closed/a
mount -o remount,ro closed
{python} -c "$PROGRAM" full/a || true
{python} -c "$PROGRAM" closed/a || true
cat full/a closed/a
ls -A full closed
"""
PROGRAM = """
import sys
from gatework.storage import atomic_write
try:
    atomic_write(sys.argv[1], bytes(200_000))
except OSError as error:
    print(error.message)
"""


def test_a_disk_that_is_really_full_or_read_only(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "closed").mkdir()
    command = ["unshare", "-rm", "sh", "-c", MOUNTED.format(python=sys.executable)]
    try:
        mount = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", tmp_path]
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this machine lets nobody but the superuser mount a disk")
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"PROGRAM": PROGRAM},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "full/a cannot be written: No space left on device",
        "closed/a cannot be written: Read-only file system",
        "beforebeforeclosed:",
        "a",
        "",
        "full:",
        "a",
    ]


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"No such file or directory\nhint: create the folder"):
        atomic_write(tmp_path / "missing" / "a", b"new")
    with pytest.raises(OutputError, match=r"Not a directory\nhint: create the folder"):
        atomic_write(tmp_path / "file" / "a", b"new")
    with pytest.raises(OutputError, match="is a folder, expected the name of a file"):
        atomic_write(tmp_path, b"new")
    with pytest.raises(OutputError, match="File name too long"):
        atomic_write(tmp_path / ("a" * 256), b"new")
    with pytest.raises(OutputError, match="is not the name of a file"):
        atomic_write(str(tmp_path / "a\0b"), b"new")
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_is_read_only(tmp_path):
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(OutputError, match=r"Permission denied\nhint: choose a place"):
            atomic_write(tmp_path / "a", b"new")
    finally:
        tmp_path.chmod(0o755)
    assert names(tmp_path) == []


KILLED = """
import os, sys
from gatework.storage import atomic_write
from gatework.system import names

def stay(*paths):
    print("written", flush=True)
    sys.stdin.read()

names.replace = stay
atomic_write("a", b"new")
"""


def _line(process: subprocess.Popen) -> bytes:
    assert process.stdout is not None
    return process.stdout.readline()


def test_what_a_killed_writer_left_is_swept_and_that_of_a_living_one_kept(tmp_path):
    begun = [sys.executable, "-c", KILLED]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(begun, cwd=tmp_path, **pipes) as one:
        assert _line(one) == b"written\n"
        one.kill()
    (tmp_path / ".b.0123456789ab.part").write_bytes(b"of another name")
    with subprocess.Popen(begun, cwd=tmp_path, **pipes) as living:
        assert _line(living) == b"written\n"
        atomic_write(tmp_path / "a", b"one")
        there = [name for name in names(tmp_path) if name.startswith(".a.")]
        assert len(there) == 1  # of the one that lives
        living.communicate()
    assert names(tmp_path) == [".b.0123456789ab.part", "a"]


def test_a_pipe_is_not_replaced_by_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match="pipe cannot be written: it is not an ordinary file"):
        atomic_write(tmp_path / "pipe", b"new")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert names(tmp_path) == ["pipe"]


def test_permissions_follow_the_umask_and_survive_a_replacement(tmp_path):
    path = tmp_path / "a"
    before = os.umask(0o027)
    try:
        atomic_write(path, b"one")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        path.chmod(0o600)
        atomic_write(path, b"two")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_a_symbolic_link_stays_one(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(Path("folder", "target"))
    atomic_write(tmp_path / "link", b"one", overwrite=False)
    atomic_write(tmp_path / "link", b"two")
    with pytest.raises(OutputError, match="exists already"):
        atomic_write(tmp_path / "link", b"three", overwrite=False)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder" / "target").read_bytes() == b"two"
    assert names(tmp_path / "folder") == ["target"]


def test_a_symbolic_link_to_itself_is_refused(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OutputError, match="loop cannot be written"):
        atomic_write(tmp_path / "loop", b"one")
    assert names(tmp_path) == ["loop"]


@pytest.mark.parametrize("name", ["name with spaces", "障害予測モデル" * 12, "-rf", "a" * 255])
def test_names_of_every_kind(tmp_path, name):
    atomic_write(tmp_path / name, b"one", overwrite=False)
    atomic_write(tmp_path / name, b"two")
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"two"
