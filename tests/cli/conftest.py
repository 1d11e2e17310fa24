"""Settings for the tests of the commands."""

import pytest


@pytest.fixture(autouse=True)
def two_networks(monkeypatch) -> None:
    """Average two networks at last, not five: the tests of forecasts themselves take all."""
    from gatework.forecast import final

    monkeypatch.setattr(final, "MEMBERS", 2)
