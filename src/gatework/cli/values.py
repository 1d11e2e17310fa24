"""Values as people type them: a span of time, whole numbers, NAME=VALUE."""

from __future__ import annotations

import math
import re
import sys
from typing import Any

from gatework.errors import DataError
from gatework.storage.header import read_json
from gatework.storage.limits import read_whole

_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def span(text: str) -> float:
    """Return the seconds of a positive span of time.

    Raises:
        ValueError: when it is none.

    Example:
        >>> span("90s"), span("2m"), span("1.5h")
        (90.0, 120.0, 5400.0)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip().lower())
    seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if not 0 < seconds < math.inf:
        raise ValueError(f"{text!r} is not a span of time such as 90s, 2m or 1h")
    return seconds


def text_or_input(text: str) -> str:
    """Return a text, or for a dash what the standard input holds.

    Raises:
        InputFileError: it holds more than memory that is allowed. DataError: it is not UTF-8.
    """
    if text != "-":
        return text
    data = read_whole(sys.stdin.buffer, "the standard input")
    try:
        return data.decode().removeprefix("\ufeff").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise DataError(
            f"the standard input is not UTF-8: byte 0x{data[error.start]:02x} at offset "
            f"{error.start}",
            hint="iconv -t UTF-8 before the pipe",
        ) from None


def sizes(text: str) -> tuple[int, ...]:
    """Return whole numbers with commas between them.

    Raises:
        ValueError: when they are none.
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"{text!r} is no list of whole numbers such as 256 or 512,512") from None


def name_and_value(text: str) -> tuple[str, Any]:
    """Return name and value of NAME=VALUE, the value a number, a word or a JSON value.

    Raises:
        ValueError: when there is no =.
    """
    name, equals, given = text.partition("=")
    if not equals:
        raise ValueError(f"{text!r} is no NAME=VALUE such as drop_connect=0.2")
    try:
        read = read_json(given)
    except ValueError:
        read = given
    return name.strip(), "none" if read is None else read
