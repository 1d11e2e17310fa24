"""A description of one layer that pictures, reports and tables can use without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class LinearSizes(Protocol):
    """What a linear layer of torch tells of itself."""

    in_features: int
    out_features: int


@dataclass(frozen=True)
class LayerSummary:
    """What one layer of a network is: its sizes, its parameters and its options.

    Attributes:
        name: as shown to a person, for instance "LSTM 1".
        kind: "lstm", "rnn" or "linear".
        input_size: features that come in at each step.
        hidden_size: units of the layer, in each direction.
        output_size: features that leave the layer at each step, all directions together.
        directions: 1, or 2 for a bidirectional layer.
        parameters: number of trainable numbers in the layer.
        options: the variants in use, in words, for instance ("peephole", "layer norm").
        dropout_after: probability with which the layer's outputs are dropped while training.
        beside: whether it reads the input of the first layer, and the next one what both say.
    """

    name: str
    kind: str
    input_size: int
    hidden_size: int
    output_size: int
    directions: int
    parameters: int
    options: tuple[str, ...] = ()
    dropout_after: float = 0.0
    beside: bool = False

    @classmethod
    def linear(cls, name: str, layer: LinearSizes) -> LayerSummary:
        """Return the description of a linear layer with biases."""
        wide, size = layer.in_features, layer.out_features
        return cls(name, "linear", wide, size, size, 1, (wide + 1) * size)
