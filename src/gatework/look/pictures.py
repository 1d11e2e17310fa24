"""The pictures by name, as the command line and the studio ask for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gatework.errors import OptionError, nearest
from gatework.examine import Run
from gatework.look.canvas.picture import WIDE, Picture
from gatework.look.canvas.shapes import text
from gatework.look.canvas.svg import shorten
from gatework.look.language import words_in
from gatework.look.network.attribution import attribution_chart
from gatework.look.network.cell import cell_diagram
from gatework.look.network.film import Frames, film_chart
from gatework.look.network.gates import gates_chart
from gatework.look.network.gradients import gradients_chart
from gatework.look.network.memory import memory_chart
from gatework.look.network.saturation import saturation_chart
from gatework.look.network.structure import structure_diagram
from gatework.look.network.text_colours import text_chart
from gatework.look.network.unrolled import fitting_steps, unrolled_diagram


@dataclass(frozen=True)
class Wanted:
    """What a picture is asked to show; each picture takes what concerns it.

    ``layer`` counts from 0; ``signals`` are names of a trace, none for the usual ones; ``units``
    are those of a heat map, none for all, and ``steps`` its first and the one before which it
    ends. ``like`` is the stretch of steps, from its first to before its last, or the words, whose
    like is looked for in a text.
    """

    layer: int = 0
    unit: int = 0
    step: int = -1
    result: int | None = None
    direction: str = "forward"
    signals: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    steps: tuple[int, int] | None = None
    like: tuple[int, int] | str | None = None
    width: float = WIDE
    language: str = "en"


@dataclass(frozen=True)
class Kind:
    """A kind of picture: what it shows, what it needs, how it is drawn, and what it takes."""

    told: str
    needs: str  # "model", "run", "text" or "film"
    chart: Callable[..., Picture]
    takes: tuple[str, ...] = ()  # what is wanted, besides width and language

    def draw(self, model: Any, wanted: Wanted) -> Picture:
        """Return the picture of a model, a Run or Frames."""
        names = ("width", "language", *self.takes)
        picture = self.chart(model, **{name: getattr(wanted, name) for name in names})
        return _named(picture, model, wanted.language) if isinstance(model, Run) else picture


def _named(picture: Picture, run: Run, language: str) -> Picture:
    """Return a picture of a run that names it, below and in its description."""
    words = words_in(language)
    title = words.name(run.title)
    name = text(shorten(title, picture.width - 8), 0, picture.height + 14, "muted")
    return replace(
        picture,
        description=words.told(title + words("."), picture.description),
        height=picture.height + 20,
        content=(*picture.content, name),
    )


def _unrolled(run: Run, *, step: int, width: float, **wanted: Any) -> Picture:
    first = -1 if step < 0 else min(step, max(0, len(run) - fitting_steps(width)))
    return unrolled_diagram(run, first=first, width=width, **wanted)


def _text(
    run: Run,
    *,
    signals: tuple[str, ...],
    step: int,
    like: tuple[int, int] | str | None,
    **wanted: Any,
) -> Picture:
    start = max(step, 0)
    like = like or (start, min(start + 6, len(run)))
    if isinstance(like, str):
        like = _found(like, run.text or "")
    return text_chart(run, signal=signals[0] if signals else "cell", like=like, **wanted)


def _gates(
    run: Run,
    *,
    signals: Sequence[str],
    units: Sequence[int],
    steps: tuple[int, int] | None,
    **wanted: Any,
) -> Picture:
    first, last = steps or (0, None)
    shown = {"signals": signals or None, "units": units or None, "first": first, "last": last}
    return gates_chart(run, **shown, **wanted)


def _found(words: str, text: str) -> tuple[int, int]:
    start = text.find(words)
    if start < 0:
        raise OptionError(f"{words!r} does not stand in the text", hint=repr(text[:12]))
    return start, start + len(words)


PICTURES: dict[str, Kind] = {
    "structure": Kind("the layers with sizes, shapes and parameters", "model", structure_diagram),
    "unrolled": Kind("the network unfolded over five steps", "run", _unrolled, ("step",)),
    "cell": Kind(
        "gates and memory cell, with the numbers of a unit at a step",
        "model",
        cell_diagram,
        ("layer", "direction", "unit", "step"),
    ),
    "gates": Kind(
        "heat maps of gates and states over time",
        "run",
        _gates,
        ("signals", "layer", "direction", "units", "steps"),
    ),
    "memory": Kind("how long each unit remembers", "run", memory_chart),
    "gradients": Kind("how far back the loss reaches", "run", gradients_chart),
    "saturation": Kind("how often gates are closed or open", "run", saturation_chart),
    "text": Kind(
        "a text coloured by a unit",
        "text",
        _text,
        ("signals", "layer", "direction", "unit", "step", "like"),
    ),
    "attribution": Kind("what mattered for a result", "run", attribution_chart, ("step", "result")),
    "film": Kind("a recorded training, epoch by epoch", "film", film_chart),
}
"""Every picture, by the name it is asked for by."""


def kind_of(name: str) -> Kind:
    """Return the kind of a name.

    Raises:
        OptionError: there is none.
    """
    if name not in PICTURES:
        close = nearest(name, list(PICTURES))
        raise OptionError(
            f"there is no picture {name!r}, only {', '.join(PICTURES)} and all",
            hint=close or "all",
        )
    return PICTURES[name]


def can_draw(kind: Kind, model: Any) -> bool:
    """Return whether a picture can be drawn of a model, a Run or Frames."""
    if kind.needs == "film":
        return isinstance(model, Frames)
    if kind.needs == "text":
        return isinstance(model, Run) and model.text is not None
    return isinstance(model, Run) or kind.needs == "model"
