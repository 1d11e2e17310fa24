"""The report of an evaluation: how much was recognised, what was confused, the worst mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gatework.look.canvas.numerals import show, show_all
from gatework.look.canvas.svg import Element
from gatework.look.charts.recognition import (
    calibration_chart,
    confusion_chart,
    mistakes_chart,
    transcripts_chart,
)
from gatework.look.language import Words, words_in
from gatework.look.report.notes import note_text
from gatework.look.report.parts import (
    bullets,
    cards,
    figure,
    paragraph,
    report_page,
    section,
    table,
)
from gatework.look.report.words import cell_text
from gatework.recognize.evaluation import Evaluation, Share, calibration_error
from gatework.recognize.evaluations import Numeric, Transcribed

if TYPE_CHECKING:
    from gatework.recognize import Sequences

WORST = 24


def recognition_report(
    evaluation: Evaluation | Transcribed | Numeric,
    sequences: Sequences,
    *,
    model: str,
    data: str,
    level: float = 0.95,
    baseline: str = "",
    notes: Iterable[str] = (),
    language: str = "en",
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
        notes: what else must be known of the result, each in a sentence.
        language: "en" or another one, such as "zh".

    Raises:
        OptionError: another language.
    """
    words = words_in(language)
    told = words.many(
        len(sequences),
        "{model} on 1 sequence.",
        "{model} on {count} sequences.",
        model=cell_text(model),
    )
    if isinstance(evaluation, Evaluation):
        body = _classified(evaluation, sequences, level, words)
    elif isinstance(evaluation, Transcribed):
        body = _transcribed(evaluation, sequences, level, words)
    else:
        body = _numeric(evaluation, words)
    if baseline:
        beside = words("Beside it, {baseline}.", baseline=note_text(baseline, words))
        told = words.told(told, beside)
    doubts = [note_text(note, words) for note in notes]
    content = [paragraph(told), *([bullets(doubts)] if doubts else []), *body]
    if sequences.remarks:
        done = bullets(note_text(remark, words) for remark in sequences.remarks)
        content.append(section(words("What was done to the data"), done, name="data"))
    title = words("Recognition: {data}", data=cell_text(words.name(data)))
    return report_page(title, content, words)


def _classified(
    found: Evaluation, sequences: Sequences, level: float, words: Words
) -> list[Element]:
    share = found.accuracy(level)
    steps = len(found.truth) != len(sequences)
    wrong = share.total - share.right
    if steps:
        of_all = words.many(share.total, "of 1 step", "of {count} steps")
    else:
        of_all = words.many(share.total, "of 1 sequence", "of {count} sequences")
    loss, missed = show(found.log_loss), f"{calibration_error(found.bins):.1%}"
    confusions = figure(
        words(
            "Rows are the true classes. Depth of colour is the share of the row: blue right, "
            "orange wrong."
        ),
        confusion_chart,
        found,
        language=words.language,
    )
    said = _confusions(found, words)
    return [
        cards(
            (words("recognised"), share.told()[0], _interval(share, level, words)),
            (words("mistakes"), f"{wrong:,}", of_all),
            (words("log loss"), loss, words("nats; less is better")),
            (words("calibration error"), missed, words("claims less outcomes")),
        ),
        section(
            words("What was taken for what"),
            confusions,
            *([bullets(said)] if said else []),
            name="confusion",
        ),
        section(words("Class by class"), _by_class(found, words), name="classes"),
        _calibration(found, words),
        section(words("The worst mistakes"), *_mistakes(found, sequences, words), name="mistakes"),
    ]


def _interval(share: Share, level: float, words: Words) -> str:
    _, low, high = share.told()
    return words.labelled(f"{level:.0%}", words("{first} to {last}", first=low, last=high))


def _calibration(found: Evaluation, words: Words) -> Element:
    caption = words(
        "Cases by the probability that was claimed for them: on the dashed line claims come true; "
        "under it the model is too sure. Lines are 95% intervals, larger dots more cases."
    )
    drawn = figure(caption, calibration_chart, found, language=words.language)
    return section(words("Do its probabilities come true?"), drawn, name="calibration")


def _mistakes(found: Evaluation, sequences: Sequences, words: Words) -> list[Element]:
    wrong = int((found.truth != found.predicted).sum())
    if not wrong:
        return [paragraph(words("There is none: everything was recognised."))]
    if len(found.truth) != len(sequences):
        return [_mistakes_table(found, found.worst(WORST), words)]
    said = words("{shown} of {count} mistakes", shown=WORST, count=f"{wrong:,}")
    said = said if wrong > WORST else ""
    drawn = figure(said, mistakes_chart, found, sequences, most=WORST, language=words.language)
    return [paragraph(_seen(sequences.kind, words), "muted"), drawn]


def _seen(kind: str, words: Words) -> str:
    """Return what the pictures of mistakes are."""
    what = words("The curves and texts are what the network read, the surest mistake first.")
    if kind == "image":
        what = words("The pictures are what the network read, the surest mistake first.")
    elif kind == "sound":
        what = words(
            "The spectrograms, low pitches at the bottom, are what the network read, the surest "
            "mistake first."
        )
    below = words(
        "Below each stands the probability of what it was taken for, against that of what it is."
    )
    return words.told(what, below)


def _confusions(found: Evaluation, words: Words) -> list[str]:
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
            said.append(
                words.many(
                    cases,
                    "“{true}” was taken for “{taken}”, {number} of 1 time.",
                    "“{true}” was taken for “{taken}”, {number} of {count} times.",
                    true=true,
                    taken=taken,
                    number=f"{number:,}",
                )
            )
    return said


def _by_class(found: Evaluation, words: Words) -> Element:
    rows: list[Sequence[str | Element]] = [
        [
            cell_text(str(row["class"])),
            f"{row['cases']:,}",
            _percent(float(row["found"])),
            _percent(float(row["right"])),
        ]
        for row in found.by_class()
    ]
    head = [words("class"), words("cases"), words("found"), words("right where claimed")]
    caption = words("Found: recall. Right where claimed: precision.")
    return table(caption, head, rows, tall=True)


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{share:.1%}"


def _mistakes_table(found: Evaluation, rows: np.ndarray, words: Words) -> Element:
    cells: list[Sequence[str | Element]] = [
        [
            cell_text(words.name(found.names[row])),
            cell_text(found.classes[found.truth[row]]),
            cell_text(found.classes[found.predicted[row]]),
            f"{found.confidence[row]:.1%}",
        ]
        for row in rows
    ]
    head = [words("where"), words("true"), words("taken for"), words("sure")]
    return table(words("The mistakes it was surest of"), head, cells)


def _transcribed(
    found: Transcribed, sequences: Sequences, level: float, words: Words
) -> list[Element]:
    share = found.whole(level)
    total = found.total
    edits = words.many(found.tokens, "edits over 1 label", "edits over {count} labels")
    labels = words("labels")
    figures = cards(
        (words("error rate"), f"{found.error_rate:.2%}", edits),
        (words("entirely right"), share.told()[0], _interval(share, level, words)),
        (words("replaced"), f"{total.replaced:,}", labels),
        (words("left out, put in"), f"{total.left_out:,}, {total.put_in:,}", labels),
    )
    rows = found.worst(WORST)
    if not len(rows):
        return [figures, paragraph(words("Every transcript is right."))]
    said = words.many(
        share.total - share.right,
        "{shown} of 1 transcript with errors",
        "{shown} of {count} transcripts with errors, those with the most for their length first",
        shown=len(rows),
    )
    drawn = figure(said, transcripts_chart, found, sequences, most=WORST, language=words.language)
    return [figures, section(words("The worst transcripts"), drawn, name="mistakes")]


def _numeric(found: Numeric, words: Words) -> list[Element]:
    rmse, mae = show_all([found.rmse, found.mae])
    figures = cards(
        ("RMSE", rmse, words("root of the mean squared error")),
        ("MAE", mae, words("mean absolute error")),
        (words("explained"), f"{found.explained:.1%}", words("of the variance")),
    )
    worst = found.worst(WORST)
    names = [cell_text(words.name(found.names[row])) for row in worst.tolist()]
    both = [*found.truth[worst].tolist(), *found.predicted[worst].tolist()]
    told = show_all(both, digits=4)
    rows = list(zip(names, told[: len(names)], told[len(names) :], strict=True))
    head = [words("sequence"), words("true"), words("predicted")]
    listed = table(words("The largest errors"), head, rows)
    return [figures, section(words("The worst predictions"), listed, name="mistakes")]
