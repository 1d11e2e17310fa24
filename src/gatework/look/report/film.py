"""A training as a film: a page on which the epochs go by, gates and losses with them."""

from __future__ import annotations

from dataclasses import replace

from gatework.look.canvas.picture import NARROW, WIDE
from gatework.look.canvas.svg import Element
from gatework.look.language import words_in
from gatework.look.network.film import Frames, film_chart, film_frames, film_inputs
from gatework.look.report.parts import figure, paired, report_page, section

MOST_PICTURES = 20
_SIGNALS = ("input_gate", "forget_gate", "output_gate", "cell")
_STEPS, _LEAST_STEPS = 120, 16
_LEAST_PICTURES = 6
_MOST_SHADES = 180_000


def film_report(frames: Frames, *, layer: int = 0, language: str = "en") -> str:
    """Return a page that shows a recorded training epoch by epoch, as a slider or play moves.

    Of more than MOST_PICTURES frames as many are shown, evenly spaced; of long data their last 120
    steps. Of a wide layer fewer frames and steps are shown, so that the page of a layer of 512
    units stays below 1 MB. Without a script all frames stand one below the other.

    Args:
        frames: from gatework.look.frames_of.
        layer: whose gates move.
        language: "en" or "zh".

    Raises:
        OptionError: there is no such layer.
    """
    words = words_in(language)
    a_step = len(_SIGNALS) * frames.runs[-1].signal(layer, "hidden").shape[1]
    most = min(max(_MOST_SHADES // (a_step * _STEPS), _LEAST_PICTURES), MOST_PICTURES)
    steps = min(max(_MOST_SHADES // (a_step * most), _LEAST_STEPS), _STEPS)
    how = {"layer": layer, "signals": _SIGNALS, "last_steps": steps, "most": most, "inputs": False}
    wide, narrow = (
        film_frames(frames, width=width, language=language, **how) for width in (WIDE, NARROW)
    )
    names = [words("epoch {n}", n=epoch) for epoch, _ in wide]
    slider = Element(
        "input",
        type="range",
        min="0",
        max=str(len(names) - 1),
        value="0",
        step="1",
        data_choose="epoch",
        aria_label=words("epoch"),
    )
    play = Element("button", "▶", type="button", data_play="epoch", aria_label=words("play"))
    told = Element("output", names[0], data_told="epoch")
    shown = []
    for at, (name, (_, one), (_, other)) in enumerate(zip(names, wide, narrow, strict=True)):
        both = (
            replace(picture, description=words.labelled(name, picture.description)).element
            for picture in (one, other)
        )
        shown.append(Element("div", *paired(*both), data_when=f"epoch:{at}", data_name=name))
    read = (
        film_inputs(frames, last_steps=steps, width=width, language=language).element
        for width in (WIDE, NARROW)
    )
    above = Element("div", *paired(*read))  # steps stay below steps
    title = words("Training as a film")
    content = [
        Element("div", play, " ", slider, " ", told, class_="choice", hidden=True),
        section(words("Gates over time"), Element("figure", above, *shown), name="gates"),
        section(
            words("Training, epoch by epoch"),
            figure("", film_chart, frames, language=language),
            name="training",
        ),
    ]
    return report_page(title, content, words, kicker="")
