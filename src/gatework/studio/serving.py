"""Serving the studio: the socket, who may call, and the address that is printed."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn

from gatework.errors import OptionError
from gatework.studio.app import studio_app
from gatework.studio.guard import LOOPBACK, address_of
from gatework.studio.slow import TimedProtocol
from gatework.system.sockets import claim

MOST_CONNECTIONS = 200
"""At a time; more are told to come back."""


def serve(
    models: Sequence[str | Path] = (),
    *,
    runs: Sequence[str | Path] = (),
    data: str | Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8765,
    ready: Callable[[str], None] = print,
) -> None:
    """Serve the studio until it is interrupted.

    On another address than the loopback one a token is asked for, which is part of the address
    that is told.

    Args:
        models: model files that can be chosen; no other file is opened.
        runs: folders of recorded trainings that can be watched.
        data: a file that the models are opened with.
        host: address to listen on.
        port: to listen on, 0 for any that is free.
        ready: is told the address to open once connections are taken.

    Raises:
        OptionError: the address or port cannot be had.
    """
    listening = listen(host, port)
    with listening:
        number = listening.getsockname()[1]
        alone, address = host in LOOPBACK, address_of(host)
        anywhere = address is not None and address.is_unspecified
        token = None if alone else secrets.token_urlsafe(24)
        app = studio_app(
            models,
            runs=runs,
            data=data,
            hosts=(*LOOPBACK, host, *([] if alone else [socket.gethostname()])),
            any_address=anywhere,
            token=token,
        )
        shown = socket.gethostname() if anywhere else host
        shown = f"[{shown}]" if ":" in shown else shown
        ready(f"http://{shown}:{number}/" + (f"?token={token}" if token else ""))
        # Event streams never end by themselves; a second is enough to let pictures finish.
        config = uvicorn.Config(
            app,
            http=TimedProtocol,
            ws="none",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
            limit_concurrency=MOST_CONNECTIONS,
        )
        uvicorn.Server(config).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections, which the caller closes.

    Raises:
        OptionError: the address or port cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, for asyncio lets small answers wait 40 ms (Nagle) on a socket that is not.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        claim(listening)
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise OptionError(
            f"the studio cannot listen on {host}, port {port}: {error.strerror or error}",
            hint="--port 0 takes any that is free",
        ) from error
    return listening
