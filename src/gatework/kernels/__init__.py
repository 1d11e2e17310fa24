"""The paths that run a layer: the reference, and torch's fused operators for plain cells."""

from gatework.kernels.path import Path, choose, run
from gatework.kernels.reference import Run, Step

__all__ = ["Path", "Run", "Step", "choose", "run"]
