"""The microphone: by sounddevice where it is installed, or by a program that records."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import ExitStack
from typing import Any

import click

from gatework.errors import MissingDependencyError, OptionError
from gatework.extras import install

RECORDERS = {
    "arecord": ["-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", "{rate}"],
    "parec": ["--raw", "--format=s16le", "--channels=1", "--rate={rate}", "--latency-msec=50"],
    "rec": ["-q", "-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r", "{rate}", "-"],
}
"""Programs that record from the microphone of a system, those of ALSA, PulseAudio and SoX."""
HEARD_AT_ONCE = 0.02
"""Seconds that are waited for before they are looked at."""


def microphone(rate: int, stack: ExitStack) -> Any:
    """Return what gives samples of 16 bits as they are recorded, by ``read``, until ``stack`` ends.

    Raises:
        MissingDependencyError: when neither sounddevice nor a program that records is there.
        OptionError: when the system has no microphone of this rate.
    """
    try:
        import sounddevice  # pyright: ignore[reportMissingImports]
    except (ModuleNotFoundError, OSError):  # or the library under it is not installed
        return _recorder(rate, stack)
    try:
        stream = sounddevice.RawInputStream(samplerate=rate, channels=1, dtype="int16")
        return _Blocks(stack.enter_context(stream), max(1, round(HEARD_AT_ONCE * rate)))
    except sounddevice.PortAudioError as error:
        raise OptionError(
            f"the microphone cannot be opened at {rate} Hz: {error}",
            hint="python -m sounddevice lists what is there; --rate 44100 records so",
        ) from error


class _Blocks:
    """The samples of a stream of sounddevice, a block at a time."""

    def __init__(self, stream: Any, count: int) -> None:
        self.stream, self.count, self.lost = stream, count, False

    def read(self, size: int) -> bytes:
        """Return the bytes of the next block, however many are asked for."""
        block, lost = self.stream.read(self.count)
        if lost and not self.lost:
            click.echo("some sound was lost: it came faster than it could be heard", err=True)
            self.lost = True
        return bytes(block)


def _recorder(rate: int, stack: ExitStack) -> Any:
    program = next((name for name in RECORDERS if shutil.which(name)), None)
    if program is None:
        raise MissingDependencyError(
            "there is neither sounddevice nor a program that records: none of "
            f"{', '.join(RECORDERS)} was found",
            hint=f"{install('sounddevice')}, apt install alsa-utils, or pipe sound into the "
            "standard input",
        )
    words = [program, *(word.format(rate=rate) for word in RECORDERS[program])]
    recorder = stack.enter_context(subprocess.Popen(words, stdout=subprocess.PIPE))
    stack.callback(recorder.terminate)
    return recorder.stdout
