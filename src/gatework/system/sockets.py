"""Sockets that listen: a port that is free can be had at once, and by one process only."""

from __future__ import annotations

import os
import socket


def claim(listening: socket.socket) -> None:
    """Set up a socket before it is bound.

    A port whose last connection has just ended counts as taken for a while, unless the address may
    be used again; on Windows that same option would share it with a process that listens.
    """
    if os.name == "posix":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    elif exclusive := getattr(socket, "SO_EXCLUSIVEADDRUSE", None):
        listening.setsockopt(socket.SOL_SOCKET, exclusive, 1)
