"""What the outputs of a recogniser come to, step after step, of numpy."""

from __future__ import annotations

import numpy as np

POOLINGS = ("last", "mean", "max", "attention")
FURTHEST = 600.0
"""How far the largest score of steps may lie above those before it that are summed up with them:
the weights of the first must not vanish, as they are all that is known after the first step."""


class RunningPool:
    """What all steps so far come to, after each of them; see gatework.recognize.pooling.Pooling.

    Args:
        kind: one of POOLINGS.
        score: weight (F) and bias of the score of a step, for "attention".
    """

    def __init__(self, kind: str, score: tuple[np.ndarray, float] | None = None) -> None:
        self.kind, self.score = kind, score
        self.total: np.ndarray | None = None
        self.weight, self.top = 0.0, -np.inf

    def after(self, output: np.ndarray) -> np.ndarray:
        """Return what is pooled after each of the next steps, (n, F); n is at least 1."""
        if self.kind == "last":
            return output
        if self.kind == "max":
            found = np.maximum.accumulate(output)
            if self.total is not None:
                found = np.maximum(found, self.total)
            self.total = found[-1]
            return found
        # A mean is attention whose scores are all alike. Relative to the largest score so far, so
        # that no exp overflows.
        steps = output.astype(np.float64)
        scores = np.zeros(len(steps))
        if self.score is not None:
            scores = steps @ self.score[0] + self.score[1]
        before, top = max(self.top, float(scores[0])), max(self.top, float(scores.max()))
        if top - before > FURTHEST:
            half = len(output) // 2
            return np.concatenate([self.after(output[:half]), self.after(output[half:])])
        weights = np.exp(scores - top)
        total = (weights[:, None] * steps).cumsum(axis=0)
        weight = weights.cumsum()
        if self.total is not None:
            scale = np.exp(self.top - top)
            total, weight = total + scale * self.total, weight + scale * self.weight
        self.total, self.weight, self.top = total[-1], float(weight[-1]), top
        return (total / weight[:, None]).astype(output.dtype)
