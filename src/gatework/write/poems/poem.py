"""A poem that was written, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gatework.write.memorization import Copied

_STOPS = "。！？\n"


@dataclass(frozen=True)
class Poem:
    """A poem.

    Attributes:
        lines: without the punctuation behind them.
        text: as it is printed, a sentence a line, an empty line between stanzas.
        form: the name of its form.
        pattern: the name of its pattern, or "".
        rhymes: the name of the rhyme behind each letter of the form.
        log_probability: mean natural logarithm of the probability that the model gave to each
            character (at the level "word": token), before any constraint.
        copied: the longest run that the training text has too; None without an index of it.
        whole: False where a measured line had to break a word.
        new: False where that run is longer than allowed.
        notes: what was asked and could not be kept, and what was done instead.
    """

    lines: tuple[str, ...]
    text: str
    form: str
    pattern: str
    rhymes: dict[str, str]
    log_probability: float
    copied: Copied | None = None
    whole: bool = True
    new: bool = True
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text

    def as_dict(self) -> dict[str, Any]:
        """Return all of it in plain lists and dictionaries, for JSON."""
        copied = None if self.copied is None else self.copied.as_dict()
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain | {"lines": list(self.lines), "notes": list(self.notes), "copied": copied}


def set_out(lines: list[str], ends: list[str], stanzas: list[int]) -> str:
    """Return lines with their punctuation as they are printed.

    Example:
        >>> print(set_out(["千山鸟飞绝", "万径人踪灭"], ["，", "。"], [0, 0]))
        千山鸟飞绝，万径人踪灭。
    """
    text = ""
    for number, (line, end) in enumerate(zip(lines, ends, strict=True)):
        text += line + end
        if number + 1 == len(lines):
            break
        if stanzas[number + 1] != stanzas[number]:
            text = text.rstrip("\n") + "\n\n"
        elif end[-1:] in _STOPS and not text.endswith("\n"):
            text += "\n"
    return text.rstrip("\n")
