"""What commands that train share: settings as they are typed, the checkpoint, what is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatework.cli.options import Options, option, refuse
from gatework.cli.values import name_and_value
from gatework.errors import OptionError, nearest

if TYPE_CHECKING:
    from rich.console import Console


STEPS_BETWEEN = 200
"""Steps between two checkpoints: about a minute of work for the usual network."""
ABOVE_0 = click.FloatRange(0, min_open=True)


def settings_option(help: str, word: str) -> Any:
    """Return a field for settings that have no option of their own."""
    return option(help, word, type=name_and_value, metavar="NAME=VALUE")


def named(
    pairs: Iterable[tuple[str, Any]], known: Collection[str], word: str, what: str, example: str
) -> dict[str, Any]:
    """Return what was typed as NAME=VALUE, by name.

    Args:
        pairs: the names and values.
        known: names that there are.
        word: the option that they follow.
        what: there is none of where a name is unknown.
        example: of what may follow the option.

    Raises:
        OptionError: when there is no such name.
        click.UsageError: when one comes twice.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name not in known:
            close = nearest(name, known)
            raise OptionError(
                f"there is {what} {name!r}: {', '.join(known)}",
                hint=f"{word} {close}={value}" if close else f"{word} {example}",
            )
        if name in found:
            refuse(f"{word} {name} is given twice", "give it once")
        found[name] = value
    return found


def settings_of(
    options: Options,
    changes: Iterable[tuple[str, Any]],
    direct: Collection[str],
    known: Collection[str],
    example: str,
) -> dict[str, Any]:
    """Return the settings of a training that were typed, by name.

    Args:
        options: of the command.
        changes: what followed --set.
        direct: settings that have an option of their own; None and False are none given.
        known: all settings.
        example: of what may follow --set.

    Raises:
        OptionError, click.UsageError: when there is no such setting, or it is given twice.
    """
    found = named(changes, known, "--set", "no setting", example)
    options.refuse(found.keys() & {*direct}, "is given by --set, too")
    own = options.values(*direct)
    return {name: value for name, value in own.items() if value not in (None, False)} | found


def fit(estimator: Any, out: str, *data: Any, overwrite: bool, console: Console) -> dict[str, Any]:
    """Fit an estimator and save it, going on from its checkpoint; return figures about it."""
    from gatework.files import save

    checkpoint = Path(estimator.checkpoint)
    if checkpoint.exists():
        console.print(f"going on from {checkpoint}", markup=False)
    estimator.fit(*data)
    path = save(estimator, out, overwrite=overwrite)
    checkpoint.unlink(missing_ok=True)
    history = estimator.history_
    return {
        "model": str(path),
        "parameters": sum(p.numel() for p in estimator.network_.parameters()),
        "epochs": len(history.losses),
        "best_epoch": history.best_epoch,
        "train_loss": history.losses[-1],
        "validation_loss": min(history.validation, default=None),
    }
