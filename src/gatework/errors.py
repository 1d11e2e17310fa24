"""The exceptions of Gatework, and how their messages are built.

Every message is one sentence that names the thing, what was expected and what came, followed by a
line ``hint:`` with the next thing to type. Each class is also the built-in exception that fits, so
``except ValueError`` works as a user expects.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from typing import Any, Self


class GateworkError(Exception):
    """Base class of every error that Gatework raises on purpose.

    Example:
        >>> print(GateworkError("column 'fault' is not in the file", hint="--column faults"))
        column 'fault' is not in the file
        hint: --column faults
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\nhint: {self.hint}"


FORGED = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What taking a file's content apart may raise where somebody has made it up."""


class OptionError(GateworkError, ValueError):
    """An argument has a value that it cannot have, or options contradict each other."""


class NotFittedError(OptionError):
    """An estimator is asked for what only its ``fit`` gives it.

    Where scikit-learn is imported already, also an instance of its own NotFittedError, for whoever
    catches that one; it is never imported for this.

    Example:
        >>> isinstance(NotFittedError("this Writer has not been fitted"), ValueError)
        True
    """

    def __new__(cls, *_args: Any, **_named: Any) -> Self:
        """Return the error, of scikit-learn's kind too where that is known."""
        kind: Any = cls
        theirs = getattr(sys.modules.get("sklearn.exceptions"), "NotFittedError", cls)
        if not issubclass(cls, theirs):
            kind = type(cls.__name__, (cls, theirs), {"__module__": cls.__module__})
        return super().__new__(kind)

    def __reduce__(self) -> tuple[Any, ...]:
        return _not_fitted, (self.message, self.hint)


def _not_fitted(message: str, hint: str | None) -> NotFittedError:
    """Return the error anew, in a process that may or may not have imported scikit-learn."""
    return NotFittedError(message, hint=hint)


class ShapeError(GateworkError, ValueError):
    """An array has other dimensions than the network expects."""


class DataError(GateworkError, ValueError):
    """The user's data cannot be used as they are; the message names the place."""


class FileFormatError(GateworkError, ValueError):
    """A file that Gatework wrote is damaged, altered, or was not written by Gatework."""


class InputFileError(GateworkError, OSError):
    """A file cannot be read: it is not there, is a folder, or may not be opened."""


class OutputError(GateworkError, OSError):
    """A result cannot be written: the place exists already, is read-only, or the disk is full."""


class TrainingError(GateworkError, RuntimeError):
    """Training cannot go on, for instance because the loss is no longer a number."""


class EngineError(GateworkError, ConnectionError):
    """The machines that work should run on cannot be reached or used."""


class Interrupted(GateworkError):
    """It was stopped with Ctrl-C; what was finished is kept, and the hint tells how to go on."""


class MissingDependencyError(GateworkError, ImportError):
    """A part of Gatework needs a package that is not installed."""


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like ``name``, or None when none is alike.

    Example:
        >>> nearest("fautls", ["date", "faults"])
        'faults'
    """
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)
    return by_folded[found[0]] if found else None


def counted(number: int, thing: str, *, be: bool = False) -> str:
    """Return so many things, such as "1 trial" or "12 trials"; with ``be``, that they are.

    Example:
        >>> counted(1, "trial"), counted(12, "trial"), counted(12, "trial", be=True)
        ('1 trial', '12 trials', '12 trials are')
    """
    if number == 1:
        return f"1 {thing} is" if be else f"1 {thing}"
    return f"{number:,} {thing}s are" if be else f"{number:,} {thing}s"
