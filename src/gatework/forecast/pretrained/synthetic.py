"""Series made up to learn from: levels, trends, breaks, seasons, counts of every kind, outliers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gatework.forecast.pretrained.example import Example

SEASONS = (1, 1, 1, 1, 4, 7, 12, 12, 24, 52)
"""What a made series is said to have as a season; every second one has none in truth."""

LONGEST = 260


def synthetic(count: int, seed: int) -> list[Example]:
    """Return so many series, the same for the same seed; see the functions below for their kinds.

    Example:
        >>> one, other = synthetic(2, seed=0)
        >>> one.source, len(one.values) >= 12, one.values.tolist() == other.values.tolist()
        ('synthetic', True, False)
    """
    made = []
    for number in range(count):
        draw = np.random.default_rng((seed, number))
        season = int(draw.choice(SEASONS))
        low = min(2 * season, 120)
        length = int(np.exp(draw.uniform(np.log(12), np.log(LONGEST))))
        length = max(length, low) if draw.random() < 0.8 else length
        kind = KINDS[int(draw.integers(len(KINDS)))]
        values = kind(draw, length, season)
        if kind not in COUNTS:
            values = values * 10 ** draw.uniform(-3, 5)
        values = np.where(draw.random(length) < 0.03 * (draw.random() < 0.1), np.nan, values)
        made.append(Example(f"synthetic-{number}", "synthetic", values, season))
    return made


def wave(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return a season of 0 mean and size about 1 that may move slowly; often there is none."""
    if season == 1 or draw.random() < 0.5:
        return np.zeros(length)
    if draw.random() < 0.5:
        angle = 2 * np.pi * np.arange(season) / season
        shape = sum(
            draw.normal() / order * np.sin(order * angle + draw.uniform(0, 6.3))
            for order in range(1, 4)
        )
    else:
        shape = draw.normal(size=season) * (draw.random(season) < draw.uniform(0.2, 1))
    shape = np.asarray(shape) - np.mean(shape)
    moved = np.empty(length)
    drift = draw.choice((0.0, 0.0, 0.03, 0.1))
    for time in range(length):
        place = time % season
        moved[time] = shape[place]
        shape[place] += drift * draw.normal()
    return moved


def level(draw: np.random.Generator, length: int) -> np.ndarray:
    """Return a path near 0 to 1: constant, a walk, a trend that damps or breaks, jumps, a cycle."""
    time = np.arange(length) / max(length, 1)
    path = np.zeros(length)
    for kind in draw.choice(7, size=int(draw.integers(1, 4)), replace=False):
        if kind == 1:
            path += np.cumsum(draw.normal(size=length)) * 10 ** draw.uniform(-2.5, -0.3)
        elif kind == 2:
            path += draw.normal() * 2 * time
        elif kind == 3:
            path += draw.normal() * 2 * (1 - np.exp(-time * draw.uniform(1, 8)))
        elif kind == 4:
            for at in draw.integers(0, length, size=int(draw.integers(1, 4))):
                path[at:] += draw.normal()
        elif kind == 5:
            slope = np.repeat(draw.normal(size=4) * 2, length // 4 + 1)[:length]
            path += np.cumsum(slope) / length
        elif kind == 6:
            path += draw.normal() * np.sin(
                2 * np.pi * time * draw.uniform(0.5, 6) + draw.uniform(0, 6)
            )
    return path


def noise(draw: np.random.Generator, length: int) -> np.ndarray:
    """Return noise of size about 1: normal or with heavy tails, alone or correlated, or uneven."""
    made = (
        draw.normal(size=length) if draw.random() < 0.6 else draw.standard_t(3, size=length) / 1.7
    )
    if draw.random() < 0.3:
        weight = draw.uniform(-0.6, 0.8)
        for time in range(1, length):
            made[time] = weight * made[time - 1] + np.sqrt(1 - weight**2) * made[time]
    if draw.random() < 0.15:
        made *= np.exp(0.7 * np.sin(np.arange(length) * 6.3 / length * draw.uniform(0.5, 3)))
    return made


def continuous(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return level, season and noise added; away from 0 or around it."""
    away = draw.choice((0.0, 3.0, 10.0, 300.0))
    made = away + level(draw, length) + draw.uniform(0, 1.5) * wave(draw, length, season)
    made = made + 10 ** draw.uniform(-2.5, 0.3) * noise(draw, length)
    outliers = draw.random(length) < 0.02 * (draw.random() < 0.3)
    return made + outliers * 5 * draw.normal(size=length)


def multiplied(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return level, season and noise multiplied; always positive, growing as business does."""
    path = level(draw, length) * draw.uniform(0.1, 1)
    path = path + draw.uniform(0, 0.5) * wave(draw, length, season)
    return np.exp(path + 10 ** draw.uniform(-2.5, -0.3) * noise(draw, length))


def walk(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return a random walk, or its exponential, where the last value says all."""
    steps = draw.normal(size=length) * 10 ** draw.uniform(-2, -0.5)
    path = np.cumsum(steps) + draw.choice((0.0, 0.01)) * np.arange(length)
    return np.exp(path) if draw.random() < 0.5 else 5 + path


def rate(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return a changing rate of events a period, from 0.05 to a few hundreds."""
    path = draw.uniform(0.1, 0.8) * level(draw, length)
    path = path + draw.uniform(0, 0.5) * wave(draw, length, season)
    return np.minimum(np.exp(np.log(10) * draw.uniform(-1.3, 2) + path), 1e5)


def poisson(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return counts with no more spread than chance."""
    return draw.poisson(rate(draw, length, season)).astype(float)


def overdispersed(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return negative binomial counts, sometimes with more zeros."""
    mean, size = rate(draw, length, season), 10 ** draw.uniform(-0.5, 1.2)
    made = draw.poisson(draw.gamma(size, mean / size)).astype(float)
    if draw.random() < 0.4:
        made *= draw.random(length) > draw.uniform(0.1, 0.8)
    return made


def steady(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return counts of a rate that never changes, or by a season alone."""
    path = np.log(10) * draw.uniform(-1.3, 2) + draw.uniform(0, 0.5) * wave(draw, length, season)
    mean, size = np.exp(path), 10 ** draw.uniform(-0.5, 2)
    return draw.poisson(draw.gamma(size, mean / size)).astype(float)


def wandering(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return counts of a rate that wanders and comes back."""
    back, path = draw.uniform(0.5, 0.99), np.empty(length)
    path[0] = draw.normal()
    for time in range(1, length):
        path[time] = back * path[time - 1] + np.sqrt(1 - back**2) * draw.normal()
    path = draw.uniform(0.1, 0.8) * path + draw.uniform(0, 0.5) * wave(draw, length, season)
    mean, size = np.exp(np.log(10) * draw.uniform(-1, 2) + path), 10 ** draw.uniform(-0.5, 2)
    return draw.poisson(draw.gamma(size, mean / size)).astype(float)


def contagious(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return counts of events that bring on others, which come in bursts.

    Source: A. G. Hawkes 1971, doi 10.1093/biomet/58.1.83, period by period.
    """
    base, share = 10 ** draw.uniform(-1, 1.5), draw.uniform(0.1, 0.9)
    decay = draw.uniform(0.1, 0.9)
    made, excited = np.empty(length), base * share / (1 - share)
    for time in range(length):
        made[time] = draw.poisson(min(base + excited, 1e5))
        excited = decay * excited + (1 - decay) * share * made[time]
    return made


def intermittent(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return demand that comes seldom, in sizes of its own."""
    comes = draw.random(length) < draw.uniform(0.05, 0.6)
    return comes * (1 + draw.poisson(10 ** draw.uniform(-0.5, 1.5), size=length)).astype(float)


def growth(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return failures of something that gets better while it is tested.

    Source: A. L. Goel and K. Okumoto 1979, doi 10.1109/TR.1979.5220566; with the shape of
    S. Yamada et al. 1983, doi 10.1109/TR.1983.5221735, every second time.
    """
    time = np.arange(1, length + 1) / length * draw.uniform(1, 5)
    total = 10 ** draw.uniform(1, 3)
    shape = np.exp(-time) if draw.random() < 0.5 else time * np.exp(-time)
    return draw.poisson(total * shape / length * time[-1]).astype(float)


def started(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return counts that begin, or end, with a time of none."""
    made = overdispersed(draw, length, season)
    at = int(length * draw.uniform(0.1, 0.6))
    made[:at] = 0
    return made if draw.random() < 0.8 else made[::-1].copy()


def total(draw: np.random.Generator, length: int, season: int) -> np.ndarray:
    """Return a mixture of two kinds."""
    share = draw.uniform(0.2, 0.8)
    one, other = (BASIC[int(draw.integers(len(BASIC)))](draw, length, season) for _ in range(2))
    return share * one + (1 - share) * other


BASIC: tuple[Callable[[np.random.Generator, int, int], np.ndarray], ...] = (
    continuous,
    multiplied,
    walk,
)
COUNTS = (poisson, overdispersed, steady, wandering, contagious, intermittent, growth, started)
KINDS = (*BASIC, multiplied, continuous, *COUNTS, poisson, overdispersed, total)
