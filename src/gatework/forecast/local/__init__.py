"""One forecaster a series."""
