"""What the outputs of a network read as: transcripts, by the best path or by a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from gatework.recognize.ctc import LanguageModel, beam_search, greedy
from gatework.recognize.ctc.beam import Judge
from gatework.recognize.targets import Tokens


@dataclass(frozen=True)
class Transcript:
    """What was read.

    Attributes:
        labels: the transcript: a string, or a list of labels, as it was learned from.
        score: see gatework.recognize.ctc.beam_search; the log-probability of the best path where
            nothing was searched.
    """

    labels: Any
    score: float


class TranscriptSearch(Protocol):
    """How transcripts are searched for; see Transcriber."""

    beam: int
    language_model: LanguageModel | None
    alpha: float
    beta: float


def transcripts(
    outputs: Sequence[np.ndarray], targets: Tokens, search: TranscriptSearch
) -> list[Transcript]:
    """Return the transcript of each sequence with its score.

    Shapes:
        outputs: (T, O) of each, before the softmax.

    Raises:
        OptionError: when the language model does not know a label.
    """
    if search.beam == 1:
        return [_best_path(logits, targets) for logits in outputs]
    judge = None
    if search.language_model is not None or search.beta:
        texts = ("", *targets.values)
        judge = Judge(texts, search.language_model, search.alpha, search.beta)
    found = [beam_search(logits, search.beam, judge=judge)[0] for logits in outputs]
    return [Transcript(targets.decode(labels), score) for labels, score in found]


def _best_path(logits: np.ndarray, targets: Tokens) -> Transcript:
    top = logits.max(axis=1, keepdims=True).astype(np.float64)
    score = -np.log(np.exp(logits - top).sum(axis=1)).sum()
    return Transcript(targets.decode(greedy(logits)[0]), float(score))
