"""Forecasting a series with an LSTM, beside honest baselines."""
