"""``gatework life``: how many cycles units have left, from units that ran until they failed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import click

from gatework.cli.folder import choose_folder
from gatework.cli.options import (
    INSIDE,
    argument,
    command_of,
    json_flag,
    option,
    refuse,
    seed,
    spoken,
    template,
)
from gatework.cli.output import csv_of, say_json, show, table_of, training_bar
from gatework.cli.table import FileOptions, NumberOptions, RowOptions
from gatework.errors import DataError, OptionError, counted
from gatework.storage.reading import read_bytes
from gatework.tabular.column import naming

if TYPE_CHECKING:
    from gatework.life import Fleet, LifeEstimator, LifePoint

MODEL, LIFE, REPORT = "model.safetensors", "life.csv", "report.html"
_MOST_NAMED = 8
NO_UNITS = "name a TRAIN file, or --model, and not both"


class Life(NumberOptions, RowOptions, FileOptions):
    """Learn from the units in TRAIN, each of which ran until it failed, and predict others.

    One row a unit and cycle, with a column of units, one of cycles, and sensors; or a text file
    of NASA's C-MAPSS. Without --test the model is only trained and written.

    \b
    gatework life train.csv --test running.csv
    gatework life --model gatework-life/model.safetensors --test running.csv --json
    """  # noqa: D301

    test: str | None = option("Units that still run; their lives are predicted.", metavar="FILE")
    truth: str | None = option(
        "Their lives left, one number a line, to score against.", needs="test", metavar="FILE"
    )
    unit_column: str | None = option("Column that tells units apart.  [default: unit]")
    cycle_column: str | None = option("Column of the cycle's number.  [default: cycle]")
    missing: Literal["error", "previous", "interpolate", "mean", "zero"] | None = option(
        "What becomes of missing readings: previous carries on the one before.  "
        "[default: error; with --model as when it was trained]"
    )
    gaps: Literal["error", "missing"] | None = option(
        "What becomes of cycles that a unit lacks: missing makes them steps without readings, "
        "filled as --missing says.  [default: as for --missing]"
    )
    language: str = spoken("Of the report.", needs="test")
    template: str | None = template(needs="test")
    out: str | None = option("Folder for the results.  [default: gatework-life]", metavar="FOLDER")
    overwrite: bool = option("Replace the results in --out.", needs="out")
    as_json: bool = json_flag("Print one JSON object instead of a table.")

    @abstractmethod
    def _estimator(self, notes: list[str]) -> tuple[LifeEstimator, Fleet | None]:
        """Return the estimator, and what it is to be trained on; ``notes`` are added to."""

    def _tested(
        self, estimator: LifeEstimator, train: Fleet | None, notes: list[str]
    ) -> Fleet | None:
        """Return the units that still run, with all columns that are needed."""
        from gatework.life.signals import Signals

        if not self.test:
            return None
        names = (estimator.signals_ if train is None else Signals.of(train)).names
        fleet = self._read(estimator, self.test, train)
        _tell(notes, self.test, fleet.notes)
        with naming(f"'{self.test}': "):
            return fleet.select(names)

    def _read(self, estimator: LifeEstimator, path: str, like: Fleet | None = None) -> Fleet:
        """Return the fleet in a file, read as another one, or the one of the estimator, was."""
        return estimator.read(
            path,
            id_column=self.unit_column,
            time_column=self.cycle_column,
            missing=self.missing,
            gaps=self.gaps,
            style=self.style(),
            like=like,
        )

    def _run(self) -> None:
        from gatework.files import save

        notes: list[str] = []
        estimator, train = self._estimator(notes)
        fleet = self._tested(estimator, train, notes)
        truth = _truth(self.truth, len(fleet)) if self.truth and fleet is not None else None
        folder = choose_folder(self.out, "life", overwrite=self.overwrite, resume=False)
        if train is not None:
            with folder.withdrawn():
                estimator.fit(train)
        result: dict[str, Any] = {"units": 0 if fleet is None else len(fleet), "notes": notes}
        if (held_out := estimator.held_out_) is not None:
            result |= {"held_out": vars(held_out)}
        paths = {"model": str(save(estimator, folder.file(MODEL), overwrite=True))}
        if fleet is not None:
            from gatework.look.report.life import life_report

            curves = estimator.predict_all(fleet)
            points = [curve[-1] for curve in curves.values()]
            rows = [vars(point) for point in points]
            how = {"cap": float(estimator.cap), "level": estimator.level}
            page = life_report(
                curves, truth=truth, held_out=estimator.held_out_, language=self.language, **how
            )
            paths["life_file"] = folder.write(LIFE, csv_of(rows))
            paths["report"] = folder.write(REPORT, page)
            result |= {"life": rows}
            result |= {} if truth is None else _scores(points, truth, estimator.cap)
            if not self.as_json:
                _show(points, estimator.level, result)
        if self.as_json:
            say_json(result | paths)
        else:
            if held_out is not None:
                click.echo(held_out.sentence())
            click.echo(paths.get("report", paths["model"]))


class OfUnits(Life):
    """An estimator that is trained."""

    train: str | None = argument()
    cap: float = option("Most cycles that are predicted.", type=click.FloatRange(1), default=125.0)
    members: int = option(type=click.IntRange(1, 64), default=3)
    epochs: int = option(least=1, default=60)
    level: float = option("Share of outcomes that intervals shall hold.", type=INSIDE, default=0.9)
    seed: int = seed()

    def _check(self) -> None:
        if not self.train:
            refuse(NO_UNITS)

    def _estimator(self, notes: list[str]) -> tuple[LifeEstimator, Fleet]:
        from gatework.life import LifeEstimator
        from gatework.life.signals import Signals

        settings = self.values("cap", "members", "epochs", "level", "seed")
        estimator = LifeEstimator(**settings, progress=training_bar())
        fleet = estimator.check(self._read(estimator, str(self.train)))
        _tell(notes, str(self.train), fleet.notes)
        used = Signals.of(fleet).names
        constant = [name for name in fleet.names if name not in used]
        said = [f"column {name!r} never varies and is left out" for name in constant[:_MOST_NAMED]]
        if len(constant) > _MOST_NAMED:
            said.append(f"{len(constant) - _MOST_NAMED} more columns never vary and are left out")
        _tell(notes, str(self.train), said)
        return estimator, fleet


class OfModel(Life):
    """An estimator that was saved."""

    marks = ("model",)
    because: ClassVar = {"train": NO_UNITS}

    model: str | None = option("A saved model, in place of TRAIN.", metavar="FILE")

    def _check(self) -> None:
        if not self.test:
            refuse("--model has units to predict: --test FILE")

    def _estimator(self, notes: list[str]) -> tuple[LifeEstimator, None]:
        from gatework.files import load
        from gatework.life import LifeEstimator

        estimator = load(str(self.model))
        if not isinstance(estimator, LifeEstimator):
            raise OptionError(
                f"{self.model} holds a {type(estimator).__name__}, expected a LifeEstimator",
                hint="gatework life TRAIN writes one",
            )
        return estimator, None


def _tell(notes: list[str], file: str, told: Iterable[str]) -> None:
    """Add what is to be said of a file to the notes, and print it."""
    for note in told:
        notes.append(f"{Path(file).name}: {note}")
        click.echo(f"note: {notes[-1]}", err=True)


def _truth(path: str, units: int) -> list[float]:
    try:
        lines = read_bytes(path, pipes=True).decode().splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"'{path}' cannot be read: {error}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(float(line))
            except ValueError:
                raise DataError(
                    f"'{path}', line {number}: {line.strip()!r} is not a number",
                    hint="one number a line, the cycles left of a unit",
                ) from None
    if len(found) != units:
        raise DataError(
            f"'{path}' has {counted(len(found), 'number')}, but there are {counted(units, 'unit')}",
            hint="one number a line, in the order of the units",
        )
    return found


def _scores(points: list[LifePoint], truth: list[float], cap: float) -> dict[str, float]:
    import numpy as np

    from gatework.forecast.metrics import coverage, rmse
    from gatework.life.scores import phm_score

    actual = np.minimum(np.array(truth), cap)
    value, lower, upper = (
        np.array([getattr(point, name) for point in points]) for name in ("value", "lower", "upper")
    )
    return {
        "rmse": rmse(actual, value),
        "phm_score": phm_score(actual, value),
        "coverage": coverage(actual, lower, upper),
    }


def _show(points: list[LifePoint], level: float, result: dict[str, Any]) -> None:
    heads = ("unit", "cycle", "left", f"lower {level:.0%}", f"upper {level:.0%}")
    rows = [
        (p.unit, f"{p.cycle:g}", *(f"{n:.1f}" for n in (p.value, p.lower, p.upper)))
        for p in sorted(points, key=lambda point: point.value)
    ]
    show(
        table_of(f"cycles left of {counted(len(points), 'unit')}, the shortest first", heads, rows)
    )
    if "rmse" in result:
        click.echo(
            f"RMSE {result['rmse']:.2f} cycles, PHM score {result['phm_score']:.0f}, "
            f"{result['coverage']:.0%} inside the interval (lives over the cap count as the cap)"
        )


command = command_of(OfUnits, OfModel, told=Life)
