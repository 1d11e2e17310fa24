"""The contract of everything that is fitted."""

from gatework.estimator.base import Estimator, takes_old_names
from gatework.estimator.model_file import Schema
from gatework.estimator.run_over import Examinee, Readings, examinee, read_over, run_over

__all__ = [
    "Estimator",
    "Examinee",
    "Readings",
    "Schema",
    "examinee",
    "read_over",
    "run_over",
    "takes_old_names",
]
