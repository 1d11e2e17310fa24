"""Listening: sound that comes in pieces, cut into utterances, at the rate of a model."""

from gatework.recognize.listening.pcm import Pcm
from gatework.recognize.listening.resampling import StreamResampler
from gatework.recognize.listening.utterances import UtterancePiece, Utterances

__all__ = ["Pcm", "StreamResampler", "UtterancePiece", "Utterances"]
