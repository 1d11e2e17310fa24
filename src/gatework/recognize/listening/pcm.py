"""Bytes of sound as they come through a pipe: a WAV file, or samples alone."""

from __future__ import annotations

import shlex
import struct

import numpy as np

from gatework.errors import DataError, counted
from gatework.recognize.readers.channels import TAKEN, cancelled, powers
from gatework.recognize.readers.sound import MP3

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_BITS = (8, 16, 24, 32)
_OPEN_END = (0, 0xFFFFFFFF)
"""Sizes that programs write which did not know how much would come."""
_SOUND = {
    b"fLaC": "a FLAC file",
    b"OggS": "an Ogg file",
    b"ID3": "an MP3 file",
    b"FORM": "an AIFF file",
    b".snd": "an AU file",
}
"""What sound begins with that ``gatework recognize`` opens, and ``listen`` does not."""
_CODED = {
    b"RIFX": "a WAV file with the high byte first",
    b"RF64": "a WAV file of 64 bits (RF64)",
    b"riff": "a WAV file of 64 bits (Wave64)",
    b"wvpk": "a WavPack file",
    b"caff": "a CAF file",
    b"#!AMR": "an AMR file",
    b"\x1aE\xdf\xa3": "a Matroska or WebM file",
    **{bytes([0, 0, 0, size]) + b"ftyp": "an MP4 file" for size in range(16, 41, 4)},
}
"""What sound begins with that ffmpeg opens."""
_NO_SOUND = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b\x08": "a gzip archive",
}
LEAST_HEARD = 0.05
"""Seconds of sound before which nothing is said of how its channels go together."""
_OTHERS = _SOUND | _CODED | _NO_SOUND
_MP3_BITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_BITS_LOW = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""Thousands of bits a second of the frames of MP3, of full and of low rates, by their number."""
_MP3_RATES = (44100, 48000, 32000)
_MOST_FORMAT = 2**16
"""Bytes of the part of a WAV file that tells its format."""
_WANTED = "give a WAV file, or samples of 16 bits alone"


class Pcm:
    """Turn bytes into samples, one channel from -1 to 1.

    What begins with RIFF is a WAV file, and tells its rate itself; what begins as a file of another
    kind is refused; anything else is samples of 16 bits, the low byte first, of one channel.

    Args:
        rate: samples a second where they come alone.
        path: of the file that the bytes are in, for messages; None where they come through a pipe.

    Attributes:
        rate: samples a second; known after the first samples.
        remark: what had to be done to the channels, "" for nothing.

    Example:
        >>> Pcm(8000).push(np.array([0, 16384], "<i2").tobytes()).tolist()
        [0.0, 0.5]
    """

    def __init__(self, rate: int, path: str | None = None) -> None:
        self.rate, self.path = rate, path
        self.remark = ""
        self._bytes = b""
        self._bits, self._float, self._channels = 16, False, 1
        self._headed = self._came = False
        self._named = self._told = False  # that it is a WAV file, and in which format
        self._passing = 0  # bytes of a part that tells nothing of the sound
        self._heard, self._powers = 0, np.zeros(2)
        self._left: int | None = None  # bytes of sound that are to come; None where nobody knows

    def push(self, data: bytes) -> np.ndarray:
        """Return the samples (m) that more bytes complete, of several channels mixed.

        Raises:
            DataError: when a WAV file is of a kind that is not read, or no WAV file after all, or
                the bytes begin as a file of another kind.
        """
        self._bytes += data
        self._came = self._came or bool(data)
        if not self._headed and not self._header():
            return np.zeros(0)
        if self._left is not None:  # what follows the sound is none
            self._bytes = self._bytes[: self._left]
        whole = len(self._bytes) // self._step * self._step
        found = _numbers(self._bytes[:whole], self._bits, floats=self._float)
        self._bytes = self._bytes[whole:]
        if self._left is not None:
            self._left -= whole
        if not np.isfinite(found).all():
            raise DataError("the stream has a sample that is not a finite number")
        return self._mixed(found.reshape(-1, self._channels))

    def finish(self) -> str:
        """Return what is wrong with the end of the stream, in a sentence; "" for nothing."""
        if not self._came:
            return f"{self._name} is empty"
        if (self._left or 0) >= self._step:
            return f"{self._name} is cut off: {counted(self._left or 0, 'byte', be=True)} missing"
        if not self._headed:
            return f"{self._name} ends within its header"
        return "" if self._heard else f"{self._name} has no sample"

    def _mixed(self, samples: np.ndarray) -> np.ndarray:
        """Return the samples of one channel; once channels cancel each other, of the first."""
        self._heard += len(samples)
        if self._channels > 1 and len(samples) and not self.remark:
            self._powers += powers(samples)
            if self._heard > LEAST_HEARD * self.rate and cancelled(*self._powers):
                self.remark = TAKEN
        return samples[:, 0] if self.remark else samples.mean(axis=1)

    def _header(self) -> bool:
        """Read the header of a WAV file as soon as it is whole, and return whether it is.

        Raises:
            DataError: when it is damaged, or that of a file of another kind.
        """
        if not self._named:
            data = self._bytes
            for begin in _OTHERS:
                if data.startswith(begin):
                    raise self._refusal(begin)
            if any(begin.startswith(data) for begin in (b"RIFF", *_OTHERS)):
                return False
            if not data.startswith(b"RIFF"):
                self._headed = not self._may_be_mp3(data)
                return self._headed
            if len(data) < 12:
                return False
            if data[8:12] != b"WAVE":
                raise DataError(
                    f"{self._name} begins as a WAV file but holds {data[8:12].decode('latin-1')!r}",
                    hint=_WANTED,
                )
            self._named, self._bytes = True, data[12:]
        while not self._headed and self._passed() and len(self._bytes) >= 8:
            if not self._part(*struct.unpack("<4sI", self._bytes[:8])):
                return False
        return self._headed

    def _passed(self) -> bool:
        """Let go of the part that tells nothing, and return whether it is over."""
        gone = min(self._passing, len(self._bytes))
        self._bytes, self._passing = self._bytes[gone:], self._passing - gone
        return not self._passing

    def _part(self, name: bytes, size: int) -> bool:
        """Take a part of a WAV file, and return whether what has come of it is enough.

        Raises:
            DataError: when its format is damaged or not read, or samples come before it.
        """
        if name == b"data":
            if not self._told:
                raise DataError(f"{self._name} has samples before their format", hint=_WANTED)
            self._bytes, self._headed = self._bytes[8:], True
            self._left = None if size in _OPEN_END else size
            return True
        if name == b"fmt ":
            if size > _MOST_FORMAT:
                raise DataError("the header of the WAV stream is damaged", hint=_WANTED)
            if len(self._bytes) < 8 + size:
                return False
            self._format(self._bytes[8 : 8 + size])
            self._told = True
        self._passing = 8 + size + size % 2
        return True

    def _may_be_mp3(self, data: bytes) -> bool:
        """Return whether bytes may begin as MP3 does, as long as too few of them have come.

        Raises:
            DataError: when they do: the frame that they begin with is followed by another.
        """
        size = _mp3_frame(data)
        if size is None:
            return False
        if len(data) < size + 2:
            return True
        if data[size] != 0xFF or data[size + 1] != data[1]:
            return False
        raise self._refusal(b"ID3")

    @property
    def _step(self) -> int:
        """Bytes that a sample of all channels takes."""
        return self._channels * self._bits // 8

    @property
    def _name(self) -> str:
        return "the stream" if self.path is None else f"'{self.path}'"

    def _refusal(self, begin: bytes) -> DataError:
        """Return the error for bytes that begin as a file of another kind."""
        path = "FILE" if self.path is None else shlex.quote(self.path)
        hint = f"ffmpeg -loglevel error -i {path} -ac 1 -f wav - | gatework recognize listen MODEL"
        if begin in _SOUND:
            hint = (
                f"gatework recognize MODEL {path} takes it as a whole; to cut it at pauses, {hint}"
            )
        return DataError(
            f"{self._name} is {_OTHERS[begin]}, neither a WAV file nor samples of 16 bits",
            hint=_WANTED if begin in _NO_SOUND else hint,
        )

    def _format(self, part: bytes) -> None:
        if len(part) < 16:
            raise DataError("the header of the WAV stream is damaged")
        kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", part[:16])
        if kind == _EXTENSIBLE and len(part) >= 26:
            kind = struct.unpack("<H", part[24:26])[0]
        if kind == MP3:
            raise DataError(
                f"{self._name} is MP3 inside a WAV file",
                hint="ffmpeg -i IN.wav -c:a pcm_s16le OUT.wav",
            )
        if (kind == _FLOAT and bits in (32, 64)) or (kind == _PCM and bits in _BITS):
            self._bits, self._float = bits, kind == _FLOAT
        else:
            raise DataError(
                f"the WAV stream has samples of {bits} bits in the format {kind}",
                hint="16 bits: arecord -f S16_LE, or ffmpeg -c:a pcm_s16le",
            )
        if not channels or not 1000 <= rate <= 384_000:
            raise DataError(f"the WAV stream has {channels} channels at {rate} Hz")
        self._channels, self.rate = channels, rate


def _numbers(data: bytes, bits: int, *, floats: bool) -> np.ndarray:
    """Return samples from -1 to 1, float64."""
    if floats:
        return np.frombuffer(data, f"<f{bits // 8}").astype(np.float64)
    if bits == 8:
        return np.frombuffer(data, np.uint8) / 128.0 - 1
    if bits == 24:
        whole = np.zeros((len(data) // 3, 4), np.uint8)
        whole[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        return whole.view("<i4")[:, 0] / 2.0**31
    return np.frombuffer(data, f"<i{bits // 8}") / 2.0 ** (bits - 1)


def _mp3_frame(data: bytes) -> int | None:
    """Return the bytes of the frame of MP3 that bytes begin with; None where they begin with none.

    Of fewer than three bytes that may begin one, the most a frame can take.
    """
    if data[:1] != b"\xff" or (len(data) > 1 and data[1] & 0xE6 != 0xE2):
        return None
    if len(data) < 3:
        return 1441
    version, rate, bits = data[1] >> 3 & 3, data[2] >> 2 & 3, data[2] >> 4
    if version == 1 or rate == 3 or bits in (0, 15):
        return None
    full = version == 3
    thousands = (_MP3_BITS if full else _MP3_BITS_LOW)[bits]
    hertz = _MP3_RATES[rate] // {3: 1, 2: 2, 0: 4}[version]
    return (144 if full else 72) * thousands * 1000 // hertz + (data[2] >> 1 & 1)
