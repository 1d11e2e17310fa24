"""A span of time as people type it: 90s, 2m, 1h."""

from __future__ import annotations

import math
import re
from typing import Any

import click

_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def parse_span(text: str) -> float | None:
    """Return the seconds of a positive span of time, or None when it is not one.

    Example:
        >>> parse_span("90s"), parse_span("2m"), parse_span("1.5h"), parse_span("soon")
        (90.0, 120.0, 5400.0, None)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip().lower())
    seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    return seconds if 0 < seconds < math.inf else None


class Span(click.ParamType):
    """An option's value that is a span of time."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds."""
        if isinstance(value, float):
            return value
        seconds = parse_span(str(value))
        if seconds is None:
            self.fail(f"{value!r} is not a span of time such as 90s, 2m or 1h", param, ctx)
        return seconds
