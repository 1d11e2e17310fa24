"""Pictures and reports, drawn by our own code from the model at hand: no plotting library.

Every picture is a function of a model, or of a Run from ``gatework.examine``, and returns a
Picture: an SVG that a notebook shows, and that ``save`` writes as SVG, PNG or a page.

The names below are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatework.lazy import lazily

_HOME = {
    "attribution_chart": "gatework.look.network.attribution",
    "cell_diagram": "gatework.look.network.cell",
    "errors_chart": "gatework.look.charts",
    "parameters_chart": "gatework.look.charts",
    "search_chart": "gatework.look.charts",
    "series_chart": "gatework.look.charts",
    "film_chart": "gatework.look.network.film",
    "film_frames": "gatework.look.network.film",
    "frames_of": "gatework.look.network.film",
    "gates_chart": "gatework.look.network.gates",
    "gradients_chart": "gatework.look.network.gradients",
    "memory_chart": "gatework.look.network.memory",
    "explain_report": "gatework.look.report.explain",
    "film_report": "gatework.look.report.film",
    "forecast_report": "gatework.look.report.forecast",
    "panel_report": "gatework.look.report.panel",
    "saturation_chart": "gatework.look.network.saturation",
    "structure_diagram": "gatework.look.network.structure",
    "surprise_chart": "gatework.look.charts.surprise",
    "Picture": "gatework.look.canvas.picture",
    "text_chart": "gatework.look.network.text_colours",
    "unrolled_diagram": "gatework.look.network.unrolled",
}

__all__ = [
    "Picture",
    "attribution_chart",
    "cell_diagram",
    "errors_chart",
    "explain_report",
    "film_chart",
    "film_frames",
    "film_report",
    "forecast_report",
    "frames_of",
    "gates_chart",
    "gradients_chart",
    "memory_chart",
    "panel_report",
    "parameters_chart",
    "saturation_chart",
    "search_chart",
    "series_chart",
    "structure_diagram",
    "surprise_chart",
    "text_chart",
    "unrolled_diagram",
]

if TYPE_CHECKING:
    from gatework.look.canvas.picture import Picture
    from gatework.look.charts import errors_chart, parameters_chart, search_chart, series_chart
    from gatework.look.charts.surprise import surprise_chart
    from gatework.look.network.attribution import attribution_chart
    from gatework.look.network.cell import cell_diagram
    from gatework.look.network.film import film_chart, film_frames, frames_of
    from gatework.look.network.gates import gates_chart
    from gatework.look.network.gradients import gradients_chart
    from gatework.look.network.memory import memory_chart
    from gatework.look.network.saturation import saturation_chart
    from gatework.look.network.structure import structure_diagram
    from gatework.look.network.text_colours import text_chart
    from gatework.look.network.unrolled import unrolled_diagram
    from gatework.look.report.explain import explain_report
    from gatework.look.report.film import film_report
    from gatework.look.report.forecast import forecast_report
    from gatework.look.report.panel import panel_report

__getattr__, __dir__ = lazily(__name__, _HOME)
