"""A text file whose lines are the sequences: a label, a tab, a text."""

from __future__ import annotations

import os
from pathlib import Path

from gatework.errors import DataError
from gatework.recognize.features.base import Features
from gatework.recognize.features.characters import Characters
from gatework.recognize.readers.bad import text_of
from gatework.recognize.readers.tables import LABELS
from gatework.recognize.sequences import Sequences


def read_lines(
    path: str | os.PathLike[str], *, features: Features | None = None, encoding: str | None = None
) -> Sequences:
    r"""Read the lines of a file, each a sequence of characters; empty lines are passed over.

    What stands before the first tab of a line is its label; where no line has a tab, there are no
    labels.

    Args:
        path: of the file.
        features: Characters of a model; those of the file where left out.
        encoding: of the file; found out where left out.

    Raises:
        InputFileError: when it cannot be read.
        DataError: when a line has a label and no text, or some lines have a tab and others none.
    """
    path = Path(path)
    text, remarks = text_of(path, encoding)
    lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    first, tab, _ = lines[0][1].partition("\t") if len(lines) > 1 else ("", "", "")
    if tab and first.strip().casefold() in LABELS:
        remarks += (f"the first line was passed over as a header: {lines.pop(0)[1]!r}",)
    if not lines:
        raise DataError(f"'{path}' has no line with a text")
    labels = None
    texts = [line for _, line in lines]
    if any("\t" in line for line in texts):
        _check_tabs(path, lines)
        labels = tuple(line.split("\t", 1)[0].strip() for line in texts)
        texts = [line.split("\t", 1)[1] for line in texts]
        for (number, _), label, text in zip(lines, labels, texts, strict=True):
            if not label or not text.strip():
                what = "label" if not label else "text"
                raise DataError(
                    f"'{path}', line {number}: there is no {what} beside the tab",
                    hint="write it, or leave the line out",
                )
        _check_order(path, labels, texts)
    made = Characters.of(texts) if features is None else features
    return Sequences(
        tuple(made(text) for text in texts),
        tuple(f"line {number}" for number, _ in lines),
        labels,
        "text",
        made,
        tuple(texts),
        remarks,
    )


def _check_order(path: Path, labels: tuple[str, ...], texts: list[str]) -> None:
    """Check that labels stand before the tabs, not behind them.

    Raises:
        DataError: when no label comes twice, but few texts are all there are.
    """
    if len(set(labels)) == len(labels) > 2 * len(set(texts)):
        raise DataError(
            f"'{path}': every line has another label, and {len(set(texts))} texts are all there "
            "are, as where the label stands behind the tab",
            hint="the label first, then a tab and the text",
        )


def _check_tabs(path: Path, lines: list[tuple[int, str]]) -> None:
    """Check that every line has a tab, where one has.

    Raises:
        DataError: when a line has none.
    """
    bare = [number for number, line in lines if "\t" not in line]
    if bare:
        tabbed = next(number for number, line in lines if "\t" in line)
        raise DataError(
            f"'{path}', line {bare[0]}: there is no tab between label and text",
            hint=f"line {tabbed} has one: a tab in every line, or in none for no labels",
        )
