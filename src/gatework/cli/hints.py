"""Hints of errors, as the command that was typed can follow them: without options that it lacks."""

from __future__ import annotations

import re
from collections.abc import Collection

_SAME = {"--unit-column": "--id-column", "--cycle-column": "--time-column"}
"""What some commands call otherwise."""
_BETWEEN = re.compile(r"(; (?:or )?|, or |, (?=--))")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_ELSEWHERE = re.compile(r"`|\b(?:gatework|pip|ray) ")


def fitted(hint: str, words: Collection[str]) -> str | None:
    """Return a hint without the cures whose options a command lacks; None where none is left.

    Cures stand side by side, with semicolons or ", or " between them, or a comma before an option.
    Options of other commands, which are named with them, stay.

    Example:
        >>> cures = "keep one row a period, or --repeats mean; for events: --events date"
        >>> fitted(cures, {"--repeats"})
        'keep one row a period, or --repeats mean'
        >>> fitted(cures, {"--events"})
        'keep one row a period; for events: --events date'
        >>> fitted("--unit-column pump", {"--id-column"})
        '--id-column pump'
    """
    for name, ours in _SAME.items():
        if name not in words and ours in words:
            hint = re.sub(rf"{name}(?![\w-])", ours, hint)
    parts = ["", *_BETWEEN.split(hint)]
    kept = ""
    for between, cure in zip(parts[::2], parts[1::2], strict=True):
        if _ELSEWHERE.search(cure) or set(_OPTION.findall(cure)) <= set(words):
            kept += (between if kept else "") + cure
    return kept or None
