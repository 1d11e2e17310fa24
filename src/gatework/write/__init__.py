"""Writing: language models that learn from a text and go on in its manner.

What writes needs no torch; names that train are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatework.lazy import lazily

_HOME = {
    "Corpus": "gatework.write.corpus",
    "DynamicEvaluation": "gatework.write.scoring.dynamic",
    "NeuralCache": "gatework.write.scoring",
    "PRESETS": "gatework.write.settings",
    "Sampling": "gatework.write.sampling",
    "Score": "gatework.write.scoring",
    "Settings": "gatework.write.settings",
    "Vocabulary": "gatework.write.vocabulary",
    "TokenModel": "gatework.write.token_model",
    "Writer": "gatework.write.writer",
    "beam_search": "gatework.write.sampling",
    "open_token_model": "gatework.write.token_models",
    "read_corpus": "gatework.write.corpus",
    "score": "gatework.write.scoring",
    "score_dynamically": "gatework.write.scoring.dynamic",
    "score_long": "gatework.write.scoring",
    "split_corpus": "gatework.write.corpus",
    "write_many": "gatework.write.sampling",
    "write_on": "gatework.write.sampling",
}

__all__ = [
    "PRESETS",
    "Corpus",
    "DynamicEvaluation",
    "NeuralCache",
    "Sampling",
    "Score",
    "Settings",
    "TokenModel",
    "Vocabulary",
    "Writer",
    "beam_search",
    "open_token_model",
    "read_corpus",
    "score",
    "score_dynamically",
    "score_long",
    "split_corpus",
    "write_many",
    "write_on",
]

if TYPE_CHECKING:
    from gatework.write.corpus import Corpus, read_corpus, split_corpus
    from gatework.write.sampling import Sampling, beam_search, write_many, write_on
    from gatework.write.scoring import NeuralCache, Score, score, score_long
    from gatework.write.scoring.dynamic import DynamicEvaluation, score_dynamically
    from gatework.write.settings import PRESETS, Settings
    from gatework.write.token_model import TokenModel
    from gatework.write.token_models import open_token_model
    from gatework.write.vocabulary import Vocabulary
    from gatework.write.writer import Writer

__getattr__, __dir__ = lazily(
    __name__, _HOME, renamed={"Voice": "TokenModel", "open_voice": "open_token_model"}
)
