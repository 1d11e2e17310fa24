"""The features that files of a kind are read with where nothing else was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from gatework.errors import DataError, OptionError, nearest
from gatework.recognize.features.base import Features
from gatework.recognize.features.characters import Characters
from gatework.recognize.features.images import Columns, Pixels, Rows
from gatework.recognize.features.mfcc import Mfcc
from gatework.recognize.features.sound import LogMel, SoundFeatures
from gatework.recognize.features.strips import Strips
from gatework.recognize.readers.bad import BadFile
from gatework.recognize.readers.images import picture_size
from gatework.recognize.readers.sound import read_sound, sound_rate
from gatework.recognize.readers.text import read_text

NAMES: dict[str, dict[str, Any]] = {
    "image": {"rows": Rows, "columns": Columns, "pixels": Pixels, "strips": Strips},
    "sound": {"log_mel": LogMel, "mfcc": Mfcc},
    "text": {"characters": Characters},
}
LARGEST_SIDE = 64
"""Of a picture, in pixels: more steps make training slow and seldom better."""
HIGHEST_RATE = 16_000
"""In Hz: speech has little above half of it."""
RISE = 6.0
"""Decibels by which a band of speech rises and falls, as a deviation, at the least: for spoken
digits it is 13, for a hum or a tone 2 or 3."""
TELEPHONE = {"window": 0.02, "low": 150.0, "high": 3400.0}
"""How speech of 8 kHz is read: from above the hum to where telephones end. At the ends of the whole
band recordings differ more by voice and microphone than by word."""
TELEPHONE_RATE = 8000
DEPTH = 34.0
"""Decibels below the loudest band down to which speech is read before its mean is taken out: else
that would be the mean of the silence, and speakers who were never heard are recognised worse."""
LOOKED_AT = 20
"""Files of which size and rate are looked up."""


def default_features(
    kind: str,
    paths: Sequence[Path],
    *,
    name: str | None = None,
    settings: dict[str, Any] | None = None,
    streams: bool = False,
) -> Features:
    """Return features for files: those asked for, with what the files say of size and rate.

    Pictures are read by rows at their most frequent size, at most 64 pixels a side; sound as
    log-mel energies with deltas at its most frequent rate, at most 16 kHz, and where it rises and
    falls as speech does, down to DEPTH and less their mean, at 8 kHz in the band of TELEPHONE; text
    by the characters that are in it.

    Args:
        kind: "image", "sound" or "text".
        paths: of the files.
        name: of the features; the kind's first ones where left out.
        settings: of the features, which go before what the files say.
        streams: sound is to be recognised while it comes, so that no mean of it is known.

    Raises:
        OptionError: when there are no such features, or they have no such setting.
        DataError: when no file can be opened.
    """
    known = NAMES[kind]
    if name is not None and name not in known:
        close = nearest(name, known)
        raise OptionError(
            f"files of the kind {kind} are read as {', '.join(known)}, got {name!r}",
            hint=f"--as {close}" if close else None,
        )
    chosen = name or next(iter(known))
    given = dict(settings or {})
    if kind == "text":
        return _characters(paths, given)
    if kind == "image":
        given = _sized(chosen, paths, given)
    else:
        given.setdefault("rate", 0)
        if not given["rate"]:
            given["rate"] = min(HIGHEST_RATE, _frequent(sound_rate, paths))
        given.setdefault("deltas", 1)
    check_settings(chosen, known[chosen], given)
    made = known[chosen](**given)
    if kind == "sound" and not streams and "normalise" not in given and _changes(made, paths):
        speech: dict[str, Any] = {"normalise": "mean", "depth": DEPTH}
        if made.rate == TELEPHONE_RATE and not TELEPHONE.keys() & given.keys():
            speech |= TELEPHONE
        return replace(made, **(speech | given))
    return made


def check_settings(name: str, features: Any, given: Mapping[str, Any]) -> None:
    """Check that features of a name have all the settings that are given.

    Raises:
        OptionError: when one is unknown; the message names those there are.
    """
    known = [field.name for field in fields(features)]
    for setting, value in given.items():
        if setting not in known:
            close = nearest(setting, known)
            raise OptionError(
                f"the features {name!r} have no setting {setting!r}: {', '.join(known)}",
                hint=f"--feature {close}={value}" if close else "leave it out",
            )


def _sized(name: str, paths: Sequence[Path], given: dict[str, Any]) -> dict[str, Any]:
    if "height" in given and ("width" in given or name == "strips"):
        return given
    height, width = _frequent(picture_size, paths)
    if name == "strips":
        return {"height": min(height, LARGEST_SIDE // 2)} | given
    scale = min(1.0, LARGEST_SIDE / max(height, width))
    return {
        "height": max(1, round(height * scale)),
        "width": max(1, round(width * scale)),
    } | given


def _frequent(look: Any, paths: Sequence[Path]) -> Any:
    """Return what is most frequent among some files, spread over all, that can be opened."""
    found: Counter[Any] = Counter()
    why = ""
    for path in paths[:: max(1, len(paths) // LOOKED_AT)]:
        try:
            found[look(path)] += 1
        except BadFile as error:
            why = why or f"'{path}' {error}"
    if not found:
        raise DataError(f"none of the files that were looked at can be opened: {why}")
    return max(sorted(found), key=lambda one: found[one])


def _changes(features: SoundFeatures, paths: Sequence[Path]) -> bool:
    """Return whether sounds rise and fall as speech does, and by more than their means differ.

    Then what stays the same throughout, of voice, room and microphone, is better taken out; of a
    hum it would be all there is.
    """
    means, within = [], []
    for path in paths[:: max(1, len(paths) // LOOKED_AT)]:
        try:
            values = features(read_sound(path, features)[0])[:, : features.statics]
        except BadFile:
            continue  # reading tells of it
        means.append(values.mean(axis=0))
        within.append(values.var(axis=0).sum() / features.mels)
    if not means:
        return False
    between = np.var(means, axis=0).sum() / features.mels
    return bool(np.mean(within) > max(between, (RISE * np.log(10) / 10) ** 2))


def _characters(paths: Sequence[Path], given: dict[str, Any]) -> Features:
    if given:
        raise OptionError(f"text has no setting {next(iter(given))!r}")
    texts = []
    for path in paths:
        try:
            texts.append(read_text(path)[0])
        except BadFile:
            continue  # reading tells of it
    if not texts:
        raise DataError("no file has a character that can be read")
    return Characters.of(texts)
