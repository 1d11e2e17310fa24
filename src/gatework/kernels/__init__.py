"""The paths that run a layer: the reference, and torch's fused operators for plain cells."""

from gatework.kernels.path import Path, choose, run
from gatework.kernels.reference import LayerRun, TracedStep

__all__ = ["LayerRun", "Path", "TracedStep", "choose", "run"]
