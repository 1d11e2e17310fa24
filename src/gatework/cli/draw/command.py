"""``gatework draw``: any picture of a model, in any format."""

from __future__ import annotations

import tempfile
from abc import abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import click

from gatework import look
from gatework.cell.description import DIRECTIONS, GATES
from gatework.cli.options import (
    Options,
    argument,
    command_of,
    json_flag,
    option,
    refuse,
    spoken,
    typed,
)
from gatework.cli.output import say_json
from gatework.cli.table import TableOptions
from gatework.errors import MissingDependencyError, OptionError, OutputError
from gatework.extras import install
from gatework.storage import atomic_write

FORMATS = (".svg", ".png", ".html")
CHOICES = ("layer", "unit", "step", "result", "signals", "direction", "units", "steps", "like")
"""Options that only some pictures take."""


class InputOptions(TableOptions):
    """How the data are read, beside the way in which those were that the model was fitted to."""

    column: str | None = option("Column of the numbers; for a bare network A,B,C.", needs="data")
    time_column: str | None = option("Column of the dates.", needs="data")
    id_column: str | None = option("Column that tells series or units apart.", needs="data")

    missing: Literal["error", "interpolate", "zero", "previous", "mean"] | None = option(
        "What becomes of missing values.", needs="data"
    )
    gaps: Literal["error", "missing"] | None = option(
        "What becomes of cycles that a unit lacks.", needs="data"
    )

    network: str | None = option(
        "Which LSTM of a safetensors file of others, by what the names of its weights begin with.",
        "--part",
        metavar="NAME",
    )

    def opened(self, path: str) -> Any:
        """Return a model as it is looked into; what of its file is left out is told."""
        from gatework.files import load_to_examine

        return load_to_examine(path, self.network, lambda said: click.echo(said, err=True))

    def over(self, model: Any, data: str, series: str | None) -> Any:
        """Return a run of a model over a file of data."""
        from gatework.estimator import run_over

        columns = self.values("column", "time_column", "id_column", "missing", "gaps")
        said = self.given & {one.name for one in typed(TableOptions)}
        style = self.style() if said else None
        return run_over(model, data, series=series, style=style, **columns)


class Draw(Options):
    """Draw a PICTURE of the saved MODEL, or all that can be drawn.

    There are structure, unrolled, cell, gates, memory, gradients, saturation, text, attribution
    and film.

    \b
    gatework draw model.safetensors
    gatework draw model.safetensors gates --data faults.csv --layer 2 --out gates.png
    gatework draw --demo all --out pictures/
    """  # noqa: D301

    names: tuple[str, ...] = argument("[MODEL] [PICTURE]", required=False)
    layer: int = option("From 1.", least=1, default=1)
    unit: int = option("From 0.", least=0, default=0)
    step: int = option("From 0; -1 is the last.", type=int, default=-1)
    result: int | None = option("Of an attribution, from 0.", least=0)
    signals: tuple[str, ...] = option(
        "May be repeated.", "--signal", type=click.Choice([*GATES, "cell", "hidden"])
    )
    direction: str = option(type=click.Choice(DIRECTIONS), default=DIRECTIONS[0])
    units: str | None = option("Only these, in heat maps.", metavar="A,B,C")
    steps: str | None = option("Only these, in heat maps; END is not drawn.", metavar="FIRST:END")
    like: str | None = option("Words of the text whose like is looked for.", metavar="WORDS")
    out: str | None = option("A file, or for all pictures a folder.", metavar="PATH")
    ending: Literal["svg", "png", "html"] = option("", "--format", default="svg")
    scale: float = option(
        "Of a PNG.", type=click.FloatRange(0.1, 10), default=2.0, show_default=False
    )
    dark: bool = option("Dark colours in a PNG.")
    language: str = spoken()
    overwrite: bool = option("Replace pictures that are there.")
    as_json: bool = json_flag()

    @abstractmethod
    def _wanted(self) -> str:
        """Return the name of the picture that is wanted, or all."""

    @abstractmethod
    def _subjects(self, kinds: dict[str, Any]) -> list[Any]:
        """Return what can be drawn: a model, a run of it, frames of its training."""

    def _run(self) -> None:
        from gatework.look.pictures import PICTURES, kind_of

        name = self._wanted()
        kinds = {one: kind_of(one) for one in (PICTURES if name == "all" else [name])}
        targets = self._targets(list(kinds))
        if name != "all":
            takes = _taken(name, kinds[name], targets[name])
            self.refuse({*CHOICES} - {*takes}, f"says nothing to the picture {name}")
        paths = self._draw(kinds, targets, self._subjects(kinds))
        if self.as_json:
            say_json({"pictures": [str(path) for path in paths]})
        else:
            for path in paths:
                click.echo(path)

    def _draw(
        self, kinds: dict[str, Any], targets: dict[str, Path], subjects: list[Any]
    ) -> list[Path]:
        from gatework.look.pictures import Wanted, can_draw

        wanted = Wanted(
            layer=self.layer - 1,
            units=_whole("units", self.units, "0,3,5") or (),
            steps=_whole("steps", self.steps, "20:60", 2),
            **self.values("unit", "step", "result", "direction", "signals", "like", "language"),
        )
        paths = []
        for name, kind in kinds.items():
            subject = next((s for s in subjects if can_draw(kind, s)), None)
            try:
                if subject is None:
                    who = f"the picture {name!r}" if len(kinds) == 1 else "it"
                    what, hint = _NEEDS[kind.needs]
                    raise OptionError(f"{who} needs {what}", hint=hint)
                self._check_places(subject, _taken(name, kind, targets[name]))
                self._save(targets[name], name, kind, subject, wanted)
            except (OptionError, ModuleNotFoundError, MissingDependencyError) as error:
                if len(kinds) == 1:
                    raise
                click.echo(f"{name} is left out: {_why(error)}", err=True)
                continue
            paths.append(targets[name])
        return paths

    def _check_places(self, subject: Any, takes: tuple[str, ...]) -> None:
        """Check that layer, direction, units and steps are there, in the numbers of the options.

        Raises:
            OptionError: one of them is not.
        """
        from gatework.examine import Run
        from gatework.examine.run import bare_stack
        from gatework.look.network.film import Frames

        if isinstance(subject, Frames):
            subject = subject.runs[-1]
        run = subject if isinstance(subject, Run) else None
        stack = run.stack if run is not None else bare_stack(subject)
        if stack is None or "layer" not in takes:
            return
        count = len(stack.layers)
        if self.layer > count:
            has = "has 1 layer" if count == 1 else f"has layers 1 to {count}"
            raise OptionError(
                f"there is no layer {self.layer}: this network {has}", hint=f"--layer {count}"
            )
        if self.direction not in stack.directions:
            raise OptionError(
                f"this network does not read in {self.direction}", hint="--direction forward"
            )
        units = stack.options(self.layer - 1, self.direction).hidden_size
        asked = {"unit": (self.unit,), "units": _whole("units", self.units, "0,3,5") or ()}
        for name in (one for one in asked if one in takes):
            if missing := [unit for unit in asked[name] if not 0 <= unit < units]:
                raise OptionError(
                    f"there is no unit {missing[0]} in layer {self.layer}, which has units 0 to "
                    f"{units - 1}",
                    hint=f"--{name} {units - 1}",
                )
        if run is not None:
            self._check_steps(len(run), takes)

    def _check_steps(self, count: int, takes: tuple[str, ...]) -> None:
        first, end = _whole("steps", self.steps, "20:60", 2) or (0, count)
        if "steps" in takes and not 0 <= first < end <= count:
            raise OptionError(
                f"--steps {first}:{end} is not in the run, which has steps 0 to {count - 1}",
                hint=f"--steps 0:{count}",
            )
        if "step" in takes and not -count <= self.step < count:
            raise OptionError(
                f"there is no step {self.step}: the run has steps 0 to {count - 1}",
                hint=f"--step {count - 1}",
            )

    def _save(self, target: Path, name: str, kind: Any, subject: Any, wanted: Any) -> None:
        if _is_page(name, target):
            page = look.film_report(subject, layer=wanted.layer, language=wanted.language)
            target.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(target, page.encode(), overwrite=self.overwrite)
        else:
            from gatework.look.canvas.picture import NARROW

            picture, narrow = kind.draw(subject, wanted), None
            if target.suffix.lower() == ".html":
                narrow = kind.draw(subject, replace(wanted, width=NARROW))
            target.parent.mkdir(parents=True, exist_ok=True)
            picture.save(target, narrow=narrow, **self.values("overwrite", "scale", "dark"))

    def _targets(self, names: list[str]) -> dict[str, Path]:
        """Return where pictures go, having checked that nothing there is lost."""
        folder, ending = Path(self.out or "pictures"), f".{self.ending}"
        if len(names) == 1:
            path = Path(self.out) if self.out else Path(names[0] + ending)
            path = path / (names[0] + ending) if path.is_dir() else path
            if path.suffix.lower() not in FORMATS:
                raise OptionError(
                    f"{str(path)!r} must end in .svg, .png or .html", hint=f"{path}.svg"
                )
            if path.suffix.lower() != ending:
                self.refuse(("ending",), f"contradicts --out {path}")
            targets = {names[0]: path}
        else:
            if folder.exists() and not folder.is_dir():
                raise OutputError(
                    f"{folder} is a file, expected a folder", hint="--out OTHER_FOLDER"
                )
            targets = {name: folder / (name + ending) for name in names}
        if not any(path.suffix.lower() == ".png" for path in targets.values()):
            self.refuse(("scale", "dark"), "is for pictures as .png", "--format png")
        there = [path for path in targets.values() if path.exists()]
        if there and not self.overwrite:
            raise OutputError(
                f"{there[0]} exists already and was kept", hint="--overwrite, or --out"
            )
        return targets


class DrawModel(Draw, InputOptions):
    """Pictures of a saved model."""

    data: str | None = option("What the model reads: a table, or a text.", metavar="FILE")
    record: str | None = option("The record of a training, for the film.", metavar="FOLDER")
    series: str | None = option("Id of the series or unit that is drawn.", needs="data")

    def _check(self) -> None:
        if not self.data:
            of_tables = {one.name for one in typed(TableOptions)}
            self.refuse(of_tables, "goes with --data FILE", "add --data FILE")

    def _wanted(self) -> str:
        if len(self.names) not in (1, 2):
            refuse("name a MODEL, then a PICTURE")
        return self.names[1] if len(self.names) == 2 else "structure"

    def _subjects(self, kinds: dict[str, Any]) -> list[Any]:
        from gatework.files import load

        if not any(kind.needs == "film" for kind in kinds.values()):
            self.refuse(("record",), "is for the picture film")
        if [*kinds] == ["cell"] and not self.data:
            self.refuse(("unit", "step"), "goes with --data FILE", "--data FILE")
        # A film needs the network that was trained.
        model = load(self.names[0]) if self.record else self.opened(self.names[0])
        subjects = [self.over(model, self.data, self.series)] if self.data else []
        if self.record:
            from gatework.train import read_record

            frames = look.frames_of(
                model, read_record(self.record), subjects[0] if subjects else None
            )
            subjects.append(frames)
        return [*subjects, model]


class DrawDemo(Draw):
    """Pictures of networks that are trained on the spot."""

    marks = ("demo",)

    demo: bool = option("Draw small networks that are trained on the spot.")

    def _wanted(self) -> str:
        if len(self.names) > 1:
            refuse("--demo takes the name of a picture")
        return self.names[0] if self.names else "all"

    def _subjects(self, kinds: dict[str, Any]) -> list[Any]:
        from gatework.demo.networks import train_series, train_text
        from gatework.train import read_record

        needs = {kind.needs for kind in kinds.values()}
        subjects: list[Any] = []
        click.echo("training the networks of the demonstration ...", err=True)
        if needs - {"text"}:
            with tempfile.TemporaryDirectory() as folder:
                demo, run = train_series(folder if "film" in needs else None)
                subjects.append(run)
                if "film" in needs:
                    subjects.append(look.frames_of(demo.network, read_record(folder), run))
        if "text" in needs:
            subjects.append(train_text()[1])
        return subjects


def _is_page(name: str, target: Path) -> bool:
    return name == "film" and target.suffix.lower() == ".html"


def _taken(name: str, kind: Any, target: Path) -> tuple[str, ...]:
    """Return the options that a picture takes; a film as a page is of one layer."""
    return ("layer",) if _is_page(name, target) else kind.takes


def _whole(option: str, text: str | None, example: str, count: int | None = None) -> Any:
    """Return the whole numbers of an option's text, so many of them; None where it is not given."""
    if text is None:
        return None
    try:
        found = tuple(int(part) for part in text.split("," if "," in example else ":"))
    except ValueError:
        found = None
    if found is None or count not in (None, len(found)):
        raise click.UsageError(f"--{option} {text!r} is not as in --{option} {example}")
    return found


def _why(error: OptionError | ImportError) -> str:
    """Return why a picture cannot be drawn; of a package that is missing with what to type."""
    if isinstance(error, MissingDependencyError):
        return f"{error.message}: {error.hint}"
    if isinstance(error, OptionError):
        return error.message
    missing = str(error.name)
    if missing.partition(".")[0] == "gatework":
        raise error
    return f"it needs the package {missing!r}, which is not installed: {install(missing)}"


_NEEDS = {
    "model": ("a model", "gatework draw MODEL"),
    "run": ("data that the model reads", "--data FILE"),
    "text": ("a model that reads a text", "gatework draw --demo text"),
    "film": (
        "the record of a training",
        "--record FOLDER, which Trainer(..., record=FOLDER) writes",
    ),
}
"""What a picture is drawn of, in words, and how it is given."""

command = command_of(DrawModel, DrawDemo, told=Draw)
