"""``gatework draw``: any picture of a model, in any format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from gatework.cell.description import DIRECTIONS, GATES
from gatework.storage import atomic_write

FORMATS = ("svg", "png", "html")
LANGUAGES = ("en", "zh")
SIGNALS = (*GATES, "cell", "hidden")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar="[MODEL] [PICTURE]")
@click.option("--data", metavar="FILE", help="What the model reads: a table, or a text.")
@click.option("--demo", is_flag=True, help="Draw small networks that are trained on the spot.")
@click.option("--record", metavar="FOLDER", help="The record of a training, for the film.")
@click.option("--layer", type=click.IntRange(1), default=1, show_default=True, help="From 1.")
@click.option("--unit", type=click.IntRange(0), default=0, show_default=True, help="From 0.")
@click.option("--step", type=int, default=-1, show_default=True, help="From 0; -1 is the last.")
@click.option("--result", type=click.IntRange(0), help="Of an attribution, from 0.")
@click.option("--signal", multiple=True, type=click.Choice(SIGNALS), help="May be repeated.")
@click.option("--direction", type=click.Choice(DIRECTIONS), default="forward", show_default=True)
@click.option("--units", metavar="A,B,C", help="Only these, in heat maps.")
@click.option("--steps", metavar="FIRST:END", help="Only these, in heat maps; END is not drawn.")
@click.option("--like", metavar="WORDS", help="Words of the text whose like is looked for.")
@click.option("--column", help="Column of the numbers; for a bare network A,B,C.")
@click.option("--time-column", help="Column of the dates.")
@click.option("--id-column", help="Column that tells series or units apart.")
@click.option("--series", help="Id of the series or unit that is drawn.")
@click.option("--out", metavar="PATH", help="A file, or for all pictures a folder.")
@click.option("--format", "ending", type=click.Choice(FORMATS), default="svg", show_default=True)
@click.option("--scale", type=click.FloatRange(0.1, 10), default=2.0, help="Of a PNG.")
@click.option("--dark", is_flag=True, help="Dark colours in a PNG.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--overwrite", is_flag=True, help="Replace pictures that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(names: tuple[str, ...], **options: Any) -> None:
    """Draw a PICTURE of the saved MODEL, or all that can be drawn.

    There are structure, unrolled, cell, gates, memory, gradients, saturation, text, attribution
    and film.

    \b
    gatework draw model.safetensors
    gatework draw model.safetensors gates --data faults.csv --layer 2 --out gates.png
    gatework draw --demo all --out pictures/
    """  # noqa: D301
    most = 1 if options["demo"] else 2
    if len(names) > most or (not names and not options["demo"]):
        raise click.UsageError(
            "--demo takes the name of a picture"
            if options["demo"]
            else "name a MODEL, then a PICTURE"
        )
    wanted = names[-1] if len(names) == most else ("all" if options["demo"] else "structure")
    model = None if options["demo"] else names[0]
    paths = _draw(model, wanted, **options)
    if options["as_json"]:
        click.echo(json.dumps({"pictures": [str(path) for path in paths]}))
    else:
        for path in paths:
            click.echo(path)


def _draw(model: str | None, name: str, **options: Any) -> list[Path]:
    from gatework.errors import OptionError
    from gatework.look.pictures import PICTURES, Wanted, can_draw, kind_of

    chosen = list(PICTURES) if name == "all" else [name]
    kinds = {one: kind_of(one) for one in chosen}
    wanted = Wanted(
        layer=options["layer"] - 1,
        unit=options["unit"],
        step=options["step"],
        result=options["result"],
        direction=options["direction"],
        signals=options["signal"],
        units=_whole("units", options["units"], ",") or (),
        steps=_range(options["steps"]),
        like=options["like"],
        language=options["language"],
    )
    targets = _targets(chosen, **options)
    subjects = _demo(kinds) if model is None else _subjects(model, kinds, **options)
    paths = []
    for one, kind in kinds.items():
        subject = next((s for s in subjects if can_draw(kind, s)), None)
        if subject is None:
            if name == "all":
                click.echo(f"{one} is left out: it needs {_NEEDS[kind.needs]}", err=True)
                continue
            raise OptionError(
                f"the picture {one!r} needs {_NEEDS[kind.needs]}", hint=_HINTS[kind.needs]
            )
        target = targets[one]
        page = one == "film" and target.suffix.lower() == ".html"
        try:
            picture = film_of(subject, wanted) if page else kind.draw(subject, wanted)
        except OptionError as error:
            if name != "all":
                raise
            click.echo(f"{one} is left out: {error.message}", err=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        overwrite, scale, dark = options["overwrite"], options["scale"], options["dark"]
        if isinstance(picture, str):
            atomic_write(target, picture.encode(), overwrite=overwrite)
            paths.append(target)
            continue
        paths.append(picture.save(target, overwrite=overwrite, scale=scale, dark=dark))
    return paths


def _whole(option: str, text: str | None, between: str) -> tuple[int, ...] | None:
    """Return the whole numbers of an option's text; None where it is not given."""
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(between))
    except ValueError:
        example = {"units": "0,3,5", "steps": "20:60"}[option]
        raise click.UsageError(f"--{option} {text!r} is not as in --{option} {example}") from None


def _range(text: str | None) -> tuple[int, int] | None:
    found = _whole("steps", text, ":")
    if found is None:
        return None
    if len(found) != 2:
        raise click.UsageError(f"--steps {text!r} is not as in --steps 20:60")
    return found[0], found[1]


def film_of(frames: Any, wanted: Any) -> str:
    """Return the film as a page on which the epochs go by."""
    from gatework.look import film_report

    return film_report(frames, layer=wanted.layer, language=wanted.language)


_NEEDS = {
    "model": "a model",
    "run": "data that the model reads",
    "text": "a model that reads a text",
    "film": "the record of a training",
}
_HINTS = {
    "model": "gatework draw MODEL",
    "run": "--data FILE",
    "text": "gatework draw --demo text",
    "film": "--record FOLDER, which Trainer(..., record=FOLDER) writes",
}


def _targets(names: list[str], **options: Any) -> dict[str, Path]:
    """Return where pictures go, having checked that nothing there is lost."""
    from gatework.errors import OptionError, OutputError

    out, ending = options["out"], options["ending"]
    if len(names) == 1:
        path = Path(out) if out else Path(f"{names[0]}.{ending}")
        path = path / f"{names[0]}.{ending}" if path.is_dir() else path
        if path.suffix.lower().removeprefix(".") not in FORMATS:
            raise OptionError(f"{str(path)!r} must end in .svg, .png or .html", hint=f"{path}.svg")
        targets = {names[0]: path}
    else:
        folder = Path(out or "pictures")
        if folder.exists() and not folder.is_dir():
            raise OutputError(f"{folder} is a file, expected a folder", hint="--out OTHER_FOLDER")
        targets = {name: folder / f"{name}.{ending}" for name in names}
    there = [path for path in targets.values() if path.exists()]
    if there and not options["overwrite"]:
        raise OutputError(f"{there[0]} exists already and was kept", hint="--overwrite, or --out")
    return targets


def _demo(kinds: dict[str, Any]) -> list[Any]:
    """Return the demo's run, film and run over a text, as far as they are needed."""
    import tempfile

    from gatework.demo.networks import train_series, train_text
    from gatework.look.network.film import frames_of
    from gatework.train import read_record

    needs = {kind.needs for kind in kinds.values()}
    subjects: list[Any] = []
    click.echo("training the networks of the demonstration ...", err=True)
    if needs - {"text"}:
        with tempfile.TemporaryDirectory() as folder:
            record = folder if "film" in needs else None
            demo, run = train_series(record)
            subjects.append(run)
            if record is not None:
                frames = frames_of(demo.network, read_record(record), run)
                subjects.append(frames)
    if "text" in needs:
        subjects.append(train_text()[1])
    return subjects


def _subjects(path: str, kinds: dict[str, Any], **options: Any) -> list[Any]:
    from gatework.files import load
    from gatework.look.network.film import frames_of
    from gatework.look.opening import run_over
    from gatework.train import read_record

    model = load(path)
    subjects: list[Any] = []
    if options["data"]:
        named = ("column", "time_column", "id_column", "series")
        subjects.append(run_over(model, options["data"], **{n: options[n] for n in named}))
    if options["record"] and any(kind.needs == "film" for kind in kinds.values()):
        record = read_record(options["record"])
        subjects.append(frames_of(model, record, subjects[0] if subjects else None))
    return [*subjects, model]
