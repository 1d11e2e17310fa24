"""The contract of everything that is fitted."""

from gatework.estimator.base import Estimator

__all__ = ["Estimator"]
