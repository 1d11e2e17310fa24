"""The ways in which an LSTM can forecast a series, by name; see forecast.method."""

from __future__ import annotations

from gatework.checks import one_of, refuse
from gatework.forecast.method import Method

DEFAULT_METHOD = "pretrained"
SEARCHED_METHOD = "es-lstm"
"""What a search is for where no method is named."""
METHODS = (DEFAULT_METHOD, SEARCHED_METHOD, "recursive")


def method_of(name: object) -> Method:
    """Return the method of a name.

    Raises:
        OptionError: when there is none.
    """
    refuse(one_of(METHODS)("method", name), hint=f"method={DEFAULT_METHOD!r}")
    if name == DEFAULT_METHOD:
        from gatework.forecast.pretrained.method import PretrainedMethod

        return PretrainedMethod()
    if name == SEARCHED_METHOD:
        from gatework.forecast.es_lstm.method import SmoothingMethod

        return SmoothingMethod()
    from gatework.forecast.recursive.method import Recursive

    return Recursive()
