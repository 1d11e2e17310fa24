"""``gatework life``: how many cycles units have left, from units that ran until they failed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gatework.life import LifePoint

MODEL, LIFE, REPORT = "model.safetensors", "life.csv", "report.html"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("train", required=False)
@click.option("--test", metavar="FILE", help="Units that still run; their lives are predicted.")
@click.option(
    "--truth", metavar="FILE", help="Their lives left, one number a line, to score against."
)
@click.option("--model", metavar="FILE", help="A saved model, in place of TRAIN.")
@click.option("--unit-column", help="Column that tells units apart.  [default: unit]")
@click.option("--cycle-column", help="Column of the cycle's number.  [default: cycle]")
@click.option(
    "--cap",
    type=click.FloatRange(1),
    default=125.0,
    show_default=True,
    help="Most cycles that are predicted.",
)
@click.option("--members", type=click.IntRange(1, 64), default=3, show_default=True)
@click.option("--epochs", type=click.IntRange(1), default=60, show_default=True)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Share of outcomes that intervals shall hold.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option("--out", metavar="FOLDER", help="Folder for the results.  [default: gatework-life]")
@click.option("--overwrite", is_flag=True, help="Replace the results in --out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def command(**options: Any) -> None:
    """Learn from the units in TRAIN, each of which ran until it failed, and predict others.

    One row a unit and cycle, with a column of units, one of cycles, and sensors; or a text file
    of NASA's C-MAPSS. Without --test the model is only trained and written.

    \b
    gatework life train.csv --test running.csv
    gatework life --model gatework-life/model.safetensors --test running.csv --json
    """  # noqa: D301
    if bool(options["train"]) == bool(options["model"]):
        raise click.UsageError("name a TRAIN file, or --model, and not both")
    if options["model"] and not options["test"]:
        raise click.UsageError("--model has units to predict: --test FILE")
    if options["truth"] and not options["test"]:
        raise click.UsageError("--truth goes with --test")
    _run(options)


def _run(options: dict[str, Any]) -> None:
    from gatework.cli.folder import choose_folder
    from gatework.errors import GateworkError
    from gatework.files import save
    from gatework.storage import atomic_write

    fleet, truth = _running(options)
    estimator, train = _estimator(options)
    folder = choose_folder(options["out"], "life", overwrite=options["overwrite"], resume=False)
    try:
        if train is not None:
            estimator.fit(train)
    except (GateworkError, KeyboardInterrupt):
        folder.withdraw()
        raise
    paths = {"model": str(save(estimator, folder.file(MODEL), overwrite=True))}
    result: dict[str, Any] = {"units": 0 if fleet is None else len(fleet)}
    if fleet is not None:
        from gatework.cli.forecast.panel import table_text
        from gatework.look.report.life import life_report

        curves = estimator.predict_all(fleet)
        points = [curve[-1] for curve in curves.values()]
        rows = [vars(point) for point in points]
        atomic_write(folder.file(LIFE), table_text(rows).encode())
        report = life_report(curves, cap=float(estimator.cap), level=estimator.level, truth=truth)
        atomic_write(folder.file(REPORT), report.encode())
        paths |= {"life_file": str(folder.file(LIFE)), "report": str(folder.file(REPORT))}
        result |= {"life": rows} | ({} if truth is None else _scores(points, truth, estimator.cap))
        if not options["as_json"]:
            _show(points, estimator.level, result)
    if options["as_json"]:
        click.echo(json.dumps(result | paths))
    else:
        click.echo(paths.get("report", paths["model"]))


def _running(options: dict[str, Any]) -> tuple[Any, list[float] | None]:
    """Return the units to predict and their true lives left, as far as they are given."""
    from gatework.life import read_fleet

    if not options["test"]:
        return None, None
    columns = {"unit_column": options["unit_column"], "cycle_column": options["cycle_column"]}
    fleet = read_fleet(options["test"], **columns)
    return fleet, None if not options["truth"] else _truth(options["truth"], len(fleet))


def _truth(path: str, units: int) -> list[float]:
    from gatework.errors import DataError

    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
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
            f"'{path}' has {len(found)} numbers, but there are {units} units",
            hint="one number a line, in the order of the units",
        )
    return found


def _estimator(options: dict[str, Any]) -> tuple[Any, Any]:
    """Return the estimator, and what it is to be trained on."""
    from gatework.errors import OptionError
    from gatework.life import LifeEstimator, read_fleet
    from gatework.train import RichProgress

    if options["model"]:
        from gatework.files import load

        estimator = load(options["model"])
        if not isinstance(estimator, LifeEstimator):
            raise OptionError(
                f"{options['model']} holds a {type(estimator).__name__}, expected a LifeEstimator",
                hint="gatework life TRAIN writes one",
            )
        return estimator, None
    estimator = LifeEstimator(
        options["cap"],
        members=options["members"],
        epochs=options["epochs"],
        level=options["level"],
        seed=options["seed"],
        progress=RichProgress() if sys.stderr.isatty() else None,
    )
    columns = {"unit_column": options["unit_column"], "cycle_column": options["cycle_column"]}
    return estimator, estimator.check(read_fleet(options["train"], **columns))


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
    from rich.markup import escape
    from rich.table import Table

    from gatework.cli.tables import console

    table = Table(title=f"cycles left of {len(points)} units, the shortest first")
    table.add_column("unit")
    for name in ("cycle", "left", f"lower {level:.0%}", f"upper {level:.0%}"):
        table.add_column(name, justify="right")
    for point in sorted(points, key=lambda point: point.value):
        numbers = (point.value, point.lower, point.upper)
        table.add_row(escape(point.unit), f"{point.cycle:g}", *(f"{n:.1f}" for n in numbers))
    console().print(table)
    if "rmse" in result:
        click.echo(
            f"RMSE {result['rmse']:.2f} cycles, PHM score {result['phm_score']:.0f}, "
            f"{result['coverage']:.0%} inside the interval (lives over the cap count as the cap)"
        )
