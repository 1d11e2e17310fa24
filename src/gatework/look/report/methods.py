"""What reports say of the methods, and the papers that these follow."""

from __future__ import annotations

METHOD = (
    "Wang Xin et al., Exploring LSTM based recurrent neural network for failure time series "
    "prediction, Journal of Beijing University of Aeronautics and Astronautics 44(4), 2018, "
    "doi 10.13700/j.bh.1001-5965.2017.0285"
)
"""The paper whose method "recursive" follows."""

SMOOTHING = (
    "S. Smyl, A hybrid method of exponential smoothing and recurrent neural networks for time "
    "series forecasting, International Journal of Forecasting 36(1), 2020, "
    "doi 10.1016/j.ijforecast.2019.03.017"
)
"""The paper that began with exponential smoothing inside a recurrent network."""

HOW = {
    "recursive": "Values are standardised with the mean and deviation of the training part. The "
    "network sees a window of them and is taught at every step of it, by mean squared error and "
    "Adam. It forecasts step by step: each prediction is appended to the window for the next.",
    "pretrained": "A bank of exponential smoothers forecasts after every value. A network that was "
    "trained on many other series reads how far off each of them has been, and weighs their "
    "forecasts at every step ahead; it has learned nothing from this series.",
    "tuned": "A bank of exponential smoothers forecasts after every value. A network that was "
    "trained on many other series, and then tuned to this one, reads how far off each of them has "
    "been, and weighs their forecasts at every step ahead.",
    "plain": "A bank of exponential smoothers forecasts after every value, and the forecast is the "
    "plain mean of the calm ones; no network weighs them.",
    "es-lstm": "A bank of exponential smoothers forecasts after every value. The network reads how "
    "far off each of them has been, and forecasts all steps ahead at once as a weighted mean of "
    "their forecasts; it is taught at every value of the training part.",
}
CAPTIONS = {
    "recursive": "From the window of past values, at the top, to the forecast of the next, below.",
    "pretrained": "From the errors of the smoothers, at the top, to their weights, below.",
    "es-lstm": "From the errors of the smoothers, at the top, to their weights, below.",
}
_SMOOTHED = (
    "Smoothing inside a network goes back to {paper}; a bank of smoothers that an LSTM weighs is "
    "Gatework's own."
)
SOURCES = {
    "recursive": ("The method follows {paper}.", METHOD),
    "pretrained": (_SMOOTHED, SMOOTHING),
    "es-lstm": (_SMOOTHED, SMOOTHING),
}
WHOLE = (
    "Parameters are chosen by learning from the training part and forecasting the validation "
    "part; the test part is kept for the scores below.",
    "The network has learned nothing from this series; the test part is there for the scores "
    "below.",
    "The network has learned nothing from this series.",
    "The network is tuned to what comes before the part that it is judged and scored on.",
    "Nothing is learned from this series; a test part is there for the scores below.",
)
TEXTS = (*WHOLE, *HOW.values(), *CAPTIONS.values(), *(text for text, _ in SOURCES.values()))
"""What is said of the methods."""
