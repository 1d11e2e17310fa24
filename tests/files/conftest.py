"""Opening bytes as a model file."""

import pytest

from gatework import load
from gatework.errors import FileFormatError


@pytest.fixture
def opened(tmp_path):
    """Return a function that loads a model from a file of these bytes."""
    path = tmp_path / "model"

    def open_bytes(content: bytes):
        path.write_bytes(content)
        return load(path)

    return open_bytes


@pytest.fixture
def refused(opened):
    """Return a function that asserts that these bytes are no model file, and why."""

    def refuse(content: bytes, match: str = "model ") -> None:
        with pytest.raises(FileFormatError, match=match):
            opened(content)

    return refuse
