"""The models that can be saved, and what they must offer for it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, cast

if TYPE_CHECKING:
    import numpy as np
    import torch

    AnyTensor = np.ndarray | torch.Tensor
    AnyDtype = np.dtype | torch.dtype

KINDS = {
    "lstm": "gatework.network:LSTM",
    "rnn": "gatework.network:RNN",
    "forecaster": "gatework.forecast:Forecaster",
    "global_forecaster": "gatework.forecast:GlobalForecaster",
    "life": "gatework.life:LifeEstimator",
    "watch": "gatework.watch:Watch",
    "sequence_classifier": "gatework.recognize:SequenceClassifier",
    "sequence_regressor": "gatework.recognize:SequenceRegressor",
    "sequence_tagger": "gatework.recognize:SequenceTagger",
    "transcriber": "gatework.recognize:Transcriber",
    "writer": "gatework.write.writer:Writer",
}
"""Where the class of each kind lives. A file names a kind, never a class or a module."""


class Saveable(Protocol):
    """What a model offers to be saved and loaded."""

    file_kind: ClassVar[str]

    def to_config(self) -> dict[str, Any]:
        """Return everything but the tensors, as JSON values."""
        ...

    def tensors(self) -> Mapping[str, AnyTensor]:
        """Return every tensor by name."""
        ...

    @classmethod
    def expected_tensors(
        cls, config: Mapping[str, Any]
    ) -> Mapping[str, tuple[AnyDtype, tuple[int, ...]]]:
        """Check ``config`` and return dtype and shape of every tensor it asks for.

        What has a dtype of numpy is handed to ``from_config`` as an array, the rest as torch's.
        """
        ...

    @classmethod
    def from_config(cls, config: Mapping[str, Any], tensors: Mapping[str, Any]) -> Self:
        """Build the model around tensors that are as expected."""
        ...


def class_of(kind: str) -> type[Saveable]:
    """Return the class of a kind in KINDS, importing its module on first use."""
    module, _, name = KINDS[kind].partition(":")
    return cast(type[Saveable], getattr(importlib.import_module(module), name))
