"""Sound, by soundfile: WAV, FLAC and others, mixed to a channel, at the rate of the features."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from gatework.errors import InputFileError
from gatework.extras import needing
from gatework.recognize.readers.bad import BadFile, unreadable
from gatework.storage.limits import check_memory
from gatework.storage.reading import open_to_read

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".aif", ".aiff", ".au", ".mp3", ".opus"})
SHORT = "shorter than a window"
"""How the remark on a sound begins that is filled up; the files are named."""
_SAMPLE, _MIXED = 4, 20
"""Bytes that a sample takes as it is read, and once channels are mixed and it has its rate."""
_OPEN_END = (0, 0xFFFFFFFF)
"""Sizes that programs write which did not know how much would come."""


def read_sound(path: Path, features: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the samples of a sound at the rate that features want, and what was done to it.

    Several channels are averaged. Another rate is converted by a polyphase filter. What is shorter
    than a window of the features, which fill it up with zeros, is remarked on.

    Shapes:
        returns: (S), float32, -1 to 1.

    Raises:
        BadFile: when it cannot be opened, is cut off, has no sample, or one that is no number.
        MissingDependencyError: without soundfile or scipy.
    """
    file = soundfile()
    try:
        with open_to_read(path) as (handle, size):
            if (missing := _missing_bytes(handle, size)) > 0:
                raise BadFile(f"is cut off: {missing} bytes of sound are missing")
            handle.seek(0)
            with file.SoundFile(handle) as opened:
                frames, rate = opened.frames, opened.samplerate
                again = max(1.0, features.rate / rate)
                check_memory(str(path), frames * (_SAMPLE * opened.channels + _MIXED * again))
                samples = opened.read(dtype="float32", always_2d=True)
    except InputFileError as error:
        raise unreadable(error, path) from None
    except (file.SoundFileError, OSError, ValueError) as error:
        raise BadFile(f"is no sound, or is damaged: {_short(error)}") from None
    if path.suffix.lower() != ".mp3" and len(samples) < frames:
        raise BadFile(f"is cut off: {frames - len(samples)} of {frames} samples are missing")
    if not len(samples):
        raise BadFile("has no sample")
    if not np.isfinite(samples).all():
        raise BadFile("has a sample that is not a finite number")
    done = []
    if samples.shape[1] > 1:
        done.append("several channels were averaged")
    mono = samples.mean(axis=1, dtype=np.float64)
    if rate != features.rate:
        done.append(f"resampled from {rate} Hz to {features.rate} Hz")
        mono = resampled(mono, rate, features.rate)
    if len(mono) < features.window_samples:
        done.append(f"{SHORT} of {features.window:g} s, and filled up with silence")
    return mono.astype(np.float32), tuple(done)


def sound_rate(path: Path) -> int:
    """Return the samples a second of a file.

    Raises:
        BadFile: when it cannot be opened.
    """
    file = soundfile()
    try:
        with open_to_read(path) as (handle, _), file.SoundFile(handle) as opened:
            return opened.samplerate
    except InputFileError as error:
        raise unreadable(error, path) from None
    except (file.SoundFileError, OSError) as error:
        raise BadFile(f"is no sound, or is damaged: {_short(error)}") from None


def resampled(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Return samples (S) at another rate, of the same duration.

    Example:
        >>> len(resampled(np.zeros(44100), 44100, 8000))
        8000
    """
    told = "sound of another rate needs the package scipy"
    with needing("scipy", told, part="recognize"):
        from scipy.signal import resample_poly
    common = math.gcd(rate, wanted)
    return np.asarray(resample_poly(samples, wanted // common, rate // common))


def soundfile() -> Any:
    """Return the module soundfile.

    Raises:
        MissingDependencyError: when it, or the library under it, is not installed.
    """
    with needing("soundfile", "sound needs the package soundfile"):
        import soundfile as module
    return module


def _missing_bytes(file: BinaryIO, size: int) -> int:
    """Return how many bytes of sound a WAV file lacks, which the library would pass over."""
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return 0
    while len(chunk := file.read(8)) == 8:
        length = int.from_bytes(chunk[4:], "little")
        if chunk[:4] == b"data":
            return 0 if length in _OPEN_END else file.tell() + length - size
        file.seek(length + length % 2, 1)
    return 0


def _short(error: Exception) -> str:
    """Return the last part of an error, for the path stands before it already."""
    return str(error).rpartition(": ")[2] or type(error).__name__
