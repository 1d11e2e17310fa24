"""One forecaster for many series."""
