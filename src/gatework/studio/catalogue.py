"""What the studio was given to show: model files and built-in examples."""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gatework.demo.networks import train_series, train_text
from gatework.errors import DataError, FileFormatError, GateworkError, InputFileError, OptionError
from gatework.estimator import Readings, examinee, read_over
from gatework.examine import Run, run_of
from gatework.examine.network_run import in_torch
from gatework.files import load, load_to_examine
from gatework.network.stack import RecurrentStack
from gatework.runtime import Model
from gatework.storage.reading import refuse_special
from gatework.train.record import HISTORY

WAVE_STEPS, OWN_TOKENS = 120, 80
EXAMPLES = SERIES_EXAMPLE, TEXT_EXAMPLE = "failures a week", "letters"


@dataclass(frozen=True, eq=False)
class Opened:
    """A model, and how data become runs of it.

    Attributes:
        model: what was loaded.
        own: a run over data that come with it, None where it needs the user's.
        read: from a file and the names of its columns to what stands in it; None where it reads
            no files.
        text: from a text that was typed to a run; None where it reads none.
    """

    model: Any
    own: Run | None
    read: Callable[[Path, Mapping[str, Any]], Readings] | None
    text: Callable[[str], Run] | None

    @property
    def reads(self) -> list[str]:
        """What it can be opened with: "own", and "table" or "text"."""
        ways = {"own": self.own, "text" if self.text else "table": self.text or self.read}
        return [name for name, way in ways.items() if way is not None]


@dataclass(eq=False)
class CatalogueEntry:
    """A model that can be chosen.

    Attributes:
        name: what it is called on the page.
        make: opens it; None where it cannot be opened.
        problem: why it cannot.
        example: whether it is built in, and trained when it is first opened.
        training: the number of the recorded training that made it, None for none.
        opened: what ``make`` gave.
    """

    name: str
    make: Callable[[], Opened] | None
    problem: str = ""
    example: bool = False
    training: int | None = None
    opened: Opened | None = None


class Catalogue:
    """Models and recorded trainings by number. Nothing that was not named here can be opened.

    Args:
        models: model files.
        runs: folders of recorded trainings, also of some that have yet to begin.
        data: a file that the models are opened with, None for none.

    Raises:
        InputFileError: a run is a file, a device or a pipe, or its record is no ordinary file.
    """

    def __init__(
        self,
        models: Sequence[str | Path],
        runs: Sequence[str | Path] = (),
        data: str | Path | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self.data = None if data is None else Path(data)
        folder = tempfile.mkdtemp(prefix="gatework-studio-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        example = Path(folder) / SERIES_EXAMPLE
        self.runs = [*(_run_folder(Path(one)) for one in runs), example]
        paths = [Path(path) for path in models]
        named = zip(paths, _named(paths), strict=True)
        self.entries = [
            *(_file(path, name, alone=data is None) for path, name in named),
            CatalogueEntry(
                SERIES_EXAMPLE,
                lambda: _series_example(example),
                example=True,
                training=len(self.runs) - 1,
            ),
            CatalogueEntry(TEXT_EXAMPLE, _text_example, example=True),
        ]

    def open(self, number: int) -> Opened:
        """Return a model, opened or trained when it is first asked for.

        Raises:
            OptionError: there is no such model, or its file cannot be opened.
        """
        if not 0 <= number < len(self.entries):
            raise OptionError(f"there is no model {number}")
        shown = self.entries[number]
        if shown.make is None:
            raise OptionError(shown.problem)
        with self._lock:
            if shown.opened is None:
                shown.opened = shown.make()
        return shown.opened

    def run(self, number: int) -> Path:
        """Return the folder of a recorded training.

        Raises:
            OptionError: there is none of that number.
        """
        if not 0 <= number < len(self.runs):
            raise OptionError(f"there is no run {number}")
        return self.runs[number]


def _run_folder(path: Path) -> Path:
    """Return the folder of a training, which may have yet to begin; nothing that is no folder."""
    hint = "Trainer(..., record=FOLDER) writes a folder that can be watched"
    refuse_special(path)
    if path.exists() and not path.is_dir():
        raise InputFileError(f"{path} is not the folder of a recorded training", hint=hint)
    history = path / HISTORY
    refuse_special(history)
    if history.exists() and not history.is_file():
        raise InputFileError(f"{history} is not an ordinary file", hint=hint)
    return path


def _named(paths: Sequence[Path]) -> list[str]:
    """Return what files are called: their names, behind their folders' where others have them."""
    often = Counter(path.name for path in paths)
    return [
        f"{path.resolve().parent.name}/{path.name}" if often[path.name] > 1 else path.name
        for path in paths
    ]


def _file(path: Path, name: str, *, alone: bool) -> CatalogueEntry:
    """Return a model file; a bare network has waves of its own where no data are given to it."""
    try:
        model = _loaded(path)
    except GateworkError as error:
        return CatalogueEntry(name, None, error.message.replace(str(path), name))

    def read(file: Path, options: Mapping[str, Any]) -> Readings:
        found = read_over(model, file, **options)
        return Readings(found.names, lambda one: replace(found.run(one), title=name))

    def text(typed: str) -> Run:
        return replace(examinee(model).examine(typed), title=name)

    def make() -> Opened:
        if examinee(model).TYPED:
            return Opened(model, _own_words(model, name) if alone else None, read, text)
        own = None
        if alone and isinstance(model, RecurrentStack):
            own = replace(wave_run(model), title=f"{name}, waves")
        return Opened(model, own, read, None)

    return CatalogueEntry(name, make)


def _loaded(path: Path) -> Any:
    """Return a model of a file of ours, or the LSTM in one of others."""
    try:
        return load(path)
    except FileFormatError:
        model = load_to_examine(path)
        return in_torch(model) if isinstance(model, Model) else model


def _own_words(writer: Any, name: str) -> Run | None:
    """Return a run over what a writer writes by itself, None where that is nothing."""
    written = writer.write(length=OWN_TOKENS)
    if not written.strip():
        return None
    return replace(examinee(writer).examine(written), title=f"{name}, its own words")


def wave_run(network: RecurrentStack) -> Run:
    """Return a run of a bare network over waves, a slower one for each further feature."""
    steps = np.arange(WAVE_STEPS)[:, None]
    waves = np.sin(2 * np.pi * steps / (12 * (1 + np.arange(network.input_size))))
    names = [f"wave {n + 1}" for n in range(network.input_size)]
    return run_of(network, waves, names=names)


def _series_example(folder: Path) -> Opened:
    demo, own = train_series(folder)

    def read(file: Path, options: Mapping[str, Any]) -> Readings:
        from gatework.forecast import read_series

        column, time_column = options.get("column"), options.get("time_column")
        series = read_series(file, column=column, time_column=time_column, missing="previous")
        if len(series) < 2:
            raise DataError(f"{series.name!r} has {len(series)} values, and a run needs 2")
        return Readings((), lambda _: demo.run(series.values, series.labels, series.name))

    return Opened(demo.network, own, read, None)


def _text_example() -> Opened:
    demo, own = train_text()
    return Opened(demo.network, own, None, demo.run)
