"""Charts from plain numbers: a series and its forecast, errors, and a search."""

from gatework.look.charts.coverage import coverage_chart
from gatework.look.charts.errors import errors_chart
from gatework.look.charts.parameters import parameters_chart, varied_parameters
from gatework.look.charts.search import search_chart
from gatework.look.charts.series import series_chart

__all__ = [
    "coverage_chart",
    "errors_chart",
    "parameters_chart",
    "search_chart",
    "series_chart",
    "varied_parameters",
]
