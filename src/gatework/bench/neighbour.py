"""A program that takes a core beside what is measured, as on a machine that others use, too."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# It ends by itself where whoever measures was killed.
PROGRAM = """\
import os, signal
signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: it is ended when all is over
parent = os.getppid()
while os.getppid() == parent:
    pass
"""


@contextmanager
def neighbour() -> Iterator[subprocess.Popen[bytes]]:
    """Let a program compute without pause within the block."""
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", PROGRAM]) as program:
        try:
            yield program
        finally:
            program.kill()
