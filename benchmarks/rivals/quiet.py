"""Lightning without its messages, files and bars."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator

TRAINER = {
    "accelerator": "cpu",
    "logger": False,
    "enable_checkpointing": False,
    "enable_progress_bar": False,
    "enable_model_summary": False,
}


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hold back warnings and messages of lower rank than errors."""
    for name in ("pytorch_lightning", "lightning.pytorch", "lightning_fabric", "darts"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
