"""The series that the benchmarks forecast, read from the folder of development data."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT = Path("../shared/data")


def data_folder(part: str) -> Path:
    """Return the folder ``part`` of what GATEWORK_DATA names; SystemExit where it is not there."""
    folder = Path(os.environ.get("GATEWORK_DATA", DEFAULT)) / part
    if not folder.is_dir():
        raise SystemExit(f"{folder} is not here; set GATEWORK_DATA to the folder of data")
    return folder
