"""Options of how tokens are drawn, shared by the commands that write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

NAMES = (
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "typical",
    "repetition_penalty",
    "repetition_window",
)

SHARE = click.FloatRange(0, 1, min_open=True)

OPTIONS = (
    click.option(
        "--temperature",
        type=click.FloatRange(0, 100),
        default=0.8,
        show_default=True,
        help="Below 1 safer, above 1 bolder; 0 always takes the most likely.",
    ),
    click.option("--top-k", type=click.IntRange(1), help="Only the K most likely."),
    click.option("--top-p", type=SHARE, help="Only the most likely that together have P."),
    click.option("--min-p", type=SHARE, help="Only those with P times the best one's chance."),
    click.option("--typical", type=SHARE, help="Only the least unusual that together have P."),
    click.option(
        "--repetition-penalty",
        type=click.FloatRange(1, 100),
        default=1.0,
        show_default=True,
        help="Above 1: what came lately comes less.",
    ),
    click.option(
        "--repetition-window",
        type=click.IntRange(1),
        default=64,
        show_default=True,
        help="How many tokens back is lately.",
    ),
)


def sampling_options(command: Command) -> Command:
    """Give a command the options of sampling."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def sampling_of(options: dict[str, Any]) -> Any:
    """Return the Sampling that options say."""
    from gatework.write.sampling import Sampling

    return Sampling(**{name: options[name] for name in NAMES})
