"""Pictures, by Pillow: any size and mode, turned upright, brought to the size of the features."""

from __future__ import annotations

import contextlib
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gatework.errors import InputFileError
from gatework.extras import needing
from gatework.recognize.readers.bad import BadFile, unreadable
from gatework.storage.reading import open_to_read

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pbm"}
)
MOST_PIXELS = 2**26
"""Of a picture: larger ones fill the memory before they are scaled down."""
_STRIP = 2**20  # pixels
_LARGE = 2**22
"""Pixels from which a picture is made smaller as it is read, not once it is read."""
_FINER = 4
"""How many times the size that is wanted a large picture keeps until it is scaled to it."""
_ORIENTATION = 0x0112
"""Where EXIF tells how the camera was held."""
_DARK = 2**13
"""The shade of 16 bits below which a picture of them is dark."""
_FAULTS = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, TypeError)
"""What Pillow raises for files that are no pictures, damaged or cut off."""


def read_image(path: Path, features: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the pixels of a picture at the size that features want, and what was done to it.

    Transparency lies on white. Of several frames the first is taken.

    Shapes:
        returns: (height, width), or (height, width, 3) where features.colour; uint8.

    Raises:
        BadFile: when it cannot be opened, is cut off, or is too large.
        MissingDependencyError: without Pillow.
    """
    pil, done = pillow(), []
    with _opened(path) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise BadFile(f"has {opened.width} x {opened.height} pixels, more than 2^26")
        if getattr(opened, "n_frames", 1) > 1:
            done.append("of several frames the first was taken")
        if opened.width * opened.height > _LARGE:  # a JPEG is unpacked at a part of its size
            opened.draft(None, (_FINER * max(features.size_for(*_upright_size(opened))),) * 2)
        opened.load()
        tall, wide = _upright_size(opened)
        height, width = features.size_for(tall, wide)
        factor = min(tall // height, wide // width) // _FINER if tall * wide > _LARGE else 1
        picture = _flat(opened, "RGB" if features.colour else "L", done, max(factor, 1))
        picture = picture.transpose(turn) if (turn := _turn(opened)) is not None else picture
        if (picture.height, picture.width) != (height, width):
            done.append("scaled to the size of the features")
            picture = picture.resize((width, height), pil.Resampling.BILINEAR)
        return np.asarray(picture, np.uint8).copy(), tuple(done)


def picture_size(path: Path) -> tuple[int, int]:
    """Return height and width of a picture without reading its pixels.

    Raises:
        BadFile: when it cannot be opened.
    """
    with _opened(path) as opened:
        return opened.height, opened.width


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Image]:
    """Open a picture; what goes wrong with it meanwhile is why it cannot be used."""
    pil = pillow()
    try:
        with warnings.catch_warnings(), open_to_read(path) as (file, _):
            warnings.simplefilter("ignore")  # the size is checked by who reads the pixels
            try:
                with pil.open(file) as opened:
                    yield opened
            except pil.DecompressionBombError:
                raise BadFile("has too many pixels") from None
            except _FAULTS as error:
                raise _bad(error) from None
    except InputFileError as error:
        raise unreadable(error, path) from None


def pillow() -> Any:
    """Return the module of Pillow.

    Raises:
        MissingDependencyError: when it is not installed.
    """
    with needing("PIL", "pictures need the package Pillow"):
        from PIL import Image
    return Image


def _turn(opened: Image) -> Any:
    """Return the transposition that turns a picture upright, None for none."""
    turns = pillow().Transpose
    known = {
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_270,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_90,
    }
    return known.get(opened.getexif().get(_ORIENTATION, 1))


def _upright_size(opened: Image) -> tuple[int, int]:
    """Return the height and width that a picture has upright."""
    lies = opened.getexif().get(_ORIENTATION) in (5, 6, 7, 8)
    return (opened.width, opened.height) if lies else (opened.height, opened.width)


def _flat(picture: Image, mode: str, done: list[str], factor: int) -> Image:
    """Return a picture as brightness or as red, green and blue, without transparency.

    It is made strip by strip, so that no further copy of a large picture is in memory, and smaller
    by ``factor``.
    """
    deep = picture.mode.startswith("I") or picture.mode == "F"  # 16 bits and more
    clear, colour = picture.has_transparency_data, picture.mode not in ("L", "1", "LA")
    if clear:
        done.append("transparency was laid on white")
    if mode == "L" and (clear or (colour and not deep)):
        done.append("of colours the brightness was taken")
    white = _white(picture, done) if deep else 255
    if picture.mode == mode and not clear and factor == 1:
        return picture
    flat = pillow().new(mode, (-(-picture.width // factor), -(-picture.height // factor)))
    rows = max(1, _STRIP // (picture.width * factor)) * factor
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        if deep:
            strip = _eight_bits(strip, white)
        strip = (_on_white(strip) if clear else strip).convert(mode)
        flat.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return flat


def _white(picture: Image, done: list[str]) -> int:
    """Return the value of white in a picture of 16 bits or more, and note what is lost.

    Fractions go to 1. Numbers of 32 bits that keep below 256 are those of a picture of 8 bits.
    """
    done.append("of 16 bits a pixel 8 were kept")
    extrema: Any = picture.getextrema()
    top = extrema[1]
    if picture.mode == "F" and top <= 1:
        return 1
    if picture.mode in ("I", "F") and top <= 255:
        return 255
    if top < _DARK:
        done.append(f"of its 65,536 shades none above {top:.0f} is there, so that it is dark")
    return 65535


def _eight_bits(picture: Image, white: int) -> Image:
    """Return a picture of more bits, of whose values one is white, with eight."""
    values = np.asarray(picture, np.float64) * (255 / white)
    return pillow().fromarray(np.clip(values.round(), 0, 255).astype(np.uint8))


def _on_white(picture: Image) -> Image:
    pil = pillow()
    white = pil.new("RGBA", picture.size, "white")
    return pil.alpha_composite(white, picture.convert("RGBA"))


def _bad(error: Exception) -> BadFile:
    """Return why a file cannot be used, without its path, which stands before it already."""
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):  # whose text is no more than that
        return BadFile("is no picture, or is damaged")
    if isinstance(error, OSError) and error.strerror:
        return BadFile(f"cannot be read: {error.strerror}")
    return BadFile(f"is no picture, or is damaged: {str(error) or type(error).__name__}")
