"""Writers looked into: a run of the network over a text."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gatework.errors import DataError
from gatework.examine import NetworkRun
from gatework.write.network import LanguageNetwork
from gatework.write.vocabulary import Vocabulary, split

MOST_TOKENS = 20_000
"""Longer texts are not looked into: every gate of every step is kept."""


def run_text(network: LanguageNetwork, vocabulary: Vocabulary, text: str) -> NetworkRun:
    """Return the run of a language network over a text that begins a document.

    What the run was given are the embeddings of the tokens, its results the log-probabilities of
    the token that follows.

    Raises:
        DataError: when the text is empty or has more than 20,000 tokens.
    """
    tokens = vocabulary.encode(text)
    if not 1 <= len(tokens) <= MOST_TOKENS:
        said = f"has {len(tokens):,} tokens" if len(tokens) else "is empty"
        raise DataError(
            f"the text {said}, and one of 1 to {MOST_TOKENS:,} tokens can be looked into",
            hint="take a part of it" if len(tokens) else "give a text",
        )
    network.eval()
    with torch.no_grad():
        end = torch.full((1, 1), vocabulary.END)
        raw = network.embedding(torch.from_numpy(tokens)).unsqueeze(1)
        start = network(end)[1]

    def head(output: Tensor, raw: Tensor) -> Tensor:
        return network.log_probabilities(output)[:, 0]

    pieces = split(text, vocabulary.level)
    if vocabulary.level == "bytes":
        pieces = [f"{ord(piece):02x}" for piece in pieces]
    return NetworkRun(
        network=network.lstm,
        raw=raw,
        values=np.zeros((len(tokens), 0)),
        names=(),
        features=tuple(f"embedding {n + 1}" for n in range(raw.shape[2])),
        labels=tuple(pieces),
        layers=tuple(network.layer_summary()),
        title="Writer",
        head=head,
        results=("end", "unknown", *vocabulary.tokens[2:]),
        text=text if vocabulary.level == "char" else None,
        start=start,
    )
