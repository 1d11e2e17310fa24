"""Hints of errors, as the command that was typed can follow them: without options that it lacks."""

from __future__ import annotations

import re
from collections.abc import Collection

_SAME = {"--unit-column": "--id-column", "--cycle-column": "--time-column"}
"""What some commands call otherwise."""
_BETWEEN = re.compile(r"(; (?:or )?|, or |, (?=--))")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
_BOTH = re.compile(r"(?<!\S)[^\s(]*[=(]\S* \((--[^()]+)\)")
_ARGUMENT = re.compile(r"""(?<![\w.(-])([a-z_]+)=('[^']*'|"[^"]*"|[\w.]+)(?![\w(\[{])""")
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
    hint = as_typed(hint, words)
    parts = ["", *_BETWEEN.split(hint)]
    kept = ""
    for between, cure in zip(parts[::2], parts[1::2], strict=True):
        if _ELSEWHERE.search(cure) or set(_OPTION.findall(cure)) <= set(words):
            kept += (between if kept else "") + cure
    return kept or None


def as_typed(text: str, words: Collection[str] = ()) -> str:
    """Return a text with the options of a command in the place of Python's arguments.

    Example:
        >>> as_typed("model='auto' (--model auto) takes a mean; or resume=True", {"--resume"})
        '--model auto takes a mean; or --resume'
    """
    text = _BOTH.sub(r"\1", text)

    def option(found: re.Match[str]) -> str:
        name, value = "--" + found[1].replace("_", "-"), found[2].strip("'\"")
        before = text[: found.start()]
        if name not in words or value in ("False", "None") or before.count("(") > before.count(")"):
            return found[0]
        return name if value == "True" else f"{name} {value}"

    return _ARGUMENT.sub(option, text)
