"""Signals, sockets and the standard output where a system lacks what others have."""

import io
import signal
import socket

import pytest
from simulated_windows import Kernel

from gatework.system import console, signals, sockets


@pytest.fixture
def stream() -> io.TextIOWrapper:
    """Return a standard output that goes to a file, as Windows makes it in Western Europe."""
    return io.TextIOWrapper(io.BytesIO(), encoding="cp1252", newline="\r\n")


def written(stream) -> bytes:
    console.prepare(stream)
    stream.write("预测 3,5\n")
    stream.flush()
    return stream.buffer.getvalue()


def test_what_windows_hands_on_is_utf_8_with_plain_ends(monkeypatch, stream) -> None:
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    monkeypatch.setattr(console, "sys", Kernel.python)
    assert written(stream) == "预测 3,5\n".encode()


def test_an_encoding_that_was_asked_for_stays(monkeypatch, stream) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    monkeypatch.setattr(console, "sys", Kernel.python)
    assert written(stream) == b"?? 3,5\r\n"


def test_elsewhere_the_encoding_is_that_of_the_system(stream) -> None:
    assert written(stream) == b"?? 3,5\r\n"


def test_without_a_mask_of_signals_work_begins_all_the_same(monkeypatch) -> None:
    monkeypatch.setattr(signals, "HELD", False)
    monkeypatch.delattr(signal, "pthread_sigmask")
    before = signal.getsignal(signal.SIGINT)
    try:
        with signals.interrupts_held():
            signals.ignore_interrupts()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_port_of_windows_is_not_shared(monkeypatch) -> None:
    """There SO_REUSEADDR lets another program listen on the same port."""
    asked = []
    listening = type("Listening", (), {"setsockopt": lambda self, *how: asked.append(how)})()
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", -5, raising=False)
    monkeypatch.setattr(sockets, "os", type("nt", (), {"name": "nt"}))
    sockets.claim(listening)  # pyright: ignore[reportArgumentType]
    assert asked == [(socket.SOL_SOCKET, -5, 1)]
