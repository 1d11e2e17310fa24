"""The layered grid search: coarse to fine, in parallel processes, with a ledger that survives."""

from gatework.search.axes import Axis, Choice, Sizes
from gatework.search.layered import SearchError, SearchInterrupted, SearchResult, layered_search
from gatework.search.ledger import read_ledger
from gatework.search.progress import Progress, RichProgress
from gatework.search.trial import Outcome, Trial

__all__ = [
    "Axis",
    "Choice",
    "Outcome",
    "Progress",
    "RichProgress",
    "SearchError",
    "SearchInterrupted",
    "SearchResult",
    "Sizes",
    "Trial",
    "layered_search",
    "read_ledger",
]
