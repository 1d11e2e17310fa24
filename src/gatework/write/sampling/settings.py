"""How the next token is drawn: the settings of sampling, and whether they can be used."""

from __future__ import annotations

from dataclasses import dataclass

from gatework.checks import (
    checked,
    is_number,
    is_whole,
    must,
    number,
    refuse,
    switch,
    whole,
    wrong_fields,
)
from gatework.runtime.choose import ChoiceSettings

HOTTEST = 100.0
"""The highest temperature; at it all tokens are as good as equally likely."""


_COUNT = must("a whole number of at least 1, or None", lambda k: is_whole(k, 1))
_SHARE = must("above 0 and at most 1, or None", lambda p: is_number(p, 0, 1) and p > 0)


@dataclass(frozen=True)
class Sampling(ChoiceSettings):
    """How the next token is drawn; None leaves a filter out.

    ``choose`` says in which order the settings act.

    Args:
        temperature: divides the log-probabilities: below 1 the text is safer, above 1 bolder;
            0 always takes the most likely token.
        top_k: only so many of the most likely tokens.
        top_p: only the most likely tokens that together have this probability (nucleus sampling).
        min_p: only tokens with at least this share of the probability of the most likely one.
        typical: only the tokens whose surprise is nearest to the entropy, which together have
            this probability.
        repetition_penalty: multiplies the log-probability of tokens that came lately; 1 is none.
        forbid_unknown: never write the mark of what is not in the vocabulary.
        repetition_window: how many tokens back a token came lately.

    Raises:
        OptionError: naming all settings that are out of range.

    Example:
        >>> Sampling(temperature=0.8, top_p=0.95).temperature
        0.8
        >>> Sampling(temperature=-1, top_k=0)
        Traceback (most recent call last):
        gatework.errors.OptionError: sampling is not possible so: temperature must be a number ...
        hint: Sampling(temperature=0.8, top_p=0.95)

    Source: top-k: Fan, Lewis, Dauphin 2018, arXiv:1805.04833; nucleus: Holtzman et al. 2020,
    arXiv:1904.09751; min-p: Nguyen et al. 2024, arXiv:2407.01082; locally typical: Meister et al.
    2023, arXiv:2202.00666; repetition penalty: Keskar et al. 2019, arXiv:1909.05858, section 4.1.
    """

    temperature: float = checked(1.0, number(0, HOTTEST))
    top_k: int | None = checked(None, _COUNT)
    top_p: float | None = checked(None, _SHARE)
    min_p: float | None = checked(None, _SHARE)
    typical: float | None = checked(None, _SHARE)
    repetition_penalty: float = checked(1.0, number(1, 100))
    forbid_unknown: bool = checked(True, switch)
    repetition_window: int = checked(64, whole(1))

    def __post_init__(self) -> None:
        refuse(
            wrong_fields(self),
            "sampling is not possible so: ",
            hint="Sampling(temperature=0.8, top_p=0.95)",
        )
