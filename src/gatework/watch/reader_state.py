"""What a reader of rows knows of them, as JSON values in the state of a watch."""

from __future__ import annotations

from typing import Any

from gatework.errors import OptionError
from gatework.tabular.encoding import encoding_name
from gatework.tabular.style import ReadingStyle

STATE = {
    "column": str | None,
    "time_column": str | None,
    "line": int,
    "form": str | None,
    "delimiter": str,
    "header": list,
    "encoding": str | None,
    "chosen": bool,
}


def sound(config: Any) -> dict[str, Any]:
    """Return the state of a reader, in which ``said`` is what was said of its rows.

    Raises:
        OptionError: it is nothing of that kind.
    """
    kinds = STATE | {"said": dict}
    if isinstance(config, dict):  # states of before lack three
        before = {"encoding": None, "chosen": config.get("form") is not None, "said": {}}
        config = before | config
    if (
        not isinstance(config, dict)
        or set(config) != set(kinds)
        or any(not isinstance(config[name], kind) for name, kind in kinds.items())
        or config["form"] not in (None, "numbers", "csv", "json")
        or len(config["delimiter"]) != 1
    ):
        raise OptionError(f"what is known of the rows must be {', '.join(kinds)}")
    if config["encoding"] is not None:
        encoding_name(config["encoding"])
    ReadingStyle.from_config(config["said"])
    return config
