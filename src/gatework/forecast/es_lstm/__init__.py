"""Exponential smoothing and an LSTM in one: the LSTM weighs the forecasts of many smoothers."""
