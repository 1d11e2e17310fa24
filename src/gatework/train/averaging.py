"""Averages of the weights over the steps of a training, which generalise better than the last."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gatework.checks import must

NON_MONOTONE = "non-monotone"
PATIENCE = 5
"""Validations that "non-monotone" looks back, as in the paper."""

RULE = must(
    'None, a decay between 0 and 1, or "non-monotone"',
    lambda rule: rule in (None, NON_MONOTONE) or (isinstance(rule, float) and 0 < rule < 1),
)


class WeightAverage:
    """The average of the weights, kept beside them.

    Args:
        parameters: the weights while they are trained.
        rule: the decay of an exponential average, between 0 and 1, which is less for the first
            steps, so that the start is soon forgotten; or "non-monotone": the plain mean of all
            steps from when the validation loss is above its best of more than five epochs before.

    Source: Polyak and Juditsky 1992, doi 10.1137/0330046; "non-monotone": Merity, Keskar, Socher
        2018, arXiv:1708.02182, algorithm 1.
    """

    def __init__(self, parameters: Sequence[nn.Parameter], rule: float | str) -> None:
        self.parameters = parameters
        self.rule = rule
        self.steps = 0
        self.weights: list[Tensor] | None = None
        if rule != NON_MONOTONE:
            self._begin()

    @torch.no_grad()
    def update(self) -> None:
        """Take the weights after a step in."""
        if self.weights is None:
            return
        self.steps += 1
        share = 1 / self.steps
        if not isinstance(self.rule, str):
            share = 1 - min(self.rule, self.steps / (self.steps + 10))
        for average, parameter in zip(self.weights, self.parameters, strict=True):
            average.lerp_(parameter.detach(), share)

    def consider(self, validation: Sequence[float]) -> None:
        """Begin, by the rule "non-monotone", when validation losses say so."""
        before = validation[: -PATIENCE - 1]
        if self.weights is None and before and validation[-1] > min(before):
            self._begin()

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Put the average in the place of the weights inside the block."""
        own = [parameter.detach().clone() for parameter in self.parameters]
        self.install()
        try:
            yield
        finally:
            self._set(own)

    def install(self) -> None:
        """Put the average in the place of the weights, if it has begun."""
        if self.weights is not None and self.steps:
            self._set(self.weights)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint must keep."""
        return {"steps": self.steps, "weights": self.weights}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what ``state`` returned."""
        self.steps, self.weights = state["steps"], state["weights"]

    def _begin(self) -> None:
        self.weights = [parameter.detach().clone() for parameter in self.parameters]

    @torch.no_grad()
    def _set(self, values: Sequence[Tensor]) -> None:
        for parameter, value in zip(self.parameters, values, strict=True):
            parameter.copy_(value)
