"""The ways in which an LSTM can forecast a series, by name; see forecast.method."""

from __future__ import annotations

from gatework.checks import refuse, wrong_choice
from gatework.forecast.method import Method

DEFAULT_METHOD = "es-lstm"
METHODS = (DEFAULT_METHOD, "recursive")


def method_of(name: object) -> Method:
    """Return the method of a name.

    Raises:
        OptionError: when there is none.
    """
    refuse(wrong_choice("method", name, METHODS), hint=f"method={DEFAULT_METHOD!r}")
    if name == DEFAULT_METHOD:
        from gatework.forecast.es_lstm.method import SmoothingMethod

        return SmoothingMethod()
    from gatework.forecast.recursive.method import Recursive

    return Recursive()
