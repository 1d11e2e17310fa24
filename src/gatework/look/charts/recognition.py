"""Charts of how well a classifier does: confusions, calibration, its worst mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gatework.look.canvas.heat import Colours, heat
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import LINE, Frame, bottom_axis, value_axis
from gatework.look.canvas.scales import Linear
from gatework.look.canvas.shapes import circle, marked, polyline, rect, text
from gatework.look.canvas.svg import Element, shorten, text_width
from gatework.look.charts.thumbnail import height_of, thumbnail
from gatework.look.language import Words, words_in
from gatework.recognize.evaluation import wilson

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatework.recognize import Sequences
    from gatework.recognize.evaluation import Evaluation
    from gatework.recognize.evaluations import Transcribed

MOST_NUMBERED = 30
"""Classes up to which the matrix has its counts written in it."""
_CELL, _LABEL = 46.0, 150.0  # pixels, at most
_LEANING = 40.0
"""How far names over the columns lean beyond the last of them."""


def confusion_chart(evaluation: Evaluation, *, width: float = 920, language: str = "en") -> Picture:
    """Draw how often each true class, a row, was taken for each class, a column.

    Depth of colour is the share of the row: blue what is right, orange what is not.
    """
    words = words_in(language)
    found, classes = evaluation.confusion, evaluation.classes
    count = len(classes)
    left = min(_LABEL, width / 3, max(40.0, *(text_width(name) + 14 for name in classes)))
    cell = min(_CELL, (width - left - 8) / count)
    upright = max(text_width(name) for name in classes) <= cell - 6
    cell = cell if upright else min(cell, (width - left - _LEANING) / count)
    top = 22.0 + (LINE if upright else min(90.0, max(text_width(name) for name in classes)) + 8)
    content = [
        text(words("true"), left - 8, top - 6, "end small muted"),
        text(words("taken for"), left, 12, "small muted"),
    ]
    if count <= MOST_NUMBERED:
        content += _numbered(evaluation, left, top, cell, words)
    else:
        names = [shorten(name, _LABEL) for name in classes]
        side = cell * count
        colours = Colours(0.0, 1.0, False)
        content.append(heat(_shares(found), colours, left, top, side, side, row_names=names))
    stride = max(1, int(np.ceil(12 / cell)))
    for place in range(0, count, stride):
        middle = (place + 0.5) * cell
        name = shorten(classes[place], left - 14)
        content.append(text(name, left - 8, top + middle + 4, "end"))
        if upright:
            content.append(text(name, left + middle, top - 6, "mid"))
        else:
            slanted = text(shorten(classes[place], 90.0), 0, 0)
            slanted.attributes["transform"] = f"translate({left + middle + 4:.1f} {top - 6:.1f})"
            slanted.attributes["transform"] += " rotate(-70)"
            content.append(slanted)
    said = words(
        "{right} of {total} recognised; rows are true classes, columns what they were taken for",
        right=int(np.trace(found)),
        total=int(found.sum()),
    )
    height = top + cell * count + 8
    title = words("Confusion matrix")
    return Picture(title, said, width, height, tuple(content), language=words.tag)


def _numbered(
    evaluation: Evaluation, left: float, top: float, cell: float, words: Words
) -> list[Element]:
    found, classes = evaluation.confusion, evaluation.classes
    share = _shares(found)
    content = []
    numbered, style = cell >= 16, "small mid" if cell < 34 else "mid"
    for row, column in np.ndindex(found.shape):
        number = int(found[row, column])
        x, y = left + column * cell, top + row * cell
        right = row == column
        told = words(
            "{true} taken for {taken}: {count} ({share})",
            true=classes[row],
            taken=classes[column],
            count=number,
            share=f"{share[row, column]:.1%}",
        )
        side = cell - 2
        box = marked(told, rect(x, y, side, side, "shade"))
        if number:
            depth = share[row, column] if right else min(1.0, 0.15 + share[row, column] ** 0.5)
            colour = "unit" if right else "fg fill"
            depth = round(float(depth) * (0.5 if numbered else 1.0), 3)  # a number stays legible
            box.add(rect(x, y, side, side, colour, fill_opacity=depth))
            if numbered:
                box.add(text(str(number), x + side / 2, y + side / 2 + 4, style))
        content.append(box)
    return content


def _shares(found: np.ndarray) -> np.ndarray:
    return found / np.maximum(1, found.sum(axis=1, keepdims=True))


def calibration_chart(
    evaluation: Evaluation, *, width: float = 920, language: str = "en"
) -> Picture:
    """Draw what came true of what was claimed, by ranges of probability, with their intervals."""
    words, bins = words_in(language), evaluation.bins
    height, top = 300.0, 14.0
    side = min(width - 72.0, 420.0)  # the last tick's text goes beyond the frame
    frame = Frame(52.0, top, 52.0 + side, height - 44)
    x = Linear(0.0, 1.0, frame.left, frame.right)
    y = Linear(0.0, 1.0, frame.bottom, frame.top)
    ticks = [(n / 4, f"{n / 4:.0%}") for n in range(5)]
    content = [
        value_axis(frame, y, ticks),
        bottom_axis(
            frame, [(x(value), label) for value, label in ticks], words("claimed probability")
        ),
        Element("line", class_="cut", x1=x(0), y1=y(0), x2=x(1), y2=y(1)),
    ]
    most = max(part.count for part in bins)
    for part in bins:
        share = wilson(round(part.right * part.count), part.count)
        told = words.many(
            part.count,
            "1 case claimed {claimed}, {right} right",
            "{count} cases claimed {claimed} on average, {right} right",
            claimed=f"{part.claimed:.1%}",
            right=f"{part.right:.1%}",
        )
        at = x(part.claimed)
        content.append(
            marked(
                told,
                polyline([(at, y(share.lower)), (at, y(share.upper))], "lstm"),
                circle(at, y(part.right), 2.5 + 5 * (part.count / most) ** 0.5, "lstm mark"),
                classes=None,
            )
        )
    said = words("share that was right by claimed probability; on the dashed line claims come true")
    title = words("Calibration")
    return Picture(title, said, width, height, tuple(content), language=words.tag)


_LEAST, _MARGIN = 150, 14.0
"""Pixels of the cell of a mistake at least, and between two."""


def mistakes_chart(
    evaluation: Evaluation,
    sequences: Sequences,
    *,
    most: int = 24,
    width: float = 920,
    language: str = "en",
) -> Picture:
    """Draw the mistakes that the classifier was surest of, each as a picture of what it read."""
    words, rows = words_in(language), evaluation.worst(most)
    tall = height_of(sequences, rows.tolist(), _room(width, _LEAST, _MARGIN), 104.0)

    def mistake(row: int, x: float, y: float, room: float) -> Element:
        truth, said = int(evaluation.truth[row]), int(evaluation.predicted[row])
        true, taken = evaluation.classes[truth], evaluation.classes[said]
        sure, less = (f"{evaluation.probabilities[row, n]:.1%}" for n in (said, truth))
        name = words.name(evaluation.names[row])
        told = {"name": name, "true": true, "taken": taken, "sure": sure}
        taken = words("taken for {taken}", taken=taken)
        return marked(
            words("{name}: {true}, taken for {taken} ({sure} sure)", **told),
            thumbnail(sequences, row, x, y + 4, room, tall, words),
            text(shorten(true, room), x, y + tall + 22, "strong"),
            text(shorten(taken, room), x, y + tall + 38),
            text(words("{sure} against {less}", sure=sure, less=less), x, y + tall + 54, "small"),
            text(_end_of(name, room), x, y + tall + 69, "small muted"),
            classes=None,
        )

    said = words.many(
        len(rows),
        "the mistake that the model was surest of",
        "the {count} mistakes that the model was surest of",
    )
    height, content = _grid(rows, mistake, width, least=_LEAST, margin=_MARGIN, tall=tall + 84)
    return Picture(words("Worst mistakes"), said, width, height, content, language=words.tag)


def transcripts_chart(
    found: Transcribed,
    sequences: Sequences,
    *,
    most: int = 24,
    width: float = 920,
    language: str = "en",
) -> Picture:
    """Draw the worst transcripts: what was read, what it says, what was heard."""
    words = words_in(language)

    def transcript(row: int, x: float, y: float, room: float) -> Element:
        truth, heard = found.truths[row], found.heard[row]
        return marked(
            words("{name}: {true}, heard {heard}", name=found.names[row], true=truth, heard=heard),
            thumbnail(sequences, row, x, y + 4, room, 60.0, words),
            text(words("true"), x, y + 84, "small muted"),
            text(shorten(truth, room - 44), x + 40, y + 84),
            text(words("heard"), x, y + 101, "small muted"),
            text(shorten(heard, room - 44) or words("nothing"), x + 40, y + 101, "failed"),
            text(_end_of(found.names[row], room), x, y + 118, "small muted"),
            classes=None,
        )

    rows = found.worst(most)
    said = words.many(
        len(rows),
        "the transcript with the most errors for its length",
        "the {count} transcripts with the most errors for their lengths",
    )
    height, content = _grid(rows, transcript, width, least=280, margin=20, tall=142.0)
    return Picture(words("Worst transcripts"), said, width, height, content, language=words.tag)


def _grid(
    rows: np.ndarray,
    draw: Callable[[int, float, float, float], Element],
    width: float,
    *,
    least: int,
    margin: float,
    tall: float,
) -> tuple[float, tuple[Element, ...]]:
    """Return the height of a grid of cells at least so wide, and each cell drawn in its place."""
    columns, room = max(1, int(width // least)), _room(width, least, margin)
    wide = room + margin
    content = [
        draw(row, (place % columns) * wide + 2, (place // columns) * tall, room)
        for place, row in enumerate(rows)
    ]
    return max(1, -(-len(rows) // columns)) * tall, tuple(content)


def _room(width: float, least: int, margin: float) -> float:
    """Return how wide the content of a cell of a grid may be."""
    return width / max(1, int(width // least)) - margin


def _end_of(name: str, width: float) -> str:
    """Return the name of a file, its beginning cut off where it is long."""
    return shorten(name[::-1], width, 11)[::-1]
