"""A run of a network of sequences over one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gatework.examine import NetworkRun
from gatework.recognize.features.base import Features
from gatework.recognize.features.characters import Characters
from gatework.recognize.features.numbers import Numbers
from gatework.recognize.sequences import Sequences

if TYPE_CHECKING:  # the estimator examines by this module: a circle of types alone
    from gatework.recognize.estimator import SequenceEstimator


def run_sequence(estimator: SequenceEstimator, sequences: Sequences, row: int) -> NetworkRun:
    """Return the run; its results are what the estimator would say, did the sequence end there."""
    network, values = estimator.network_.eval(), sequences.values[row]
    several = f", the first of {estimator.members_} networks" if network.others else ""
    names = _channels(estimator.features_, values.shape[1])
    content = sequences.content(row)
    text = content if isinstance(content, str) and len(content) == len(values) else None

    def head(output: Tensor, raw: Tensor) -> Tensor:
        return estimator.results(network.tell(output, raw)[:, 0])

    return NetworkRun(
        network=network.lstm,
        raw=torch.from_numpy(estimator.scaling_.apply(values)).unsqueeze(1),
        entry=network.convolutions if network.before else None,
        values=values,
        names=names,
        features=names,
        labels=tuple(text or map(str, range(len(values)))),
        layers=network.layer_summary(),
        title=f"{type(estimator).__name__}: {sequences.names[row]}{several}",
        head=head,
        results=estimator.result_names(),
        text=text,
    )


def _channels(features: Features | None, count: int) -> tuple[str, ...]:
    if isinstance(features, Numbers):
        return features.names
    if isinstance(features, Characters):
        return ("unknown", *features.known)
    return tuple(f"feature {n}" for n in range(count))
