"""Reading transcripts off a network that was trained by connectionist temporal classification."""

from gatework.recognize.ctc.beam import LanguageModel, beam_search
from gatework.recognize.ctc.greedy import BLANK, greedy, required_steps

__all__ = ["BLANK", "LanguageModel", "beam_search", "greedy", "required_steps"]
