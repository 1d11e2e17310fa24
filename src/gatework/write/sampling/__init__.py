"""Sampling: how a text is drawn from a language model, or the most probable ones are found."""

from gatework.runtime.choose import choose
from gatework.write.sampling.beam import Completion, beam_search
from gatework.write.sampling.generate import AT_ONCE, read_start, write_many, write_on
from gatework.write.sampling.pieces import Pieces
from gatework.write.sampling.rng import RowRng
from gatework.write.sampling.settings import Sampling

__all__ = [
    "AT_ONCE",
    "Completion",
    "Pieces",
    "RowRng",
    "Sampling",
    "beam_search",
    "choose",
    "read_start",
    "write_many",
    "write_on",
]
