"""What nobody foresaw: a sentence for the user, and all there is to know of it in a log file."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import tempfile
import traceback
from importlib.metadata import version

EXIT_CODE = 70
"""Of a command that failed by a mistake of ours, as sysexits has it."""


def debugging() -> bool:
    """Return whether GATEWORK_DEBUG asks for tracebacks in the place of sentences."""
    return os.environ.get("GATEWORK_DEBUG", "") not in ("", "0")


def told(error: BaseException) -> tuple[str, str]:
    """Return a sentence and a hint for an exception that is a mistake of ours, and log it."""
    if isinstance(error, MemoryError):
        return "there is not enough memory for this", "less data, or a smaller model"
    said = str(error).strip().partition("\n")[0][:200]
    kind = type(error).__name__
    sentence = f"Gatework met what it did not foresee: {kind}{f', {said}' if said else ''}"
    path = _log(error)
    if path is None:
        return sentence, "GATEWORK_DEBUG=1 shows where"
    return sentence, f"{path} tells where; please report it with that file"


def _log(error: BaseException) -> str | None:
    """Write the traceback to a file that only this user can read; None where there is no place."""
    about = (
        f"gatework {version('gatework')}, Python {sys.version}, {platform.platform()}\n"
        f"arguments: {sys.argv[1:]!r}\n"
    )
    text = about + "".join(traceback.format_exception(error))
    with contextlib.suppress(OSError):
        descriptor, path = tempfile.mkstemp(prefix="gatework-", suffix=".log")
        os.write(descriptor, text.encode(errors="backslashreplace"))
        os.close(descriptor)
        return path
    return None
