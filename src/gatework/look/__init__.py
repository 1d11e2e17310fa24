"""Pictures and reports, drawn by our own code: no plotting library, no script, no request."""

from gatework.look.charts import errors_chart, parameters_chart, search_chart, series_chart
from gatework.look.report import forecast_report
from gatework.look.structure import structure_diagram
from gatework.look.svg import Picture

__all__ = [
    "Picture",
    "errors_chart",
    "forecast_report",
    "parameters_chart",
    "search_chart",
    "series_chart",
    "structure_diagram",
]
