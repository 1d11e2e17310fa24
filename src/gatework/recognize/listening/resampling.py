"""Sound of another rate, converted while it comes."""

from __future__ import annotations

import math

import numpy as np


class StreamResampler:
    """Convert samples from one rate to another piece by piece.

    In the end the same as gatework.recognize.readers.sound.resampled of the whole: a low-pass
    filter of ten periods of the slower rate on either side, under a Kaiser window.

    Args:
        rate: samples a second that come.
        wanted: samples a second that go.

    Source:
        the filter is the default of scipy.signal.resample_poly.

    Example:
        >>> stream = StreamResampler(16000, 8000)
        >>> len(stream.push(np.zeros(1000))) + len(stream.finish())
        500
    """

    def __init__(self, rate: int, wanted: int) -> None:
        common = math.gcd(rate, wanted)
        self.up, self.down = wanted // common, rate // common
        most = max(self.up, self.down)
        self.half = 10 * most if most > 1 else 0
        places = np.arange(-self.half, self.half + 1)
        self.filter = np.sinc(places / most) * np.kaiser(len(places), 5.0)
        self.filter *= self.up / self.filter.sum()
        self._kept = np.zeros(0)
        self._first = 0  # the number of the first sample that is kept
        self._came = self._gone = 0

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return the samples that are known after more of them (m)."""
        self._kept = np.concatenate([self._kept, np.asarray(samples, np.float64)])
        self._came += len(samples)
        # Sample n needs all that came up to (n down + half) / up.
        return self._until(((self._came - 1) * self.up - self.half) // self.down + 1)

    def finish(self) -> np.ndarray:
        """Return the last samples, with silence after what came."""
        return self._until(-(-self._came * self.up // self.down))

    def _until(self, end: int) -> np.ndarray:
        if end <= self._gone:
            return np.zeros(0)
        at = np.arange(self._gone, end) * self.down + self.half
        reach = 2 * self.half // self.up + 1
        latest = at // self.up
        sources = latest[:, None] - np.arange(reach)
        taps = at[:, None] - sources * self.up
        known = (sources >= self._first) & (sources < self._came) & (taps < len(self.filter))
        weights = self.filter[np.minimum(taps, len(self.filter) - 1)] * known
        last = max(0, len(self._kept) - 1)
        values = self._kept[np.clip(sources - self._first, 0, last)]
        self._gone = end
        needed = max(0, (end * self.down - self.half) // self.up)
        drop = max(0, min(needed - self._first, len(self._kept)))
        self._kept, self._first = self._kept[drop:], self._first + drop
        return (values * weights).sum(axis=1)
