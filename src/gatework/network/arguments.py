"""Arguments of a stack: one value for all layers, or one for each; and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatework.errors import OptionError

MAX_LAYERS = 1024


def layer_sizes(
    hidden_sizes: int | Sequence[int] | None,
    num_layers: int | None,
    hidden_size: int | None,
    problems: list[str],
) -> list[int]:
    """Return the size of each layer; add what is wrong to ``problems``."""
    if hidden_size is not None:
        if hidden_sizes is not None:
            problems.append("hidden_size and hidden_sizes say the same thing; give one of them")
        hidden_sizes = hidden_size
    if hidden_sizes is None:
        problems.append("hidden_sizes is missing: one number, or a list with one for each layer")
        return []
    if num_layers is not None and (
        not isinstance(num_layers, int)
        or isinstance(num_layers, bool)
        or not 1 <= num_layers <= MAX_LAYERS
    ):
        problems.append(
            f"num_layers must be a whole number from 1 to {MAX_LAYERS}, got {num_layers!r}"
        )
        num_layers = None
    if isinstance(hidden_sizes, int):
        return [hidden_sizes] * (num_layers or 1)
    if isinstance(hidden_sizes, str) or not isinstance(hidden_sizes, Sequence):
        problems.append(
            f"hidden_sizes must be a whole number or a list of them, got {hidden_sizes!r}"
        )
        return []
    sizes = list(hidden_sizes)
    if not 1 <= len(sizes) <= MAX_LAYERS:
        problems.append(f"hidden_sizes must name 1 to {MAX_LAYERS} layers, got {len(sizes)}")
        return []
    if num_layers is not None and num_layers != len(sizes):
        problems.append(f"num_layers is {num_layers} but hidden_sizes names {len(sizes)} layers")
    return sizes


def each_layer(name: str, value: Any, count: int, problems: list[str]) -> list[Any]:
    """Return ``value`` for each layer, whether it came as one value or as a list."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [value] * count
    if len(value) != count:
        problems.append(
            f"{name} must be one value or a list of {count}, one for each layer, "
            f"got {len(value)} values"
        )
        return [value[0] if len(value) else None] * count
    return list(value)


def between_layers(
    dropout: float | Sequence[float], count: int, problems: list[str]
) -> list[float]:
    """Return the dropout behind each layer; a list names one for each of the count - 1 gaps."""
    if isinstance(dropout, Sequence) and not isinstance(dropout, str):
        if len(dropout) != count - 1:
            problems.append(
                f"dropout must be one value or a list of {count - 1}, one for each gap between "
                f"layers, got {len(dropout)} values"
            )
            return [0.0] * count
        rates = [*dropout, 0.0]
    else:
        rates = [dropout] * count
    for rate in rates:
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            problems.append(f"dropout must be a probability from 0 to 1, got {rate!r}")
            return [0.0] * count
    return [float(rate) for rate in rates]


def check_switch(name: str, value: object, problems: list[str]) -> None:
    """Add to ``problems`` unless ``value`` is True or False."""
    if not isinstance(value, bool):
        problems.append(f"{name} must be True or False, got {value!r}")


def refuse(network: str, problems: Sequence[str]) -> None:
    """Raise one error that names every problem, if there are any.

    Raises:
        OptionError: naming all problems, each once.
    """
    distinct = list(dict.fromkeys(problems))
    if distinct:
        raise OptionError(f"{network} cannot be built: " + "; ".join(distinct))


def shorten(values: Sequence[Any]) -> Any:
    """Return one value where all layers have the same, else the list, for a configuration."""
    return values[0] if len(set(values)) == 1 else list(values)


def check_config(name: str, config: Mapping[str, Any], expected: frozenset[str]) -> None:
    """Check that a configuration from a file has exactly the expected keys.

    Raises:
        OptionError: naming the keys that lack and those that are unknown.
    """
    problems = [f"the setting {key!r} is missing" for key in sorted(expected - config.keys())]
    problems += [f"the setting {key!r} is unknown" for key in sorted(config.keys() - expected)]
    refuse(name, problems)


def check_dtype(name: object, known: Sequence[str], problems: list[str]) -> None:
    """Add to ``problems`` unless ``name`` is the name of a known dtype."""
    if name not in known:
        problems.append(f"dtype must be one of {', '.join(known)}, got {name!r}")
