"""Sound, by soundfile: WAV, FLAC and others, mixed to a channel, at the rate of the features."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from gatework.errors import InputFileError, counted
from gatework.extras import needing
from gatework.recognize.readers.bad import BadFile, unreadable
from gatework.recognize.readers.channels import NO_SOUND, mixed, silent
from gatework.storage.limits import check_memory
from gatework.storage.reading import open_to_read

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".aif", ".aiff", ".au", ".mp3", ".opus"})
SHORT = "shorter than a window"
NAMED_IN = (SHORT, NO_SOUND)
"""How remarks on sounds begin that name the files."""
_SAMPLE, _MIXED = 4, 20
"""Bytes that a sample takes as it is read, and once channels are mixed and it has its rate."""
_OPEN_END = 0xFFFFFFFF
"""The size, beside 0, that programs write which did not know how much would come."""
MP3 = 0x55
"""The format of a WAV file that holds MP3."""
RATES = range(1000, 384_001)
"""Samples a second of what is sound."""
_SAID_RATES = f"{RATES[0]:,} to {RATES[-1]:,}"


def read_sound(path: Path, features: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the samples of a sound at the rate that features want, and what was done to it.

    Several channels are averaged, unless that would take the sound away. Another rate is converted
    by a polyphase filter. What is shorter than a window of the features, which fill it up with
    zeros, is remarked on, and so is silence.

    Shapes:
        returns: (S), float32, -1 to 1.

    Raises:
        BadFile: when it cannot be opened, is cut off, has no sample, or one that is no number.
        MissingDependencyError: without soundfile or scipy.
    """
    file = soundfile()
    try:
        with open_to_read(path) as (handle, size):
            if not size:
                raise BadFile("is empty")
            sizes = _check_wav(handle, size)
            handle.seek(0)
            source = _open_end(handle, *sizes) if sizes else handle
            with file.SoundFile(source) as opened:
                frames, rate = opened.frames, opened.samplerate
                if rate not in RATES:
                    raise BadFile(f"has {rate} samples a second, expected {_SAID_RATES}")
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
    mono, said = mixed(samples)
    done = [said] if said else []
    if silent(mono):
        done.append(NO_SOUND)
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


def _check_wav(file: BinaryIO, size: int) -> tuple[int, int] | None:
    """Check the size of a file and the parts of a WAV file.

    Returns:
        where a size of 0 stands for the rest of the file, and the rest; None where none does.

    Raises:
        BadFile: when sound is missing, which the library would pass over, or it is MP3.
    """
    head = file.read(28)
    long = _said_size(head)
    if long > size + 1:  # a program may leave out the byte that makes the last part even
        raise BadFile(f"is cut off: {counted(long - size, 'byte', be=True)} missing")
    file.seek(12)
    head = head[:12]
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    while len(chunk := file.read(8)) == 8:
        length = int.from_bytes(chunk[4:], "little")
        if chunk[:4] == b"data":
            rest = size - file.tell()
            if not length:
                return (file.tell() - 4, rest)
            if length != _OPEN_END and length > rest:
                raise BadFile(f"is cut off: {counted(length - rest, 'byte', be=True)} missing")
            return None
        begin = file.tell()
        if chunk[:4] == b"fmt " and int.from_bytes(file.read(2), "little") == MP3:
            raise BadFile("is MP3 inside a WAV file", "ffmpeg -i IN.wav -c:a pcm_s16le OUT.wav")
        file.seek(begin + length + length % 2)
    return None


def _said_size(head: bytes) -> int:
    """Return the bytes that an AIFF file, or a WAV file of 64 bits, says it has; 0 for others."""
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return int.from_bytes(head[4:8], "big") + 8
    if head[:4] == b"RF64" and head[12:16] == b"ds64":
        said = int.from_bytes(head[20:28], "little")
        return said + 8 if said not in (_OPEN_END, 2**64 - 1) else 0
    return 0


def _open_end(file: BinaryIO, place: int, rest: int) -> BinaryIO:
    """Return a WAV file that says how much sound it has, which a stream did not know."""
    data = bytearray(file.read())
    data[place : place + 4] = rest.to_bytes(4, "little")
    return io.BytesIO(bytes(data))


def _short(error: Exception) -> str:
    """Return the last part of an error, for the path stands before it already."""
    return str(error).rpartition(": ")[2] or type(error).__name__
