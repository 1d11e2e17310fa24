"""The forecaster that already knows: one small network, trained once on many series."""
