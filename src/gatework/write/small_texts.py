"""Settings for a small text: few steps of many streams teach a network less than counting does.

The numbers were chosen on the ends of 6 kB to 1 MB of plays and of 500 and 3,000 poems.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from gatework.write.settings import Settings

MOST_PIECES = 12_000
"""Pieces of a text, of ``bptt`` tokens or a document each, up to which streams are fewer.

Of a million characters, 15,700 pieces, fewer streams bring 0.01 nats in twice the steps.
"""

ROOM = 20
"""A text of n pieces is read in sqrt(n / 20) streams: as it grows, its streams and steps do."""

SMALL = 200_000
"""Tokens below which fewer units learn more, with more dropout and more passes."""

UNITS = 256
PASSES = 40

SMALLEST = 50_000
"""Tokens below which more is dropped."""


def suited(settings: Settings, given: Collection[str], tokens: int, pieces: int) -> Settings:
    """Return settings for a text of so many tokens and pieces; those ``given`` stay as they are.

    Where layers are given, dropout and passes are left alone, too, for they belong together.

    Example:
        >>> chosen = suited(Settings(), {"epochs"}, 90_000, 1_406)
        >>> chosen.batch_size, chosen.hidden_sizes, chosen.epochs
        (8, (256,), 20)
    """
    if settings.optimizer != "adamw":
        return settings  # its learning rate is for the streams that it came with
    found: dict[str, Any] = {}
    if pieces < MOST_PIECES:
        found["batch_size"] = max(2, min(settings.batch_size, round(math.sqrt(pieces / ROOM))))
    if tokens < SMALL and "hidden_sizes" not in given:
        found |= _smaller(settings, smallest=tokens < SMALLEST)
    return replace(settings, **{name: x for name, x in found.items() if name not in given})


def _smaller(settings: Settings, *, smallest: bool) -> dict[str, Any]:
    """Return layers for a small text, dropout and passes that go with them."""
    if settings.tied or settings.proj_size:  # thousands of tokens, few of which come often
        rates = {"output_dropout": 0.5, "input_dropout": 0.3}
        found: dict[str, Any] = {}
    else:
        rest = 0.2 if smallest else 0.1
        rates = {"output_dropout": 0.5 if smallest else 0.4}
        rates |= {"input_dropout": rest, "recurrent_dropout": rest}
        sizes = tuple(min(size, UNITS) for size in settings.hidden_sizes)
        found = {"hidden_sizes": sizes, "epochs": max(settings.epochs, PASSES)}
    return found | {name: max(getattr(settings, name), rate) for name, rate in rates.items()}


def told(before: Settings, after: Settings) -> list[str]:
    """Return a sentence on what was chosen for a small text; none where nothing was.

    Example:
        >>> told(Settings(), suited(Settings(), {"epochs"}, 600_000, 9_375))
        ['for a text of this size: batch_size 22 (64 otherwise)']
    """
    changes = [
        f"{name} {_number(new)} ({_number(getattr(before, name))} otherwise)"
        for name, new in vars(after).items()
        if new != getattr(before, name)
    ]
    return [f"for a text of this size: {', '.join(changes)}"] if changes else []


def _number(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}"
