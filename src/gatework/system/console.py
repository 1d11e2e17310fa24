"""The standard output: a character that cannot be shown is no failure."""

from __future__ import annotations

import io
import os
import sys


def prepare(stream: io.TextIOWrapper) -> None:
    """Let a stream take any text; what Windows hands to a file or a program is UTF-8 as ours is.

    There it would be the code page of the system otherwise, with two bytes for the end of a line.
    PYTHONIOENCODING stands above this.
    """
    stream.reconfigure(errors="replace")
    if sys.platform == "win32" and not stream.isatty() and "PYTHONIOENCODING" not in os.environ:
        stream.reconfigure(encoding="utf-8", newline="\n")
