"""The one way out for text that others wrote: what cannot be seen never works on a terminal."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console

_JOINED = "\u0590-\u1fff\u2600-\ud7ff\uf900-\ufaff\ufe00-\ufefe\U00010000-\U0001ffff"
"""Between these, joiners belong to the spelling: Persian, Hindi, emoji."""
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    f"|(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])"
)
ISOLATED = ("\u2068", "\u2069")
"""Before and behind a text that is laid out by itself, whatever its direction."""
_TO_THE_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]")


def shown(text: str, *, keep: str = "") -> str:
    r"""Return a text with what works unseen on a terminal or page written out, as JSON writes it.

    That is what moves, colours or turns around what stands near it (escape sequences, control
    characters but tab and line feed, marks of direction) and what has no width. JSON stays JSON.

    Args:
        text: that somebody else wrote.
        keep: characters that stay as they are.

    Example:
        >>> print(shown("\x1b[2Jpump\u202e 7"))
        \u001b[2Jpump\u202e 7
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(lambda found: found[0] if found[0] in keep else _written(found[0]), text)


def isolated(text: str) -> str:
    r"""Return a text that can stand in a sentence of any direction and turns nothing around there.

    Example:
        >>> isolated("pump"), ascii(isolated("\u05d0"))
        ('pump', "'\\u2068\\u05d0\\u2069'")
    """
    return shown(text).join(ISOLATED) if _TO_THE_LEFT.search(text) else shown(text)


def _written(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


class Guarded:
    """A standard stream that shows text instead of obeying it.

    It has no ``buffer``, so that nothing goes around it; only a console writes styles, see below.
    """

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> int:
        """Write a text as ``shown``."""
        self.rich_proxied_file.write(shown(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write lines as ``shown``."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self.rich_proxied_file, name)


class Lasting:
    """A stream of messages: where nobody takes them any more, the work goes on without."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, if it can be."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand out what was written, if it can be."""
        with contextlib.suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Let nothing but text through the standard output and the standard error.

    The standard error never fails: a terminal that is gone or full ends no training.
    """
    before = sys.stdout, sys.stderr
    lasting = before[1] and cast(TextIO, Lasting(before[1]))
    sys.stdout, sys.stderr = (
        one if one is None or isinstance(one, Guarded) else cast(TextIO, Guarded(one))
        for one in (before[0], before[1] if isinstance(before[1], Guarded) else lasting)
    )
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def console(*, stderr: bool = False, **how: Any) -> Console:
    """Return a console of rich that styles text, in which the text itself is only text.

    Args:
        stderr: for the standard error instead of the standard output.
        how: other arguments of rich's Console.
    """
    stream = sys.stderr if stderr else sys.stdout
    how.setdefault("file", getattr(stream, "rich_proxied_file", stream))
    return _kind()(stderr=stderr, emoji=False, highlight=False, **how)


@cache
def _kind() -> type[Console]:
    from rich.console import Console
    from rich.segment import Segment

    class GuardedConsole(Console):
        def render(self, renderable: Any, options: Any = None) -> Iterable[Segment]:
            for part in super().render(renderable, options):
                yield part if part.control else Segment(shown(part.text), part.style)

        def on_broken_pipe(self) -> None:
            raise  # as every other write fails: rich would end the program with 1

    return GuardedConsole


def write_over(text: str) -> None:
    """Write a text of ours over the line of the standard error that stands there."""
    stream = getattr(sys.stderr, "rich_proxied_file", sys.stderr)
    stream.write(f"\r{shown(text)}")
    stream.flush()
