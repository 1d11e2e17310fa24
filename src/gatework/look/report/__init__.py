"""Reports: pages that stand alone."""

from gatework.look.report.explain import explain_report
from gatework.look.report.film import film_report
from gatework.look.report.forecast import forecast_report
from gatework.look.report.panel import panel_report

__all__ = ["explain_report", "film_report", "forecast_report", "panel_report"]
