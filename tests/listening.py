"""At which addresses processes listen, as the system tells it."""

import socket
import struct
from collections.abc import Iterable
from pathlib import Path

TOLD = Path("/proc/net/tcp")
LISTENS = "0A"


def listening(processes: Iterable[int | None]) -> set[str]:
    """Return the addresses at which some processes listen; ``TOLD`` is there on Linux alone."""
    held = set()
    for process in processes:
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            try:
                held.add(str(descriptor.readlink()))
            except OSError:  # closed meanwhile
                continue
    found = set()
    for told in (TOLD, TOLD.with_name("tcp6")):
        for line in told.read_text().splitlines()[1:] if told.exists() else ():
            words = line.split()
            if words[3] == LISTENS and f"socket:[{words[9]}]" in held:
                found.add(_address(words[1].partition(":")[0]))
    return found


def _address(told: str) -> str:
    """Return an address from its words of four bytes, each as a number of this machine."""
    words = [int(told[at : at + 8], 16) for at in range(0, len(told), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, struct.pack(f"={len(words)}I", *words))
