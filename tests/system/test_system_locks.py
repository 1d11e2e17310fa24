"""Locks: one holder at a time, by whatever the system has."""

import errno
import os
from types import SimpleNamespace

import pytest

from gatework.cli.watch.lock import locked
from gatework.errors import OutputError
from gatework.system import locks


@pytest.fixture
def msvcrt(monkeypatch) -> None:
    """Take the lock of this system for that of Windows, which tells of a holder in another way."""
    held = set()

    def locking(descriptor, mode, count):
        assert (mode, count) == (2, 1)
        file = os.fstat(descriptor).st_ino
        if file in held:
            raise PermissionError(errno.EACCES, "Permission denied")
        held.add(file)

    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setattr(locks, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))


def test_one_watch_holds_a_state(tmp_path) -> None:
    state = tmp_path / "state"
    refused = pytest.raises(OutputError, match="another gatework watch is writing")
    with locked(state), refused, locked(state):
        pass
    with locked(state):
        pass


@pytest.mark.usefixtures("msvcrt")
def test_one_watch_holds_a_state_on_windows(tmp_path) -> None:
    state = tmp_path / "state"
    refused = pytest.raises(OutputError, match="another gatework watch is writing")
    with locked(state), refused, locked(state):
        pass


def test_what_is_no_holder_is_an_error(monkeypatch, tmp_path) -> None:
    def flock(descriptor, how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(locks, "fcntl", SimpleNamespace(flock=flock, LOCK_EX=2, LOCK_NB=4))
    with pytest.raises(OSError, match="No locks available"), locked(tmp_path / "state"):
        pass


def test_a_system_without_locks_goes_on(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setattr(locks, "msvcrt", None)
    with locked(tmp_path / "state"), locked(tmp_path / "state"):
        pass
