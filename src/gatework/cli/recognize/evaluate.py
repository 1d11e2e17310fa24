"""``gatework recognize evaluate``: how much of labelled data is recognised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from gatework.cli.folder import check_files
from gatework.cli.options import INSIDE, argument, command_of, json_flag, option, spoken, template
from gatework.cli.output import say_json, show, table_of
from gatework.cli.recognize.reading import TASKS, DataOptions, SearchOptions, load_model, task_of
from gatework.errors import counted
from gatework.recognize import Sequences
from gatework.recognize.baseline import also_learned, also_learned_note, nearest
from gatework.recognize.evaluation import Evaluation, calibration_error
from gatework.recognize.evaluations import Transcribed, evaluate
from gatework.storage import atomic_write

MOST_COLUMNS = 16
"""Classes up to which the confusion matrix is printed."""
WORST = 5
UNCALIBRATED = (
    "its probabilities are as the network says them, for nothing was kept apart to calibrate them "
    "(train --validation 0.2 keeps a fifth)"
)
LEVEL = 0.95
"""Of intervals, unless another is asked for."""


class Evaluated(DataOptions, SearchOptions):
    """Say how much of the labelled DATA a MODEL recognises, and what it mistakes.

    Accuracy comes with Wilson's interval; the confusion matrix has true classes down and what they
    were taken for across. --report writes a page with both, with the calibration of the
    probabilities, and with the worst mistakes as pictures, or as spectrograms for sound.

    \b
    gatework recognize evaluate words.safetensors others/ --report report.html
    """  # noqa: D301

    model: str = argument()
    data: str = argument()
    report: str | None = option("Write a web page with pictures of the mistakes.", metavar="FILE")
    language: str = spoken("Of the report.", needs="report")
    template: str | None = template(needs="report")
    level: float = option("Of intervals.", type=INSIDE, default=LEVEL)
    at_least: float | None = option(
        "Exit with 1 when less is recognised: 0.95.", type=click.FloatRange(0, 1), metavar="SHARE"
    )
    overwrite: bool = option("Replace the report if it is there.", needs="report")
    learned_from: str | None = option(
        "What the model learned from: its nearest neighbours stand beside the result.",
        metavar="DATA",
    )
    as_json: bool = json_flag()

    def _run(self) -> bool:
        taken = {"MODEL": self.model, "DATA": self.data, "--learned-from": self.learned_from}
        check_files({"--report": self.report}, taken, overwrite=self.overwrite)
        loaded = load_model(self.model)
        if loaded.file_kind == "sequence_regressor":
            self.refuse(("at_least", "level"), "is for shares, and this model predicts numbers")
        self.set_search(loaded)
        self.check_sources(self.data)
        sequences = self.read(self.data, model=loaded)
        known = None
        if self.learned_from:
            if task_of(loaded) != "class":
                self.refuse(("learned_from",), "is for a model that classifies")
            known = self.read(self.learned_from, model=loaded)
        how = self.values("model", "data", "report", "as_json", "level", "language")
        figures = judge(loaded, sequences, known=known, **how)
        if self.as_json:
            say_json(figures)
        if self.at_least is not None:
            key = "accuracy" if "accuracy" in figures else "whole"
            if figures[key] < self.at_least:
                click.echo(f"{figures[key]:.2%} is less than {self.at_least:.2%}", err=True)
                return False
        return True


def judge(
    recognizer: Any,
    sequences: Sequences,
    *,
    model: str,
    data: str,
    report: str | None,
    as_json: bool,
    level: float = LEVEL,
    language: str = "en",
    known: Sequences | None = None,
) -> dict[str, Any]:
    """Evaluate a model, print what was found unless as JSON, and write the report if asked.

    Beside a classifier stands the nearest neighbour among those ``known``, what it learned from;
    not where some of them are evaluated, since each is nearest to itself.
    """
    from gatework.look.report.recognize import recognition_report

    found, baseline = evaluate(recognizer, sequences), ""
    notes = []
    again = 0 if known is None else also_learned(known, sequences)
    if again:
        notes.append(also_learned_note(again, len(sequences)))
    if isinstance(found, Evaluation):
        told, said = _classified(found, level)
        told["calibrated"] = recognizer.temperature_ != 1
        if not told["calibrated"]:
            notes.append(UNCALIBRATED)
        if known is not None and not again and recognizer.file_kind == TASKS["class"]:
            beside = nearest(known, sequences)
            told["nearest_neighbour"] = beside.share.value
            baseline = beside.sentence(found.accuracy())
    elif isinstance(found, Transcribed):
        told, said = _transcribed(found, level)
    else:
        told = {"rmse": found.rmse, "mae": found.mae, "explained": found.explained}
        said = [
            f"RMSE {found.rmse:.4g}, MAE {found.mae:.4g}, {found.explained:.1%} of the variance "
            "explained"
        ]
    said += [*notes, baseline] if baseline else notes
    figures = {"sequences": len(sequences), "remarks": list(sequences.remarks)} | told
    if known is not None:
        figures["also_learned"] = again
    if report:
        page = recognition_report(
            found,
            sequences,
            level=level,
            model=Path(model).name,
            data=Path(data).name,
            baseline=baseline,
            notes=notes,
            language=language,
        )
        atomic_write(report, page.encode())
        figures["report"] = report
        said.append(report)
    if not as_json:
        if isinstance(found, Evaluation) and len(found.classes) <= MOST_COLUMNS:
            title = "true classes down, what they were taken for across"
            show(table_of(title, ("", *found.classes), _matrix(found)))
        for line in said:
            click.echo(line)
    return figures


def _classified(found: Evaluation, level: float) -> tuple[dict[str, Any], list[str]]:
    """Return figures, and what is said of them."""
    share, apart = found.accuracy(level), calibration_error(found.bins)
    worst = [
        {
            "name": found.names[row],
            "true": found.classes[found.truth[row]],
            "label": found.classes[found.predicted[row]],
            "probability": float(found.confidence[row]),
        }
        for row in found.worst().tolist()
    ]
    figures = {
        **dict(zip(("accuracy", "lower", "upper", "right", "total"), share, strict=True)),
        "log_loss": found.log_loss,
        "calibration_error": apart,
        "classes": list(found.classes),
        "confusion": found.confusion.tolist(),
        "worst": worst,
    }
    said = [
        "{name}: {true}, taken for {label} ({probability:.1%} sure)".format(**one) for one in worst
    ]
    told, low, high = share.told()
    return figures, [
        *said[:WORST],
        f"{share.right} of {share.total} recognised: {told} ({level:.0%}: {low} to {high}), "
        f"log loss {found.log_loss:.3f}, calibration error {apart:.1%}",
    ]


def _transcribed(found: Transcribed, level: float) -> tuple[dict[str, Any], list[str]]:
    """Return figures, and what is said of them."""
    share = found.whole(level)
    worst = [
        {"name": found.names[row], "true": found.truths[row], "heard": found.heard[row]}
        for row in found.worst().tolist()
    ]
    figures = {
        "error_rate": found.error_rate,
        "labels": found.tokens,
        "edits": found.total._asdict(),
        "whole": share.value,
        "lower": share.lower,
        "upper": share.upper,
        "worst": worst,
    }
    said = [f"{one['name']}: {one['true']}, heard {one['heard'] or 'nothing'}" for one in worst]
    told, low, high = share.told()
    return figures, [
        *said[:WORST],
        f"error rate {found.error_rate:.2%} of {counted(found.tokens, 'label')}; "
        f"{told} without any error ({level:.0%}: {low} to {high})",
    ]


def _matrix(found: Evaluation) -> list[list[str]]:
    """Return the rows of the confusion matrix, what is right in bold."""
    rows = []
    for row, (name, counts) in enumerate(zip(found.classes, found.confusion, strict=True)):
        cells = [str(count) if count else "·" for count in counts.tolist()]
        cells[row] = f"[bold]{counts[row]}[/bold]"
        rows.append([name, *cells])
    return rows


command = command_of(Evaluated)
