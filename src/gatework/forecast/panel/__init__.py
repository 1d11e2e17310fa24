"""Many series at once: where they come from, what is known beside them, and their forecasts."""

from gatework.forecast.panel.panel import Panel
from gatework.forecast.panel.reading import read_panel

__all__ = ["Panel", "read_panel"]
