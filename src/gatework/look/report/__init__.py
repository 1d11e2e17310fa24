"""Reports: pages that put words, tables and pictures together."""

from gatework.look.report.forecast import forecast_report

__all__ = ["forecast_report"]
