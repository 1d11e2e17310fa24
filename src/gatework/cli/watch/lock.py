"""One watch for one state: a lock that ends with the process, however it ends."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from gatework.errors import OutputError
from gatework.system.descriptors import create_or_open
from gatework.system.locks import lock


@contextlib.contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the lock of a state: an empty hidden file beside it, ``.STATE.lock``.

    Raises:
        OutputError: another watch holds it, or the folder cannot be written to.
    """
    path = state.with_name(f".{state.name}.lock")
    try:
        descriptor = create_or_open(path)
    except OSError as error:
        raise OutputError(
            f"{state} cannot be written: {error.strerror or error}",
            hint="create the folder first, or choose a place that you can write to",
        ) from error
    try:
        if not lock(descriptor):
            raise OutputError(
                f"another gatework watch is writing {state}", hint="give each its own --state"
            )
        yield
    finally:
        os.close(descriptor)
