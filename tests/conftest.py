"""Settings shared by all tests."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from brief_training import train_briefly

# No test is timed: a busy machine is no fault of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# Set before torch is imported: the tests run side by side, one thread each.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell that starts the tests in the background lets them ignore Ctrl-C, and whatever they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let tests/fuzz run for longer, and from other seeds."""
    parser.addoption("--fuzz", type=int, default=1, metavar="N", help="N times as many mutants")
    parser.addoption("--fuzz-seed", type=int, default=0, metavar="N", help="the seed of mutants")


@pytest.fixture(scope="module")
def brief_training() -> Iterator[None]:
    """Let all forecasters of a module train briefly; the tests of forecasts themselves do not."""
    with pytest.MonkeyPatch.context() as patch:
        train_briefly(patch)
        yield
