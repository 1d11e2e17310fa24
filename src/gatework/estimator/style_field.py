"""What files of models hold of the way in which their table was read."""

from __future__ import annotations

from typing import Any

from gatework.errors import OptionError
from gatework.estimator.model_file import Field
from gatework.tabular.style import ReadingStyle


def style_field(of: str) -> Field:
    """Return the field of the ReadingStyle that a model has at ``of``; older files lack it."""
    return Field(
        _no_style, ReadingStyle.from_config, lambda style: style.to_config(), of=of, added=True
    )


def _no_style(name: str, value: Any) -> list[str]:
    try:
        ReadingStyle.from_config(value)
    except OptionError as error:
        return [f"{name}: {error.message}"]
    return []
