"""Scoring: how well a language model foresaw a text, in sum and token by token.

Dynamic evaluation, in ``gatework.write.scoring.dynamic``, needs torch; the rest does not.
"""

from gatework.write.scoring.cache import NeuralCache
from gatework.write.scoring.judged import Judged, Piece, Total, joined, judged, total_of
from gatework.write.scoring.reading import encoded, score, score_long
from gatework.write.scoring.score import Score

__all__ = [
    "Judged",
    "NeuralCache",
    "Piece",
    "Score",
    "Total",
    "encoded",
    "joined",
    "judged",
    "score",
    "score_long",
    "total_of",
]
