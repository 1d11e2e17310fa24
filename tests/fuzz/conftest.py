"""How many mutants are tried: few in the suite, as many times more as --fuzz says."""

from collections.abc import Callable

import pytest


@pytest.fixture
def times(pytestconfig) -> Callable[[int], int]:
    """Return the function that says how many mutants are tried instead of a few."""
    return lambda few: few * pytestconfig.getoption("--fuzz")


@pytest.fixture
def seed(pytestconfig) -> int:
    """Return the seed of the mutants."""
    return pytestconfig.getoption("--fuzz-seed")
