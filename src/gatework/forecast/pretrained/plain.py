"""The plain mean of the smoothers: what forecasts where the network cannot be used."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np

from gatework.errors import FileFormatError, InputFileError
from gatework.forecast.pretrained.bank import SETS, WIDTH
from gatework.forecast.pretrained.distribution import LEAST_STEP, LEVELS, MIDDLE, PARAMETERS
from gatework.forecast.pretrained.knots import KNOTS
from gatework.forecast.pretrained.model import PretrainedNetwork, shapes, shipped, stack_for
from gatework.forecast.pretrained.rates import CALM
from gatework.forecast.result import PLAIN_MEAN
from gatework.forecast.verdict import Verdict

DEVIATION = 1.25
"""Standard deviation of normal errors, in units of their mean size."""

RATE = 0.3
"""How far the level of the mean follows a new value: by it errors grow with the steps ahead."""


FIRST = -3.0
"""Score of quick smoothers before anything is learned, beside 0 of the others."""


@cache
def serving() -> PretrainedNetwork:
    """Return the networks that come with the package, or the plain mean where they are damaged."""
    try:
        return shipped()
    except (FileFormatError, InputFileError) as error:
        return plain_mean(error.message)


def network_of(path: str | os.PathLike[str] | None) -> PretrainedNetwork:
    """Return the networks in a file, or without one those that serve.

    Raises:
        InputFileError, FileFormatError: when the file cannot be read, is damaged or holds others.
    """
    if path is None:
        return serving()
    network = PretrainedNetwork.load(path)
    network.about["file"] = Path(path).name
    return network


def plain_mean(why: str) -> PretrainedNetwork:
    """Return a network that weighs the calm smoothers alike, with normal errors around them.

    ``why`` is kept as the reason that it serves.

    Source: R. J. Hyndman et al. 2008, "Forecasting with Exponential Smoothing", section 6.3
        (the variance of ETS(A,N,N) so many steps ahead).
    """
    weights = {
        name: np.zeros(shape, np.float32) for name, shape in shapes(1, stack_for(1, [1])).items()
    }
    places = np.array([NormalDist().inv_cdf(level) for level in LEVELS]) * DEVIATION
    grown = np.sqrt(1 + (KNOTS[:, None] - 1) * RATE**2)
    steps = np.maximum(np.diff(places) * grown - LEAST_STEP, 1e-6)  # (K, Q - 1)
    raw = np.log(np.expm1(steps))
    spread = np.zeros((len(KNOTS), PARAMETERS), np.float32)
    spread[:, :MIDDLE] = raw[:, :MIDDLE]
    spread[:, MIDDLE + 1 : len(LEVELS)] = raw[:, MIDDLE:]
    weights["spread.bias"] = spread.ravel()
    weights["head.bias"] = first_scores().ravel()
    return PretrainedNetwork.of([weights], [1], {"plain": why, "entry": 1})


def first_scores() -> np.ndarray:
    """Return scores by which nearly the plain mean of the calm smoothers comes out, (K, N + 1)."""
    scores = np.zeros((len(KNOTS), WIDTH + 1), np.float32)
    scores[:, :WIDTH] = np.where(np.tile(CALM, SETS), 0.0, FIRST)
    return scores


WHO = ("the forecast is that of", "the plain mean of smoothers")
"""How ``who_serves`` begins; the first is not true of a mean of models."""


def why_plain(network: PretrainedNetwork | None) -> str:
    """Return why the plain mean of smoothers forecasts, or nothing where it does not."""
    return "" if network is None else str(network.about.get("plain", ""))


def who_serves(network: PretrainedNetwork) -> str:
    """Return in words which network forecasts."""
    if why := why_plain(network):
        return f"{WHO[1]}, as the pretrained network cannot be used: {why}"
    if is_tuned(network):
        return "the forecast is that of the pretrained network, tuned on what is forecast"
    series = network.about.get("series")
    many = f"{sum(series.values()):,} other" if isinstance(series, dict) else "other"
    which = "pretrained network"
    if file := network.about.get("file"):
        which = f"network in {file!r}"
    return f"the forecast is that of the {which}, which was trained on {many} series"


def name_of(network: PretrainedNetwork) -> str:
    """Return in a word or two which network forecasts."""
    if "plain" in network.about:
        return PLAIN_MEAN
    name, file = "tuned" if is_tuned(network) else "pretrained", network.about.get("file")
    return f"{name}, from {file}" if file else name


JUDGED = "judged"
"""What networks say of others beside them, by this name; see forecast.verdict."""


def with_verdict(network: PretrainedNetwork, verdict: Verdict | None) -> PretrainedNetwork:
    """Return networks that say what was found of others beside them, or of them beside others."""
    if verdict is None:
        return network
    return replace(network, about=network.about | {JUDGED: verdict.to_json()})


def is_tuned(network: PretrainedNetwork) -> bool:
    """Return whether networks were tuned on what they forecast."""
    judged = network.about.get(JUDGED)
    return isinstance(judged, dict) and bool(judged.get("kept"))


def verdict_said(network: PretrainedNetwork) -> str:
    """Return in words what was found of others beside networks; nothing where there are none."""
    judged = network.about.get(JUDGED)
    return str(judged.get("sentence", "")) if isinstance(judged, dict) else ""
