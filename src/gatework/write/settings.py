"""The settings of a language model and its training, and the presets by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from gatework.checks import (
    checked,
    is_number,
    is_whole,
    must,
    number,
    one_of,
    switch,
    takes_old_names,
    whole,
    wrong_fields,
)

MAY_BE_NONE = ("cutoffs", "average")
ADAPTIVE_FROM = 20_000
"""The size of a vocabulary from which "auto" takes an adaptive softmax."""

CLUSTER_DIVISOR = 4
"""Each cluster of an adaptive softmax has so many times fewer features than the one before."""


def _sizes(sizes: Any) -> bool:
    return isinstance(sizes, tuple | list) and bool(sizes) and all(is_whole(s, 1) for s in sizes)


def _ends(ends: Any) -> bool:
    return ends == "auto" or (_sizes(ends) and list(ends) == sorted(set(ends)))


SCHEDULES = ("constant", "cosine", "one-cycle", "plateau")
_SIZES = must("whole numbers of at least 1", _sizes)
_SIZE_OR_0 = must("0 or a whole number", lambda size: is_whole(size, 0))
_CUTOFFS = must('"auto", None or rising whole numbers', _ends)
_PROBABILITY = must("a probability, at least 0 and below 1", lambda p: is_number(p, 0) and p < 1)
_AVERAGE = must(
    'None, a decay between 0 and 1, or "non-monotone"',
    lambda average: average == "non-monotone" or (is_number(average) and 0 < average < 1),
)


@dataclass(frozen=True)
class Settings:
    """A language model and how it is trained.

    Attributes:
        embedding_size: features of a token.
        hidden_sizes: units of each LSTM layer.
        proj_size: the last hidden state is projected to this size; 0 for none.
        tied: the head's weight is the embedding's; the last layer must have as many features.
        cutoffs: "auto", None or "none" for a plain softmax, or the ends of the clusters of an
            adaptive one.
        peephole, layer_norm, exponential_gating: variants of the cell, see gatework.LSTM.
        dropout: between layers, one mask for all steps, as all dropout here.
        input_dropout, output_dropout: before the first layer, after the last.
        embedding_dropout: of whole tokens.
        recurrent_dropout, drop_connect: of the hidden state, of the recurrent weights.
        activation_penalty, change_penalty: alpha and beta of the AWD-LSTM.
        optimizer: "adamw", "adam" or "sgd".
        learning_rate: the greatest.
        schedule: "constant", "cosine", "one-cycle" or "plateau".
        weight_decay: of the optimiser.
        clip_norm: largest norm of the gradient.
        average: None or "none", the decay of an exponential average of the weights, or
            "non-monotone": their mean from when validation stops improving (NT-ASGD with "sgd").
        epochs: passes over the text.
        batch_size: streams, or documents, side by side.
        bptt: tokens between two cuts of the gradient.
    """

    embedding_size: int = checked(64, whole(1))
    hidden_sizes: tuple[int, ...] = checked((512,), _SIZES)
    proj_size: int = checked(0, _SIZE_OR_0)
    tied: bool = checked(False, switch)
    cutoffs: str | tuple[int, ...] | None = checked("auto", _CUTOFFS)
    peephole: bool = checked(False, switch)
    layer_norm: bool = checked(False, switch)
    exponential_gating: bool = checked(False, switch)
    dropout: float = checked(0.0, _PROBABILITY)
    input_dropout: float = checked(0.0, _PROBABILITY)
    output_dropout: float = checked(0.0, _PROBABILITY)
    embedding_dropout: float = checked(0.0, _PROBABILITY)
    recurrent_dropout: float = checked(0.0, _PROBABILITY)
    drop_connect: float = checked(0.0, _PROBABILITY)
    activation_penalty: float = checked(0.0, number(0))
    change_penalty: float = checked(0.0, number(0))
    optimizer: str = checked("adamw", one_of(("adamw", "adam", "sgd")))
    learning_rate: float = checked(4e-3, number(above=0))
    schedule: str = checked("one-cycle", one_of(SCHEDULES))
    weight_decay: float = checked(0.0, number(0))
    clip_norm: float = checked(1.0, number(above=0))
    average: float | str | None = checked(None, _AVERAGE)
    epochs: int = checked(20, whole(1))
    batch_size: int = checked(64, whole(1))
    bptt: int = checked(64, whole(1))

    def cutoffs_for(self, vocabulary_size: int) -> tuple[int, ...] | None:
        """Return the ends of the clusters of a vocabulary; None for a plain softmax."""
        if isinstance(self.cutoffs, str):
            if vocabulary_size < ADAPTIVE_FROM or self.tied or self._last < CLUSTER_DIVISOR**2:
                return None
            return (vocabulary_size // 10, vocabulary_size // 3)
        if self.cutoffs is None:
            return None
        return tuple(end for end in self.cutoffs if end < vocabulary_size - 1) or None

    @property
    def _last(self) -> int:
        """Features that the head sees."""
        return self.proj_size or self.hidden_sizes[-1]

    def problems(self) -> list[str]:
        """Return everything that is wrong with these settings, a sentence each."""
        return [*wrong_fields(self), *self._contradictions()]

    def _contradictions(self) -> list[str]:
        found = []
        sizes = self.hidden_sizes
        if not sizes or not all(is_whole(size, 0) for size in (*sizes, self.proj_size)):
            return found
        last = self._last
        if self.proj_size and self.proj_size >= min(sizes):
            found.append(
                f"proj_size must be smaller than each of hidden_sizes, got {self.proj_size} and "
                f"{', '.join(map(str, sizes))}"
            )
        if self.tied and last != self.embedding_size:
            found.append(
                f"tied weights need the last layer to have embedding_size = {self.embedding_size} "
                f"features, got {last}"
            )
        if self.tied and isinstance(self.cutoffs, tuple):
            found.append("tied and cutoffs exclude each other: give cutoffs=None, or tied=False")
        if isinstance(self.cutoffs, tuple) and last < CLUSTER_DIVISOR ** len(self.cutoffs):
            found.append(
                f"{len(self.cutoffs)} cutoffs need at least "
                f"{CLUSTER_DIVISOR ** len(self.cutoffs)} features of the last layer, got {last}"
            )
        if self.dropout and len(sizes) == 1:
            found.append("dropout acts between layers, of which there is one: set output_dropout")
        return found


Settings.__init__ = takes_old_names("Settings", {"steps": "bptt"})(Settings.__init__)


AWD = Settings(
    embedding_size=400,
    hidden_sizes=(1150, 1150, 400),
    tied=True,
    dropout=0.25,
    input_dropout=0.4,
    output_dropout=0.4,
    embedding_dropout=0.1,
    drop_connect=0.5,
    activation_penalty=2.0,
    change_penalty=1.0,
    optimizer="sgd",
    learning_rate=30.0,
    schedule="constant",
    weight_decay=1.2e-6,
    clip_norm=0.25,
    average="non-monotone",
    epochs=500,
    batch_size=80,
    bptt=70,
)
"""Merity, Keskar, Socher 2018, arXiv:1708.02182, section 5: words of the Penn Treebank."""

WORDS = Settings(
    embedding_size=256,
    hidden_sizes=(512,),
    proj_size=256,
    tied=True,
    cutoffs=None,
    input_dropout=0.2,
    output_dropout=0.3,
    embedding_dropout=0.1,
    drop_connect=0.2,
    average=0.998,
    learning_rate=3e-3,
    weight_decay=0.01,
)
"""Tied weights, for vocabularies of thousands."""

PRESETS: dict[str, Settings] = {
    "small": Settings(hidden_sizes=(256,), learning_rate=6e-3, epochs=12),
    "plain": Settings(output_dropout=0.35, average=0.998, epochs=15),
    "deep": Settings(
        hidden_sizes=(512, 512),
        dropout=0.3,
        output_dropout=0.3,
        average=0.998,
    ),
    "awd": AWD,
    "awd-adam": replace(
        AWD,
        hidden_sizes=(512, 512, 400),
        optimizer="adamw",
        learning_rate=3e-3,
        schedule="one-cycle",
        weight_decay=0.01,
        clip_norm=1.0,
        average=0.998,
        input_dropout=0.2,
        output_dropout=0.3,
        drop_connect=0.3,
        epochs=30,
        batch_size=64,
    ),
    "slstm": Settings(
        hidden_sizes=(384, 384),
        exponential_gating=True,
        layer_norm=True,
        dropout=0.2,
        output_dropout=0.3,
        learning_rate=3e-3,
        average=0.998,
    ),
    "words": WORDS,
    "verse": replace(WORDS, input_dropout=0.1, embedding_dropout=0.0, learning_rate=4e-3, epochs=9),
}
"""What the names of Writer(preset=) stand for."""


def settled(preset: str, changes: Mapping[str, Any]) -> Settings:
    """Return the settings of a preset with those changes that are not None, unchecked.

    None takes the preset's; what shall be None whatever the preset says is "none".

    Example:
        >>> settled("small", {"epochs": 3, "batch_size": None}).epochs
        3
        >>> print(settled("plain", {"average": "none"}).average)
        None
    """
    given = {name: _given(value, name) for name, value in changes.items() if value is not None}
    return replace(PRESETS.get(preset, Settings()), **given)


def setting_names() -> tuple[str, ...]:
    """Return the names of all settings."""
    return tuple(field.name for field in fields(Settings))


def _given(value: Any, name: str) -> Any:
    if name in MAY_BE_NONE and value == "none":
        return None
    if name == "hidden_sizes" and (isinstance(value, str) or not isinstance(value, Sequence)):
        return (value,)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(value)
    return value
