"""What mattered: each step's share in a result, under the input."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework import examine
from gatework.examine import Run, run_of
from gatework.look.canvas.heat import Colours, colour_key, heat
from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import Frame, muted_lines, value_axis
from gatework.look.canvas.scales import Linear
from gatework.look.canvas.shapes import rect, segment, text
from gatework.look.canvas.svg import Element, flowed, shorten, text_width, visible
from gatework.look.language import Words, words_in
from gatework.look.network.series_strip import THINNEST, step_ticks, strip

_TALL = 120.0
_MOST_ROWS = 16


def attribution_chart(
    model: Any,
    data: Any = None,
    *,
    step: int = -1,
    result: int | None = None,
    baseline: np.ndarray | None = None,
    width: float = 920,
    language: str = "en",
) -> Picture:
    """Draw what the input of each step added to a result, by integrated gradients.

    Bars are the shares of whole steps, of long runs those of a few steps together; below them,
    where there are several features, the share of each. All shares sum to the result less what it
    is with the baseline.

    Args:
        model: as for gatework.examine.run_of.
        data: as there.
        step: of the result; -1 is the last.
        result: which of them; None for the first, and over a text for the likeliest.
        baseline: (features,) or (steps, features), what the input is compared with; by default the
            mean of each feature.
        width: of the picture, in pixels.
        language: "en" or "zh".

    Raises:
        OptionError: there is no such step or result, or the baseline does not fit.

    Source: Sundararajan, Taly, Yan 2017, arXiv:1703.01365.
    """
    words = words_in(language)
    run = run_of(model, data)
    if result is None:
        result = 0 if run.text is None else int(run.output[step].argmax())
    found = examine.integrated_gradients(run, step=step, result=result, baseline=baseline)
    many = found.values.shape[1] > 1 and run.text is None
    widest = max((text_width(words.name(name), 11) for name in run.features), default=0.0)
    left = float(np.clip(widest + 14, 76.0, min(170.0, 0.32 * width))) if many else 76.0
    room = width - left - 12
    content = [text(words("What mattered"), 0, 16, "strong large")]
    plain = str if run.text is None else visible  # of letters, spaces are marked
    label = shorten(plain(run.labels[found.step]), 120)
    numbered = label == str(found.step)
    label = words("at step {n}", n=label) if numbered else words("at step {label}", label=label)
    if found.result_index < len(run.results) > 1:
        name = words.name(run.results[found.result_index])
        label = words("“{result}” {label}", result=plain(name), label=label)
    values = {"value": show(found.result), "base": show(found.baseline_result), "label": label}
    told = (
        words("The result {label} is {value}; with the mean input it would be {base}.", **values)
        if baseline is None
        else words("The result {label} is {value}; with the baseline it would be {base}.", **values)
    )
    lines, y = muted_lines(flowed(told, width), 0, 36.0)
    content += lines
    head, y = strip(run, 0, len(run), left, y + 7, room, words)
    content += head
    sums = found.values.sum(axis=1)
    y += 10
    heading = words("share of each step in the difference")
    aside = min(left, max(0.0, width - text_width(heading, 13)))  # all of it is seen
    content.append(text(heading, aside, y + 4, "strong"))
    starts = np.arange(0, len(sums), max(1, -(-len(sums) // int(room / THINNEST))))
    bars = np.add.reduceat(sums, starts)
    scale = Linear.over([*bars.tolist(), 0.0], y + 16 + _TALL, y + 16)
    frame = Frame(left, y + 16, left + room, y + 16 + _TALL)
    content.append(value_axis(frame, scale, scale.ticks(4)))
    content += _bars(run, starts, bars, frame, scale, words)
    mark, zero = left + (found.step + 0.5) * room / len(run), scale(0.0)
    content += [
        segment(mark, frame.top, mark, frame.bottom, "cut"),
        segment(left, zero, left + room, zero, "axis"),
    ]
    y = frame.bottom + 18
    if many:
        strongest = np.argsort(-np.abs(found.values).sum(axis=0))[:_MOST_ROWS]
        rows = found.values[:, strongest].T
        colours = Colours.of(rows, gate=False)
        names = [words.name(run.features[row]) for row in strongest]
        heading = words("share of each feature")
        content.append(text(heading, left, y + 10, "strong"))
        if text_width(heading, 13) + 176 > room:
            y += 18  # the key stands below, where it would touch the heading
        content.append(colour_key(colours, width - 172, y + 1, 160))
        tall = 15.0 * len(rows)
        image = heat(rows, colours, left, y + 28, room, tall, row_names=names, labels=run.labels)
        content.append(image)
        content += [
            text(shorten(name, left - 10, 11), left - 6, y + 28 + 15 * at + 11, "end small muted")
            for at, name in enumerate(names)
        ]
        y += 28 + tall + 16
    content += step_ticks(run, 0, len(run), left, room, y)
    most = int(np.abs(sums).argmax())
    strongest = {"label": run.labels[most], "value": show(float(sums[most]))}
    most = words("The strongest step is {label} with {value}.", **strongest)
    described = words.told(told, most)
    return Picture(
        words("What mattered"), described, width, y + 10, tuple(content), language=words.tag
    )


def _bars(
    run: Run, starts: np.ndarray, values: np.ndarray, frame: Frame, scale: Linear, words: Words
) -> list[Element]:
    """Return a bar for each value, which is that of the steps from one start to the next."""
    each, zero = frame.width / len(run), scale(0.0)
    bars = []
    for first, end, value in zip(starts, [*starts[1:], len(run)], values.tolist(), strict=True):
        top, wide, name = scale(value), (end - first) * each, run.labels[first]
        if end - first > 1:
            name = words("{first} to {last}", first=name, last=run.labels[end - 1])
        bars.append(
            rect(
                frame.left + first * each + min(0.5, wide * 0.1),
                min(zero, top),
                max(wide - min(1.0, wide * 0.2), 0.4),
                max(abs(top - zero), 0.3),
                "ig fill mark" if value >= 0 else "fg fill mark",
                told=words.labelled(name, show(value)),
            )
        )
    return bars
