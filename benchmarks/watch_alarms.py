"""How often a watch gives a false alarm, and how soon it finds a drift or a stuck sensor.

    python benchmarks/watch_alarms.py [--streams 200] [--rows 1000]

Every stream is simulated: residuals of known distribution, as a calibrated forecast leaves them.
The test of gatework.watch stands beside two that were weighed against it: Page-Hinkley, which
estimates the mean on the way, and a Shiryaev-Roberts e-detector, a mixture over five sizes of
drift. Both get the threshold at which they give as many false alarms on normal residuals. Takes
about three minutes on one core.
"""

from __future__ import annotations

import argparse
import copy
import math
from collections.abc import Callable

import numpy as np

from gatework.forecast import Forecaster
from gatework.watch import Drift, Watch
from gatework.watch.drift import CLIP, SLACK, threshold
from gatework.watch.stuck import Stuck

SIZES = np.array([0.25, 0.5, 1.0, 1.5, 2.0])
DRIFTS = (0.25, 0.5, 1.0, 2.0)
BEFORE = 100  # rows without a drift before one begins


class PageHinkley:
    """Cumulative sums about the running mean, clipped as in gatework.watch.Drift."""

    def __init__(self, streams: int) -> None:
        self.up, self.down, self.mean, self.rows = (*np.zeros((3, streams)), 0)

    def add(self, z: np.ndarray) -> np.ndarray:
        self.rows += 1
        self.mean += (z - self.mean) / self.rows
        self.up = np.maximum(0, self.up + z - self.mean - SLACK)
        self.down = np.maximum(0, self.down - z + self.mean - SLACK)
        return np.maximum(self.up, self.down)


class Cusum(PageHinkley):
    """gatework.watch.Drift for many streams at once: the mean is 0."""

    def add(self, z: np.ndarray) -> np.ndarray:
        self.up = np.maximum(0, self.up + z - SLACK)
        self.down = np.maximum(0, self.down - z - SLACK)
        return np.maximum(self.up, self.down)


class EDetector:
    """Shin, Ramdas and Rinaldo (2023), E-detectors: log of a Shiryaev-Roberts mixture."""

    def __init__(self, streams: int) -> None:
        self.sums = np.zeros((2, len(SIZES), streams))

    def add(self, z: np.ndarray) -> np.ndarray:
        for side, sign in enumerate((1, -1)):
            gain = np.exp(sign * SIZES[:, None] * z - SIZES[:, None] ** 2 / 2)
            self.sums[side] = (self.sums[side] + 1) * gain
        return np.log(self.sums.mean((0, 1)) + 1e-300)


def residuals(kind: str, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    if kind == "Student t, 5 degrees of freedom":
        return rng.standard_t(5, shape) / math.sqrt(5 / 3)
    if kind == "Poisson, mean 2":
        return (rng.poisson(2, shape) - 2) / math.sqrt(2)
    z = rng.standard_normal(shape)
    if kind == "autocorrelation 0.2":
        z *= math.sqrt(1 - 0.04)
        for row in range(1, len(z)):
            z[row] += 0.2 * z[row - 1]
    return 1.2 * z if kind == "intervals too narrow by 17 %" else z


KINDS = (
    "normal",
    "Student t, 5 degrees of freedom",
    "Poisson, mean 2",
    "autocorrelation 0.2",
    "intervals too narrow by 17 %",
)


def first_alarms(make: Callable, limit: float, z: np.ndarray) -> np.ndarray:
    """Return the row of the first alarm of each stream (streams,); inf where there is none."""
    test, first = make(z.shape[1]), np.full(z.shape[1], np.inf)
    for row, each in enumerate(np.clip(z, -CLIP, CLIP)):
        new = (test.add(each) > limit) & np.isinf(first)
        first[new] = row + 1
        if np.isfinite(first).all():
            break
    return first


def calibrate(make: Callable, z: np.ndarray, rows: float) -> float:
    low, high = 1.0, 40.0
    for _ in range(14):
        middle = (low + high) / 2
        mean = np.minimum(first_alarms(make, middle, z), len(z)).mean()
        low, high = (middle, high) if mean < rows else (low, middle)
    return high


def drift(streams: int, rows: float) -> None:
    rng = np.random.default_rng(0)
    long = (int(8 * rows), streams)
    normal = residuals("normal", long, rng)
    tests: dict[str, tuple[Callable, float]] = {"gatework.watch": (Cusum, threshold(rows))}
    for name, make in (("Page-Hinkley", PageHinkley), ("e-detector", EDetector)):
        tests[name] = (make, calibrate(make, normal, rows))
    for name, (make, limit) in tests.items():
        print(f"\n{name}: threshold {limit:.2f}")
        for kind in KINDS:
            first = np.minimum(first_alarms(make, limit, residuals(kind, long, rng)), long[0])
            print(f"  one false alarm in {first.mean():6.0f} rows, {kind}")
        for size in DRIFTS:
            z = residuals("normal", (BEFORE + 2000, 5 * streams), rng)
            z[BEFORE:] += size
            first = first_alarms(make, limit, z)
            found = np.minimum(first[first > BEFORE] - BEFORE, 2000)
            print(f"  a drift of {size} deviations is found after {found.mean():5.1f} rows")


def check_drift(rows: float) -> None:
    """The class itself, stream after stream, where the figures above are of many at once."""
    rng = np.random.default_rng(1)
    test, length = Drift(rows), int(200 * rows)
    alarms = sum(test.add(z) is not None for z in rng.standard_normal(length))
    print(
        f"\nDrift({rows:g}) itself: one false alarm in {length / max(alarms, 1):.0f} rows, normal"
    )


def stuck(rows: float) -> None:
    rng = np.random.default_rng(2)
    length = int(10 * rows)
    walk = np.empty(length)
    series = {
        "Poisson, mean 5": (rng.poisson(5, length), math.sqrt(5)),
        "Poisson, mean 0.3": (rng.poisson(0.3, length), math.sqrt(0.3)),
        "normal, deviation 1, two decimals": (np.round(rng.normal(20, 1, length), 2), 1.0),
        "normal, deviation 0.3, one decimal": (np.round(rng.normal(20, 0.3, length), 1), 0.3),
    }
    walk[0] = 20
    for row in range(1, length):
        walk[row] = 20 + 0.9 * (walk[row - 1] - 20) + rng.normal(0, 0.1)
    series["slow thermometer, one decimal"] = (np.round(walk, 1), 0.1)
    print("\nstuck sensor")
    for name, (values, deviation) in series.items():
        test, alarms = Stuck(rows), 0
        for value in values:
            alarms += test.add(float(value), deviation) is not None
        last, needed = float(values[-1]), 0
        while needed < 1000:
            needed += 1
            if test.add(last, deviation) is not None:
                break
        rate = "no false alarm" if not alarms else f"one false alarm in {length / alarms:.0f}"
        print(f"  {rate} in {length} rows, then found after {needed} repeats: {name}")


def with_forecaster(streams: int = 8, rows: int = 100) -> None:
    """Changes that a Forecaster sees and follows: how many of them are told as a drift."""
    rng = np.random.default_rng(0)
    fitted = Forecaster(1, trials=1, workers=1).fit(20 + rng.standard_normal(150))
    print("\nwith a Forecaster, which follows the change; normal values of deviation 1")
    for name, step, slope in (
        ("no change", 0.0, 0.0),
        ("a step of 0.5", 0.5, 0.0),
        ("a step of 1", 1.0, 0.0),
        ("a step of 2", 2.0, 0.0),
        ("0.02 more each row", 0.0, 0.02),
        ("0.05 more each row", 0.0, 0.05),
        ("0.2 more each row", 0.0, 0.2),
    ):
        found = []
        for stream in range(streams):
            watch, noise = Watch(copy.deepcopy(fitted)), np.random.default_rng(100 + stream)
            for _ in range(50):
                watch.observe(20 + noise.standard_normal())
            for row in range(rows):
                seen = watch.observe(20 + step + slope * row + noise.standard_normal())
                if any(alarm.kind == "drift" for alarm in seen.alarms):
                    found.append(row + 1)
                    break
        after = f", after {np.mean(found):.0f} rows" if found else ""
        print(f"  {name}: told in {len(found)} of {streams} streams of {rows} rows{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--rows", type=float, default=1000)
    arguments = parser.parse_args()
    drift(arguments.streams, arguments.rows)
    check_drift(arguments.rows)
    stuck(arguments.rows)
    with_forecaster()


if __name__ == "__main__":
    main()
