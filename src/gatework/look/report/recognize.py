"""The report of an evaluation: how much was recognised, what was confused, the worst mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gatework.look.canvas.numerals import show
from gatework.look.canvas.svg import Element
from gatework.look.charts.recognition import (
    calibration_chart,
    confusion_chart,
    mistakes_chart,
    transcripts_chart,
)
from gatework.look.language import ENGLISH
from gatework.look.report.parts import (
    bullets,
    cards,
    figure,
    paragraph,
    report_page,
    section,
    table,
)
from gatework.look.report.words import cell_text, count
from gatework.recognize.evaluation import Evaluation, calibration_error
from gatework.recognize.evaluations import Numeric, Transcribed

if TYPE_CHECKING:
    from gatework.recognize import Sequences

WORST = 24
_SEEN = {"image": "The pictures", "sound": "The spectrograms, low pitches at the bottom,"}


def recognition_report(
    evaluation: Evaluation | Transcribed | Numeric,
    sequences: Sequences,
    *,
    model: str,
    data: str,
    level: float = 0.95,
    baseline: str = "",
) -> str:
    """Return a page on how well a model recognises labelled sequences.

    The page holds everything it shows and makes no request.

    Args:
        evaluation: from gatework.recognize.evaluate.
        sequences: what was recognised.
        model: what the model is called.
        data: what the data are called.
        level: of intervals.
        baseline: what the nearest neighbour recognises, in a sentence; empty where nobody asked it.
    """
    title = f"Recognition: {cell_text(data)}"
    words = f"{cell_text(model)} on {count(len(sequences), 'sequence')}."
    if isinstance(evaluation, Evaluation):
        body = _classified(evaluation, sequences, level)
    elif isinstance(evaluation, Transcribed):
        body = _transcribed(evaluation, sequences, level)
    else:
        body = _numeric(evaluation, sequences)
    if baseline:
        words += f" Beside it, {baseline}."
    content = [paragraph(words), *body]
    if sequences.remarks:
        content.append(
            section("What was done to the data", bullets(sequences.remarks), name="data")
        )
    return report_page(title, content, ENGLISH)


def _classified(found: Evaluation, sequences: Sequences, level: float) -> list[Element]:
    share = found.accuracy(level)
    steps = len(found.truth) != len(sequences)
    what = "step" if steps else "sequence"
    wrong = share.total - share.right
    interval = f"{level:.0%}: {share.lower:.2%} to {share.upper:.2%}"
    content = [
        cards(
            ("recognised", f"{share.value:.2%}", interval),
            ("mistakes", f"{wrong:,}", f"of {count(share.total, what)}"),
            ("log loss", show(found.log_loss), "nats; less is better"),
            ("calibration error", f"{calibration_error(found.bins):.1%}", "claims less outcomes"),
        ),
        section(
            "What was taken for what",
            figure(
                "Rows are the true classes. Depth of colour is the share of the row: blue right, "
                "orange wrong.",
                confusion_chart,
                found,
            ),
            *([bullets(said)] if (said := _confusions(found)) else []),
            name="confusion",
        ),
        section("Class by class", _by_class(found), name="classes"),
        section(
            "Do its probabilities come true?",
            figure(
                "Cases by the probability that was claimed for them: on the dashed line claims "
                "come true; under it the model is too sure. Lines are 95 % intervals, larger dots "
                "more cases.",
                calibration_chart,
                found,
            ),
            name="calibration",
        ),
    ]
    title = "The worst mistakes"
    if not wrong:
        content.append(
            section(title, paragraph("There is none: everything was recognised."), name="mistakes")
        )
    elif steps:
        rows = found.worst(WORST)
        content.append(section(title, _mistakes_table(found, rows), name="mistakes"))
    else:
        seen = _SEEN.get(sequences.kind, "The curves and texts")
        said = f"{min(wrong, WORST)} of {count(wrong, 'mistake')}"
        content.append(
            section(
                title,
                paragraph(
                    f"{seen} are what the network read, the mistake it was surest of first; below "
                    "each the probability of what it was taken for, against that of what it is.",
                    "muted",
                ),
                figure(said, mistakes_chart, found, sequences, most=WORST),
                name="mistakes",
            )
        )
    return content


def _confusions(found: Evaluation) -> list[str]:
    """Return the most frequent mistakes in sentences."""
    counts = found.confusion.copy()
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:5]
    said = []
    for row, column in zip(*np.unravel_index(order, counts.shape), strict=True):
        number = int(counts[row, column])
        if number:
            cases = int(found.confusion[row].sum())
            true, taken = (cell_text(found.classes[n]) for n in (row, column))
            said.append(f"“{true}” was taken for “{taken}”, {number:,} of {count(cases, 'time')}.")
    return said


def _by_class(found: Evaluation) -> Element:
    rows: list[Sequence[str | Element]] = [
        [
            cell_text(str(row["class"])),
            f"{row['cases']:,}",
            _percent(float(row["found"])),
            _percent(float(row["right"])),
        ]
        for row in found.by_class()
    ]
    head = ["class", "cases", "found", "right where claimed"]
    return table("Found: recall. Right where claimed: precision.", head, rows, tall=True)


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{share:.1%}"


def _mistakes_table(found: Evaluation, rows: np.ndarray) -> Element:
    cells: list[Sequence[str | Element]] = [
        [
            cell_text(found.names[row]),
            cell_text(found.classes[found.truth[row]]),
            cell_text(found.classes[found.predicted[row]]),
            f"{found.confidence[row]:.1%}",
        ]
        for row in rows
    ]
    return table("The mistakes it was surest of", ["where", "true", "taken for", "sure"], cells)


def _transcribed(found: Transcribed, sequences: Sequences, level: float) -> list[Element]:
    share = found.whole(level)
    total = found.total
    interval = f"{level:.0%}: {share.lower:.1%} to {share.upper:.1%}"
    figures = cards(
        ("error rate", f"{found.error_rate:.2%}", f"edits over {found.tokens:,} labels"),
        ("without any error", f"{share.value:.1%}", interval),
        ("replaced", f"{total.replaced:,}", "labels"),
        ("left out, put in", f"{total.left_out:,}, {total.put_in:,}", "labels"),
    )
    rows = found.worst(WORST)
    if not len(rows):
        return [figures, paragraph("Every transcript is right.")]
    wrong = count(share.total - share.right, "transcript")
    said = f"{len(rows)} of {wrong} with errors, those with the most for their length first"
    drawn = figure(said, transcripts_chart, found, sequences, most=WORST)
    return [figures, section("The worst transcripts", drawn, name="mistakes")]


def _numeric(found: Numeric, sequences: Sequences) -> list[Element]:
    figures = cards(
        ("RMSE", show(found.rmse), "root of the mean squared error"),
        ("MAE", show(found.mae), "mean absolute error"),
        ("explained", f"{found.explained:.1%}", "of the variance"),
    )
    rows: list[Sequence[str | Element]] = [
        [
            cell_text(found.names[row]),
            show(float(found.truth[row])),
            show(float(found.predicted[row])),
        ]
        for row in found.worst(WORST).tolist()
    ]
    worst = table("The largest errors", ["sequence", "true", "predicted"], rows)
    return [figures, section("The worst predictions", worst, name="mistakes")]
