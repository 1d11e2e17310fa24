"""Pictures in a notebook, alive: the drawing module of reports and studio as a widget."""

from __future__ import annotations

from functools import cache
from typing import Any

from gatework.extras import needing
from gatework.look.canvas.script import drawing_module
from gatework.look.canvas.theme import widget_css

_RENDER = """
export default {
  render({ model, el }) {
    const draw = () => {
      el.innerHTML = model.get("svg");
      bring(el);
    };
    model.on("change:svg", draw);
    draw();
  },
};
"""


def widget_of(svg: str) -> Any:
    """Return a widget that shows a picture; a new ``svg`` in it is drawn at once."""
    return _class()(svg=svg)


@cache
def _class() -> type[Any]:
    with needing("anywidget", "a widget needs the package 'anywidget'"):
        import anywidget
    import traitlets

    class PictureWidget(anywidget.AnyWidget):
        """A picture whose values show under the pointer."""

        _esm = drawing_module() + _RENDER
        _css = widget_css()
        svg = traitlets.Unicode().tag(sync=True)

    return PictureWidget
