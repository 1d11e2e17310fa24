"""Pictures and reports, drawn by our own code from the model at hand: no plotting library.

Every picture is a function of a model, or of a Run from ``gatework.examine``, and returns a
Picture: an SVG that a notebook shows, and that ``save`` writes as SVG, PNG or a page.
"""

from gatework.look.attribution import attribution_chart
from gatework.look.cell import cell_diagram
from gatework.look.charts import errors_chart, parameters_chart, search_chart, series_chart
from gatework.look.film import film_chart, film_frames, frames_of
from gatework.look.gates import gates_chart
from gatework.look.gradients import gradients_chart
from gatework.look.memory import memory_chart
from gatework.look.report import explain_report, film_report, forecast_report, panel_report
from gatework.look.saturation import saturation_chart
from gatework.look.structure import structure_diagram
from gatework.look.surprise import surprise_chart
from gatework.look.svg import Picture
from gatework.look.text_colours import text_chart
from gatework.look.unrolled import unrolled_diagram

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
