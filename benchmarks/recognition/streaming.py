"""Speech recognised as it comes, on one core: samples in pieces of 20 ms, features, two layers."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
import torch

from gatework.recognize import SequenceClassifier
from gatework.recognize.features.sound import LogMel
from recognition import SPEED, Row, Run

RATE, PIECE, SECONDS = 8000, 160, 20
UNITS = (128, 128)
AS_IT_COMES: dict[str, Any] = {
    "bidirectional": False,
    "convolutions": "none",
    "pooling": "last",
    "validation": None,
}


def rows(run: Run) -> list[Row]:
    """Return the row: how many times faster than real time."""
    torch.set_num_threads(1)
    features = LogMel(rate=RATE, mels=40)
    draw = np.random.default_rng(0)
    sound = (0.1 * draw.normal(size=RATE * (1 if run.smoke else SECONDS))).astype(np.float32)
    some = [features(sound[:RATE]) + 0.01 * n for n in range(4)]
    model = SequenceClassifier(UNITS, **AS_IT_COMES, epochs=1).fit(some, list("abab"))
    taken = []
    for _ in range(1 if run.smoke else 5):
        frames: Any = features.stream()
        stream = model.stream(confidence=0.9)
        began = time.perf_counter()
        for begin in range(0, len(sound), PIECE):
            stream.push(frames.push(sound[begin : begin + PIECE]))
        taken.append(time.perf_counter() - began)
    torch.set_num_threads(run.threads)
    seconds = statistics.median(taken)
    times = len(sound) / RATE / seconds
    said = f"8 kHz, log-mel of 40 bands each 10 ms, {UNITS[0]} + {UNITS[1]} units, 1 thread"
    cells = ("speech as it comes", said, f"{times:.0f} times real time", "", "")
    return [Row(SPEED, cells)]
