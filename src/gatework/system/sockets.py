"""Sockets that listen: on which interface, and on a port that no other process takes meanwhile."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
from typing import Any

fcntl: Any = None
with contextlib.suppress(ImportError):  # Windows has none
    import fcntl

LOOPBACK = "127.0.0.1"
_ADDRESS_OF = {"linux": 0x8915, "darwin": 0xC0206921}
"""SIOCGIFADDR, which asks for the IPv4 address of an interface."""


def claim(listening: socket.socket) -> None:
    """Set up a socket before it is bound.

    A port whose last connection has just ended counts as taken for a while, unless the address may
    be used again; on Windows that same option would share it with a process that listens.
    """
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    elif exclusive := getattr(socket, "SO_EXCLUSIVEADDRUSE", None):
        listening.setsockopt(socket.SOL_SOCKET, exclusive, 1)


def interfaces() -> dict[str, str]:
    """Return the IPv4 address of each network interface by its name, as far as it can be asked."""
    found = {}
    request = _ADDRESS_OF.get(sys.platform)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _, name in socket.if_nameindex() if fcntl and request else ():
            with contextlib.suppress(OSError):  # an interface may have no address
                told = fcntl.ioctl(any_socket, request, struct.pack("32s", name.encode()))
                found[name] = socket.inet_ntoa(told[20:24])
    return found


def loopback() -> str:
    """Return the name of the interface by which only this machine can be reached."""
    return next((name for name, address in interfaces().items() if address == LOOPBACK), "lo")


def listen_on(address: str) -> socket.socket:
    """Return a socket that listens at an address, on a port that was free."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.bind((address, 0))
        listening.listen()
    except BaseException:
        listening.close()
        raise
    return listening
