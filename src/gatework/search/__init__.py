"""The layered grid search: coarse to fine, in parallel processes, with a ledger that survives."""

from gatework.search.axes import Axis, Choice, Sizes
from gatework.search.layered import SearchError, SearchInterrupted, SearchResult, layered_search
from gatework.search.ledger import read_description, read_ledger, read_start, rescue_ledger
from gatework.search.progress import SearchBar, SearchProgress
from gatework.search.ranking import Candidate, ranking
from gatework.search.trial import Outcome, Rung, Trial

__all__ = [
    "Axis",
    "Candidate",
    "Choice",
    "Outcome",
    "Rung",
    "SearchBar",
    "SearchError",
    "SearchInterrupted",
    "SearchProgress",
    "SearchResult",
    "Sizes",
    "Trial",
    "layered_search",
    "ranking",
    "read_description",
    "read_ledger",
    "read_start",
    "rescue_ledger",
]

Progress, RichProgress = SearchProgress, SearchBar  # the names of versions before
