"""Bytes of sound as they come through a pipe: a WAV file, or samples alone."""

from __future__ import annotations

import struct

import numpy as np

from gatework.errors import DataError

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_SCALES = {16: ("<i2", 2.0**15), 32: ("<i4", 2.0**31)}


class Pcm:
    """Turn bytes into samples, one channel from -1 to 1.

    What begins with RIFF is a WAV file, and tells its rate itself; anything else is samples of 16
    bits, the low byte first, of one channel.

    Args:
        rate: samples a second where they come alone.

    Attributes:
        rate: samples a second; known after the first samples.

    Example:
        >>> Pcm(8000).push(np.array([0, 16384], "<i2").tobytes()).tolist()
        [0.0, 0.5]
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._bytes = b""
        self._dtype, self._scale, self._channels = "<i2", 2.0**15, 1
        self._headed = False

    def push(self, data: bytes) -> np.ndarray:
        """Return the samples (m) that more bytes complete, several channels averaged.

        Raises:
            DataError: when a WAV file is of a kind that is not read, or no WAV file after all.
        """
        self._bytes += data
        if not self._headed and not self._header():
            return np.zeros(0)
        step = self._channels * np.dtype(self._dtype).itemsize
        whole = len(self._bytes) // step * step
        found = np.frombuffer(self._bytes[:whole], self._dtype).astype(np.float64) / self._scale
        self._bytes = self._bytes[whole:]
        samples = found.reshape(-1, self._channels).mean(axis=1)
        if not np.isfinite(samples).all():
            raise DataError("the stream has a sample that is not a finite number")
        return samples

    def _header(self) -> bool:
        """Read the header of a WAV file as soon as it is whole, and return whether it is."""
        data = self._bytes
        if data[:4] != b"RIFF"[: len(data)]:
            self._headed = True
            return True
        place = 12
        while len(data) >= place + 8:
            name, size = struct.unpack("<4sI", data[place : place + 8])
            if name == b"data":
                self._bytes, self._headed = data[place + 8 :], True
                return True
            if len(data) < place + 8 + size:
                return False
            if name == b"fmt ":
                self._format(data[place + 8 : place + 8 + size])
            place += 8 + size + size % 2
            if place > 2**20:
                raise DataError("the stream begins as a WAV file but has no samples in it")
        return False

    def _format(self, part: bytes) -> None:
        if len(part) < 16:
            raise DataError("the header of the WAV stream is damaged")
        kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", part[:16])
        if kind == _EXTENSIBLE and len(part) >= 26:
            kind = struct.unpack("<H", part[24:26])[0]
        if kind == _FLOAT and bits == 32:
            self._dtype, self._scale = "<f4", 1.0
        elif kind == _PCM and bits in _SCALES:
            self._dtype, self._scale = _SCALES[bits]
        else:
            raise DataError(
                f"the WAV stream has samples of {bits} bits in the format {kind}",
                hint="16 bits: arecord -f S16_LE, or ffmpeg -c:a pcm_s16le",
            )
        if not channels or not 1000 <= rate <= 384_000:
            raise DataError(f"the WAV stream has {channels} channels at {rate} Hz")
        self._channels, self.rate = channels, rate
