"""``gatework recognize train``: learn from labelled data."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatework.cli.recognize.reading import TASKS, data_options, read
from gatework.cli.write.train import Setting, Sizes

if TYPE_CHECKING:
    from gatework.recognize import Sequences

DEMO = "digits.safetensors"
STEPS_BETWEEN = 200
"""Steps between two checkpoints."""
_ESTIMATORS = {
    "class": "SequenceClassifier",
    "tags": "SequenceTagger",
    "number": "SequenceRegressor",
    "transcript": "Transcriber",
}
_LEFT_OUT = ("augment", "validation", "checkpoint", "checkpoint_every", "progress", "voice")
"""Arguments of the estimators that have options of their own, or hold no plain value."""

_MEANING: dict[tuple[str, str | None], dict[str, Any]] = {
    ("text", "transcript"): {"piece": 1.0},
    ("sound", "transcript"): {"shift": 0.0},
    ("table", "number"): {"scale": 0.0},
    ("array", "number"): {"scale": 0.0},
}
"""What is not varied unless it is asked for, because the labels would no longer be true."""


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("data", required=False)
@click.option("--out", metavar="MODEL", help="The model file to write.")
@click.option(
    "--demo", is_flag=True, help="Learn the 8x8 digits of scikit-learn, in place of DATA."
)
@click.option("--test", metavar="DATA", help="Evaluate on these when done.")
@click.option("--report", metavar="FILE", help="Write the report of that evaluation, a web page.")
@click.option(
    "--task",
    type=click.Choice(list(TASKS)),
    help="What labels are.  [default: tags where each step has one, otherwise class]",
)
@click.option("--as", "features", metavar="NAME", help="Features, see below.")
@click.option("--size", metavar="HxW", help="Of pictures: 28x28; for strips the height alone.")
@click.option("--rate", type=click.IntRange(1), metavar="HZ", help="Of sound.")
@click.option(
    "--feature",
    "settings",
    multiple=True,
    type=Setting(),
    metavar="NAME=VALUE",
    help="Any setting of the features: mels=60.",
)
@data_options
@click.option("--augment", is_flag=True, help="Vary the data while training.")
@click.option(
    "--vary",
    multiple=True,
    type=Setting(),
    metavar="NAME=VALUE",
    help="By how much: rotation=5. Augments, too.",
)
@click.option("--hidden-sizes", type=Sizes(), help="Units of each layer: 64 or 128,128.")
@click.option("--bidirectional", is_flag=True, help="Read from the end, too; cannot listen then.")
@click.option("--epochs", type=click.IntRange(1), help="Passes over the data.")
@click.option("--batch-size", type=click.IntRange(1), help="Sequences in a step.")
@click.option("--learning-rate", type=click.FloatRange(0, min_open=True), help="The greatest.")
@click.option(
    "--validation",
    type=click.FloatRange(0, 1, max_open=True),
    help="Share kept apart to choose the epoch and to calibrate probabilities.  [default: 0.1]",
)
@click.option(
    "--set", "changes", multiple=True, type=Setting(), metavar="NAME=VALUE", help="Any setting."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(**options: Any) -> None:
    """Learn to recognise from DATA and write a MODEL.

    DATA is a folder with a folder for each class, in it pictures, sound or texts; a table (.csv)
    with the columns path and label; a table of numbers; a .ts file; arrays (.npz); pictures as
    MNIST has them (-idx3-); or a text whose lines are a label, a tab and a text.

    Features (--as): pictures are read by rows, columns, pixels, or strips (lines of text); sound
    as log_mel or mfcc. The first is the default, and the model file holds them, so that it takes
    raw files. A training that was stopped goes on where it was when the same command is given
    again: MODEL.checkpoint keeps it until it is done.

    --augment varies the data anew in every epoch, and --vary sets by how much: pictures by shift,
    rotation, scale, shear and elastic; sound by speed, shift, gain, noise and tempo; texts by hide
    and piece; numbers by noise, scale, tempo and piece; sound and numbers by time_masks and
    channel_masks also.

    \b
    gatework recognize train --demo
    gatework recognize train recordings/ --augment --out words.safetensors
    gatework recognize train lines.csv --task transcript --as strips --out lines.safetensors
    """  # noqa: D301
    _check_usage(options)
    out = options["out"] or DEMO
    estimator = _estimator(options, Path(f"{out}.checkpoint"), "class")
    _check_places(out, options)
    train, test = _data(options)
    if options["task"] is None and any(isinstance(label, tuple) for label in train.labels or ()):
        estimator = _estimator(options, Path(f"{out}.checkpoint"), "tags")
    estimator.augment = _augmentation(options, train)
    targets = _targets(train, options)
    estimator.check(train, targets)
    if test is not None:
        _check_test(test, train, options)
    _train(estimator, train, targets, test, out, options)


def _check_usage(options: dict[str, Any]) -> None:
    if bool(options["data"]) == options["demo"]:
        raise click.UsageError("name DATA, or --demo, and not both")
    if options["data"] and not options["out"]:
        raise click.UsageError("where shall the model go? --out MODEL")
    if options["demo"] and options["test"]:
        raise click.UsageError("--demo has its own test data")
    if options["report"] and not (options["test"] or options["demo"]):
        raise click.UsageError("--report is on an evaluation: --test DATA")
    if options["demo"]:
        given = [
            name
            for name in ("task", "features", "size", "rate", "settings", "kind", "layout")
            if options[name]
        ]
        if given:
            raise click.UsageError(f"--demo knows its data: leave --{given[0]} out")


def _check_places(out: str, options: dict[str, Any]) -> None:
    from gatework.cli.folder import check_apart, check_new_file

    check_apart(
        {"--out": out, "--report": options["report"], "the checkpoint": f"{out}.checkpoint"},
        {"DATA": options["data"], "--test": options["test"]},
    )
    if not options["overwrite"]:
        check_new_file(out)
        if options["report"]:
            check_new_file(options["report"], "--report")


def _estimator(options: dict[str, Any], checkpoint: Path, task: str) -> Any:
    """Return the estimator with all its settings, which are checked."""
    import gatework.recognize as home
    from gatework.errors import OptionError, nearest

    kind = getattr(home, _ESTIMATORS[options["task"] or task])
    known = [field.name for field in fields(kind) if field.name not in _LEFT_OUT]
    changes = dict(options["changes"])
    for name in changes:
        if name not in known:
            close = nearest(name, known)
            raise OptionError(
                f"there is no setting {name!r}: {', '.join(known)}",
                hint=f"--set {close}={changes[name]}" if close else "--set dropout=0.2",
            )
    given = ("hidden_sizes", "epochs", "batch_size", "learning_rate")
    changes |= {name: options[name] for name in given if options[name] is not None}
    if options["bidirectional"]:
        changes["bidirectional"] = True
    share = 0.1 if options["validation"] is None else options["validation"]
    if options["demo"]:
        from gatework.demo.digits import DEMO_SETTINGS

        changes = DEMO_SETTINGS | changes
        share = options["validation"] or 0  # 898 digits are few: it learns from all of them
    estimator = kind(
        validation=share or None,
        checkpoint=checkpoint,
        checkpoint_every=STEPS_BETWEEN,
        **{"seed": options["seed"]} | changes,
    )
    if problems := estimator.problems():
        raise OptionError("training cannot begin: " + "; ".join(problems))
    return estimator


def _data(options: dict[str, Any]) -> tuple[Sequences, Sequences | None]:
    """Return what is learned from, and what is tested on."""
    from gatework.errors import DataError

    if options["demo"]:
        from gatework.demo.digits import demo_digits

        return demo_digits()
    train = read(
        options["data"], options, name=options["features"], settings=_feature_settings(options)
    )
    if train.labels is None:
        raise DataError(
            f"'{options['data']}' has no labels to learn from",
            hint="a folder for each class, or a column of labels: --label-column NAME",
        )
    if not options["test"]:
        return train, None
    return train, read(options["test"], options, features=train.features)


def _feature_settings(options: dict[str, Any]) -> dict[str, Any]:
    from gatework.errors import OptionError

    found = dict(options["settings"])
    if options["rate"]:
        found["rate"] = options["rate"]
    if options["size"]:
        parts = options["size"].lower().split("x")
        if not all(part.isdigit() for part in parts) or len(parts) > 2:
            raise OptionError(f"--size must be HxW such as 28x28, got {options['size']!r}")
        found |= dict(zip(("height", "width"), map(int, parts), strict=False))
    return found


def _augmentation(options: dict[str, Any], train: Sequences) -> Any:
    from gatework.errors import OptionError, nearest
    from gatework.recognize.augment import (
        ImageAugmentation,
        SeriesAugmentation,
        SoundAugmentation,
        TextAugmentation,
    )

    if not (options["augment"] or options["vary"] or options["demo"]):
        return None
    kinds = {"image": ImageAugmentation, "sound": SoundAugmentation, "text": TextAugmentation}
    kind = kinds.get(train.kind, SeriesAugmentation)
    known = [field.name for field in fields(kind)]
    amounts = dict(options["vary"])
    for name in amounts:
        if name not in known:
            close = nearest(name, known)
            raise OptionError(
                f"there is nothing to vary by {name!r}: {', '.join(known)}",
                hint=f"--vary {close}={amounts[name]}" if close else None,
            )
    if options["demo"]:
        from gatework.demo.digits import DEMO_VARIED

        amounts = DEMO_VARIED | amounts
    return kind(**_MEANING.get((train.kind, options["task"]), {}) | amounts)


def _targets(train: Sequences, options: dict[str, Any]) -> Any:
    """Return the targets as the estimator takes them."""
    from gatework.recognize.evaluations import label_numbers

    return label_numbers(train) if options["task"] == "number" else train.labels


def _check_test(test: Sequences, train: Sequences, options: dict[str, Any]) -> None:
    """Check, before long work, that the test data fit those that are learned from.

    Raises:
        DataError: when they do not.
    """
    from gatework.errors import DataError
    from gatework.look.report.words import count

    task = options["task"]
    if test.labels is None:
        raise DataError(
            f"'{options['test']}' has no labels to hold the answers against",
            hint="a folder for each class, or a column of labels: --label-column NAME",
        )
    if test.channels != train.channels:
        raise DataError(
            f"'{options['test']}' has {count(test.channels, 'channel')}, but "
            f"'{options['data']}' has {train.channels}",
            hint="the same columns in both",
        )
    if task == "transcript":
        letters = set("".join(train.classes))
        for name, label in zip(test.names, test.labels, strict=True):
            if unseen := sorted(set(label) - letters):
                raise DataError(
                    f"'{name}' of the test data has {unseen[0]!r} in its transcript, which is in "
                    "none of those to learn from",
                    hint=f"those are of {''.join(sorted(letters))[:80]!r}",
                )
        return
    unseen = sorted(set(test.classes) - set(train.classes))
    if unseen and task in (None, "class", "tags"):
        raise DataError(
            f"the test data have the label {unseen[0]!r}, which is not in those to learn from",
            hint=f"those have {', '.join(train.classes[:20])}",
        )


def _train(
    estimator: Any,
    train: Sequences,
    targets: Any,
    test: Sequences | None,
    out: str,
    options: dict[str, Any],
) -> None:
    from rich.console import Console

    from gatework.files import save
    from gatework.look.report.words import count
    from gatework.train import RichProgress

    console = Console(stderr=True)
    checkpoint = Path(estimator.checkpoint)
    estimator.progress = RichProgress(console)
    console.print(_described(train), highlight=False, markup=False)
    if estimator.augment is not None:
        console.print(_varied(estimator.augment), highlight=False, markup=False)
    if checkpoint.exists():
        console.print(f"going on from {checkpoint}", highlight=False, markup=False)
    estimator.fit(train, targets)
    path = save(estimator, out, overwrite=options["overwrite"])
    checkpoint.unlink(missing_ok=True)
    figures = {
        "model": str(path),
        "task": next(task for task, kind in TASKS.items() if kind == estimator.file_kind),
        "sequences": len(train),
        "channels": train.channels,
        "features": None if train.features is None else train.features.to_config(),
        "parameters": sum(p.numel() for p in estimator.network_.parameters()),
        "epochs": len(estimator.history_.losses),
        "best_epoch": estimator.history_.best_epoch,
        "train_loss": estimator.history_.losses[-1],
        "validation_loss": min(estimator.history_.validation, default=None),
        "remarks": list(train.remarks),
    }
    if test is not None:
        from gatework.cli.recognize.evaluate import judge

        figures["test"] = judge(estimator, test, options, model=out, data=_called(options))
    if options["as_json"]:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    best = figures["best_epoch"]
    click.echo(
        f"{path}: {figures['parameters']:,} parameters, {count(figures['epochs'], 'epoch')}"
        + ("" if best is None else f", the best was {best}")
    )


def _called(options: dict[str, Any]) -> str:
    return "the digits of scikit-learn, second half" if options["demo"] else options["test"]


def _described(train: Sequences) -> str:
    from gatework.look.report.words import count

    lengths = train.lengths
    steps = f"{lengths.min()}" + (f" to {lengths.max()}" if lengths.max() > lengths.min() else "")
    made = "" if train.features is None else f", read as {train.features.kind}"
    return f"{len(train)} sequences of {steps} steps and {count(train.channels, 'channel')}{made}"


def _varied(augment: Any) -> str:
    """Return by how much the data are varied, for instance "varied by noise 0.1, scale 0.1"."""
    amounts = {field.name: getattr(augment, field.name) for field in fields(augment)}
    return "varied by " + ", ".join(f"{name} {value}" for name, value in amounts.items() if value)
