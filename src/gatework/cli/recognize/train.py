"""``gatework recognize train``: learn from labelled data."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import fields
from typing import Any, ClassVar, Literal

import click

from gatework import checks, recognize
from gatework.cli.folder import check_files
from gatework.cli.options import (
    Options,
    argument,
    command_of,
    json_flag,
    option,
    refuse,
    seed,
    spoken,
    template,
)
from gatework.cli.output import say_json
from gatework.cli.recognize.evaluate import judge
from gatework.cli.recognize.reading import TASKS, DataOptions, task_of
from gatework.cli.training import (
    ABOVE_0,
    STEPS_BETWEEN,
    fit,
    named,
    settings_of,
    settings_option,
)
from gatework.cli.values import sizes
from gatework.demo.digits import DEMO_SETTINGS, DEMO_VARIED, demo_digits
from gatework.errors import DataError, OptionError, counted
from gatework.recognize.augment.usual import chosen
from gatework.recognize.evaluations import label_numbers
from gatework.recognize.labels import odd_labels
from gatework.recognize.sequences import Sequences
from gatework.system import terminal

DEMO = "digits.safetensors"
_PLAIN = ("record", "class_weight", "members")
"""Arguments of a run that hold plain values, and have no options of their own."""

_MEANING: dict[tuple[str, str | None], dict[str, Any]] = {
    ("text", "transcript"): {"piece": 1.0},
    ("sound", "transcript"): {"shift": 0.0},
    ("table", "number"): {"scale": 0.0},
    ("array", "number"): {"scale": 0.0},
}
"""What is not varied unless it is asked for, because the labels would no longer be true."""
TESTED = "the digits of scikit-learn, second half"
"""What the model of the demonstration is tested on."""
NO_DATA = "name DATA, or --demo, and not both"


class Results(Options):
    """Where the results go."""

    out: str | None = option("The model file to write.", metavar="MODEL")
    report: str | None = option("Write the report of that evaluation, a web page.", metavar="FILE")
    language: str = spoken("Of the report.", needs="report")
    template: str | None = template(needs="report")


class Source(DataOptions):
    """What is learned from and tested on, and how it is read."""

    data: str | None = argument()
    test: str | None = option("Evaluate on these when done.", metavar="DATA")
    task: Literal["class", "tags", "number", "transcript"] | None = option(
        "What labels are.  [default: tags where each step has one, otherwise class]"
    )
    features: str | None = option("Features, see below.", "--as", metavar="NAME")
    size: str | None = option("Of pictures: 28x28; for strips the height alone.", metavar="HxW")
    rate: int | None = option("Of sound.", least=1, metavar="HZ")
    settings: tuple[tuple[str, Any], ...] = settings_option(
        "Any setting of the features: mels=60.", "--feature"
    )


class RecognizerTraining(Results):
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
    channel_masks also. Fewer than 500 series of numbers with classes are varied without being
    asked for; --no-augment keeps them as they are.

    \b
    gatework recognize train --demo
    gatework recognize train recordings/ --augment --out words.safetensors
    gatework recognize train lines.csv --task transcript --as strips --out lines.safetensors
    """  # noqa: D301

    share: ClassVar[Any] = "auto"
    """Kept apart unless another share is asked for."""
    usual: ClassVar[dict[str, Any]] = {}
    """Settings of the estimator where none are asked for."""
    varied: ClassVar[dict[str, float]] = {}
    """By how much the data are varied unless another amount is asked for."""

    data: str | None
    test: str | None
    task: str | None

    augment: bool = option("Vary the data while training.")
    no_augment: bool = option("Do not vary few series, either.")
    vary: tuple[tuple[str, Any], ...] = settings_option(
        "By how much: rotation=5. Augments, too.", "--vary"
    )
    hidden_sizes: tuple[int, ...] | None = option("Units of each layer: 64 or 128,128.", type=sizes)
    one_direction: bool = option("Do not read from the end, too: listen need not wait for it then.")
    epochs: int | None = option(
        "Passes over the data.  [default: 30, and at least 600 steps]", least=1
    )
    batch_size: int | None = option("Sequences in a step.", least=1)
    learning_rate: float | None = option("The greatest.", type=ABOVE_0)
    validation: float | None = option(
        "Share kept apart to choose the epoch and to calibrate probabilities.  [default: 0.1, "
        "and none of fewer than 500]",
        type=click.FloatRange(0, 1, max_open=True),
    )
    changes: tuple[tuple[str, Any], ...] = settings_option("Any setting.", "--set")
    seed: int = seed()
    overwrite: bool = option("Replace files that are there.")
    as_json: bool = json_flag()

    def _run(self) -> None:
        out, task = self.out or DEMO, self.task
        if self.no_augment:
            self.refuse(("augment", "vary"), "does not go with --no-augment")
        estimator = self._estimator(task or "class", f"{out}.checkpoint")
        written = {"--out": out, "--report": self.report, "the checkpoint": estimator.checkpoint}
        check_files(written, {"DATA": self.data, "--test": self.test}, overwrite=self.overwrite)
        train, test = self._sequences()
        if task is None and any(isinstance(label, tuple) for label in train.labels or ()):
            estimator = self._estimator("tags", estimator.checkpoint)
        if self.no_augment or self.augment or self.vary or self.varied:
            estimator.augment = self._augmentation(train)
        targets = label_numbers(train) if task == "number" else train.labels
        estimator.check(train, targets)
        self._train(estimator, train, targets, test)

    def _estimator(self, task: str, checkpoint: str) -> Any:
        """Return the estimator with all its settings, which are checked."""
        kind = getattr(recognize, TASKS[task].title().replace("_", ""))
        known = [n for n in kind.parameter_names() if n in _PLAIN or n not in kind.OF_A_RUN]
        known += [old for old, new in kind.RENAMED.items() if new in known]
        direct = ("hidden_sizes", "epochs", "batch_size", "learning_rate", "seed")
        settings = self.usual | settings_of(self, self.changes, direct, known, "dropout=0.2")
        if self.one_direction:
            if "bidirectional" in dict(self.changes):
                self.refuse(("one_direction",), "is given by --set, too")
            settings["bidirectional"] = False
        estimator = kind(
            validation=(self.share if self.validation is None else self.validation) or None,
            checkpoint=checkpoint,
            checkpoint_every=STEPS_BETWEEN,
            **settings,
        )
        checks.refuse(estimator.problems(), "training cannot begin: ")
        return estimator

    def _augmentation(self, train: Sequences) -> Any:
        from gatework.recognize import augment as home

        if self.no_augment:
            return None
        called = train.kind.title() if train.kind in ("image", "sound", "text") else "Series"
        kind = getattr(home, f"{called}Augmentation")
        known = [field.name for field in fields(kind)]
        amounts = named(self.vary, known, "--vary", "nothing to vary by", f"{known[0]}=0.1")
        return kind(**_MEANING.get((train.kind, self.task), {}) | self.varied | amounts)

    def _train(
        self, estimator: Any, train: Sequences, targets: Any, test: Sequences | None
    ) -> None:
        from gatework.train import RichProgress

        console = terminal.console(stderr=True)
        estimator.progress = RichProgress(console)
        console.print(_described(train), markup=False)
        doubts = odd_labels(train) if task_of(estimator) == "class" else []
        for doubt in doubts:
            console.print(doubt, markup=False, soft_wrap=True)
        if (augment := chosen(estimator.augment, train)) is not None:
            console.print(_varied(augment), markup=False)
        out = self.out or DEMO
        trained = fit(estimator, out, train, targets, overwrite=self.overwrite, console=console)
        figures = trained | {
            "task": task_of(estimator),
            "sequences": len(train),
            "channels": train.channels,
            "features": None if train.features is None else train.features.to_config(),
            "remarks": [*train.remarks, *doubts],
        }
        if test is not None:
            data, how = self.test or TESTED, self.values("report", "as_json", "language")
            figures["test"] = judge(estimator, test, model=out, data=data, known=train, **how)
        if self.as_json:
            say_json(figures)
            return
        epochs, best = figures["epochs"], figures["best_epoch"]
        said = "" if best is None else f", the best was {best}"
        said = f"{counted(epochs, 'epoch')}{said}"
        click.echo(f"{figures['model']}: {figures['parameters']:,} parameters, {said}")
        if best == epochs:
            click.echo(f"the last epoch was the best: more may do better, --epochs {2 * epochs}")

    @abstractmethod
    def _sequences(self) -> tuple[Sequences, Sequences | None]:
        """Return what is learned from, and what is tested on."""


class TrainData(Source, RecognizerTraining):
    """A training on data of the user."""

    def _check(self) -> None:
        if not self.data:
            refuse(NO_DATA)
        if not self.out:
            refuse("where shall the model go? --out MODEL")
        if self.report and not self.test:
            refuse("--report is on an evaluation: --test DATA")

    def _sequences(self) -> tuple[Sequences, Sequences | None]:
        data, test = str(self.data), self.test
        self.check_sources(data, *([test] if test else []))
        train = self.read(
            data,
            name=self.features,
            settings=self._feature_settings(),
            streams=self.one_direction,
        )
        if train.labels is None:
            raise DataError(
                f"'{data}' has no labels to learn from",
                hint="a label and a tab before the text of each line"
                if data.lower().endswith(".txt")
                else "a folder for each class, or a column of labels: --label-column NAME",
            )
        if not test:
            return train, None
        tested = self.read(test, features=train.features)
        self._check_test(tested, train)
        return train, tested

    def _feature_settings(self) -> dict[str, Any]:
        found = dict(self.settings)
        if self.rate:
            found["rate"] = self.rate
        if self.size:
            parts = self.size.lower().split("x")
            if not all(part.isdigit() for part in parts) or len(parts) > 2:
                raise OptionError(f"--size must be HxW such as 28x28, got {self.size!r}")
            found |= dict(zip(("height", "width"), map(int, parts), strict=False))
        return found

    def _check_test(self, test: Sequences, train: Sequences) -> None:
        """Check, before long work, that the test data fit those that are learned from."""
        task = self.task
        if test.labels is None:
            raise DataError(
                f"'{self.test}' has no labels to hold the answers against",
                hint="a folder for each class, or a column of labels: --label-column NAME",
            )
        if test.channels != train.channels:
            raise DataError(
                f"'{self.test}' has {counted(test.channels, 'channel')}, but "
                f"'{self.data}' has {train.channels}",
                hint="the same columns in both",
            )
        if task == "transcript":
            letters = set("".join(train.classes))
            for name, label in zip(test.names, test.labels, strict=True):
                if unseen := sorted(set(label) - letters):
                    raise DataError(
                        f"'{name}' of the test data has {unseen[0]!r} in its transcript, which is "
                        "in none of those to learn from",
                        hint=f"those are of {''.join(sorted(letters))[:80]!r}",
                    )
            return
        unseen = sorted(set(test.classes) - set(train.classes))
        if unseen and task in (None, "class", "tags"):
            raise DataError(
                f"the test data have the label {unseen[0]!r}, which is not in those to learn from",
                hint=f"those have {', '.join(train.classes[:20])}",
            )


class TrainDemo(RecognizerTraining):
    """A training on the digits of scikit-learn."""

    marks = ("demo",)
    because: ClassVar = {"data": NO_DATA}
    share = 0.0  # 898 digits are few: it learns from all of them
    usual, varied = DEMO_SETTINGS, DEMO_VARIED

    data: None = None
    test: None = None
    task: str = "class"
    demo: bool = option("Learn the 8x8 digits of scikit-learn, in place of DATA.")

    def _sequences(self) -> tuple[Sequences, Sequences]:
        return demo_digits()


def _described(train: Sequences) -> str:
    lengths = train.lengths
    steps = f"{lengths.min()}" + (f" to {lengths.max()}" if lengths.max() > lengths.min() else "")
    made = "" if train.features is None else f", read as {train.features.kind}"
    if getattr(train.features, "normalise", "none") == "mean":
        made += " less its mean"
    return f"{len(train)} sequences of {steps} steps and {counted(train.channels, 'channel')}{made}"


def _varied(augment: Any) -> str:
    """Return by how much the data are varied, for instance "varied by noise 0.1, scale 0.1"."""
    amounts = {field.name: getattr(augment, field.name) for field in fields(augment)}
    idle = {name for name, value in amounts.items() if not value}
    idle |= {name.replace("_masks", "_width") for name in idle if name.endswith("_masks")}
    if amounts.get("piece") == 1:
        idle.add("piece")  # the whole
    return "varied by " + ", ".join(
        f"{name} {amounts[name]}" for name in amounts if name not in idle
    )


command = command_of(TrainData, TrainDemo, told=RecognizerTraining)
