"""Strings of spoken digits, read by CTC: 3 to 7 takes of a speaker, joined with pauses and gains.

Strings to learn from are joined from takes 5 to 49, those of the test from takes 0 to 4. Pauses
are from 0 to 0.4 s of faint noise, gains from -6 to 6 dB, all drawn evenly. So the loudest digit
may be 12 dB above the others, and the features reach 12 dB deeper than for single digits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gatework.recognize import Sequences, Transcriber
from gatework.recognize.augment import SoundAugmentation
from recognition import Row, Run, accuracy
from recognition.spoken_digits import FEATURES as SINGLE
from recognition.spoken_digits import RATE, load

FEATURES = replace(SINGLE, depth=34.0)
TRAINING, TEST = 4000, 400
SETTINGS: dict[str, Any] = {
    "hidden_sizes": (128, 128),
    "bidirectional": True,
    "dropout": 0.3,
    "epochs": 20,
    "batch_size": 32,
    "learning_rate": 4e-3,
    "validation": None,
    "beam": 8,
    "augment": SoundAugmentation(shift=0.0, tempo=0.15, time_masks=0, channel_masks=0),
}


def strings(
    sounds: Sequences, speakers: np.ndarray, chosen: np.ndarray, count: int, seed: int
) -> Sequences:
    """Return strings joined from the chosen recordings, with their digits as transcripts."""
    draw = np.random.default_rng(seed)
    contents, labels = [], []
    for _ in range(count):
        own = chosen[speakers[chosen] == draw.choice(np.unique(speakers))]
        parts, text = [_pause(draw)], ""
        for row in draw.choice(own, draw.integers(3, 8)):
            gain = 10 ** (draw.uniform(-6, 6) / 20)
            parts += [np.asarray(sounds.content(row), np.float32) * np.float32(gain), _pause(draw)]
            text += str((sounds.labels or ())[row])
        contents.append(np.concatenate(parts))
        labels.append(text)
    values = tuple(FEATURES(content) for content in contents)
    names = tuple(f"string {number}" for number in range(count))
    return Sequences(values, names, tuple(labels), "sound", FEATURES, tuple(contents))


def _pause(draw: np.random.Generator) -> np.ndarray:
    return 1e-3 * draw.normal(size=int(RATE * draw.uniform(0, 0.4))).astype(np.float32)


def rows(run: Run) -> list[Row]:
    """Return the row of the task."""
    sounds, speakers, takes = load(FEATURES)
    train = strings(sounds, speakers, np.flatnonzero(takes >= 5), run.some(TRAINING), 1)
    test = strings(sounds, speakers, np.flatnonzero(takes < 5), run.some(TEST), 2)
    settings = run.few(SETTINGS)
    reached, seconds = run.each(
        lambda seed: 1 - Transcriber(**settings, seed=seed).fit(train).score(test)
    )
    name = "strings of 3 to 7 spoken digits, digit error rate"
    protocol = f"{len(train):,} strings of takes 5 to 49, {len(test)} of takes 0 to 4"
    model = Transcriber(**settings)
    return [accuracy(name, protocol, ("5 %", "1.5 %"), reached, seconds, model)]
