"""Arrays as images: a value is a pixel, in colours that colour-blind readers tell apart."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

SEQUENTIAL = (
    (8, 29, 72),
    (34, 84, 147),
    (65, 141, 169),
    (146, 189, 160),
    (225, 220, 130),
    (255, 246, 170),
)
"""From 0, dark blue, to 1, pale yellow: lightness grows evenly, so that it reads in grey, too."""
DIVERGING = (
    (179, 88, 6),
    (232, 156, 73),
    (249, 219, 178),
    (247, 247, 247),
    (186, 212, 236),
    (82, 145, 201),
    (5, 72, 138),
)
"""From low, orange, through 0, white, to high, blue."""

SHADES = 255
NO_NUMBER = (205, 0, 160)
"""Magenta, no colour of a value: where there is no finite number."""


def palette(stops: tuple[tuple[int, int, int], ...]) -> np.ndarray:
    """Return SHADES colours between the stops, (SHADES, 3), uint8."""
    at = np.linspace(0, len(stops) - 1, SHADES)
    channels = np.array(stops, dtype=np.float64).T
    mixed = [np.interp(at, np.arange(len(stops)), channel) for channel in channels]
    return np.round(np.stack(mixed, axis=1)).astype(np.uint8)


def palette_of_heat(stops: tuple[tuple[int, int, int], ...]) -> np.ndarray:
    """Return the colours of a heat map, (SHADES + 1, 3), uint8; the last is that of no number."""
    return np.concatenate([palette(stops), np.array([NO_NUMBER], np.uint8)])


def shades(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return values as numbers of shades, from 0 at ``low`` to SHADES - 1 at ``high``, uint8.

    What is no finite number is SHADES, which is NO_NUMBER in ``palette_of_heat``.

    Example:
        >>> shades(np.array([-1.0, 0.0, 9.0, np.nan]), -1.0, 1.0).tolist()
        [0, 127, 254, 255]
    """
    known = np.isfinite(values)
    share = np.clip((np.where(known, values, low) - low) / (high - low), 0.0, 1.0)
    return np.where(known, np.round(share * (SHADES - 1)), SHADES).astype(np.uint8)


def png(indices: np.ndarray, colours: np.ndarray) -> bytes:
    """Return an image (rows, columns) of palette indices as a PNG file."""
    return _file(indices, 3, (b"PLTE", colours.tobytes()))


def grey_png(pixels: np.ndarray) -> bytes:
    """Return an image (rows, columns) of brightness, uint8, as a PNG file."""
    return _file(pixels, 0)


def rgb_png(pixels: np.ndarray) -> bytes:
    """Return an image (rows, columns, 3) of red, green and blue, uint8, as a PNG file."""
    return _file(pixels, 2)


def data_address(image: bytes) -> str:
    """Return a PNG as an address that holds the image itself."""
    return "data:image/png;base64," + base64.b64encode(image).decode()


def _file(pixels: np.ndarray, colour_type: int, *palette: tuple[bytes, bytes]) -> bytes:
    """Return a PNG file of pixels (rows, columns, ...), uint8.

    Source: W3C, Portable Network Graphics (third edition), filter type 0.
    """
    rows, columns = pixels.shape[:2]
    lines = np.insert(pixels.reshape(rows, -1), 0, 0, axis=1)  # each begins with its filter, 0
    header = struct.pack(">IIBBBBB", columns, rows, 8, colour_type, 0, 0, 0)
    image = zlib.compress(lines.tobytes(), 9)
    parts = ((b"IHDR", header), *palette, (b"IDAT", image), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
