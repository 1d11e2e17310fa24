"""What the estimators of sequences share: arguments, training, running, files."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Self, cast

import numpy as np
import torch
from torch import Tensor, nn

from gatework.allocation import kept_memory
from gatework.checks import below, checked, one_of, optional, refuse, switch, whole
from gatework.errors import DataError, counted
from gatework.estimator import Estimator, Schema
from gatework.examine import Run
from gatework.recognize.augment.base import Augmentation
from gatework.recognize.augment.usual import chosen
from gatework.recognize.batches import SequenceBatches, hold_out, in_order
from gatework.recognize.coercion import take
from gatework.recognize.features.base import Features
from gatework.recognize.inverted import tell_inverted
from gatework.recognize.members import members_of
from gatework.recognize.memory import long_memory
from gatework.recognize.model_file import FILE
from gatework.recognize.network import SequenceNetwork
from gatework.recognize.scaling import STANDARDIZE, Scaling
from gatework.recognize.sequences import Sequences
from gatework.recognize.settings import check_augment, settings_problems, sizes_of
from gatework.recognize.weights import LabelledPart, sample_weights, some
from gatework.runtime.recognizer import CONVOLUTIONS
from gatework.tabular.style import ReadingStyle
from gatework.train import History, Progress, Recorder, Trainer, seeded
from gatework.train.optimizers import CLIP_NORM, ScheduleFactory

STEPS_TOGETHER = 2**15
"""Steps that are run at a time where nothing is learned, padding included."""
EPOCHS, LEAST_STEPS = 30, 600
"""Passes over the data unless others are asked for, and the fewest steps of the optimiser."""
HELD, FEWEST_HELD = 0.1, 50
"""The share that is kept apart unless another is asked for, and how many it must be."""


@dataclass(eq=False, repr=False)
class SequenceEstimator(Estimator):
    """The part of SequenceClassifier, SequenceRegressor, SequenceTagger and Transcriber alike.

    Args:
        hidden_sizes: units of each LSTM layer; one number for one layer.
        bidirectional: each layer also reads the sequence from its end; False for what shall be
            recognised while it comes.
        convolutions: windows over a few steps, "beside" the LSTM or "before" it, or "none"; see
            gatework.recognize.network.SequenceNetwork.
        variants: further options of gatework.LSTM by name: ``{"layer_norm": True}``.
        chrono_steps: how many steps apart what belongs together may lie: the LSTM then begins with
            weights that remember so long; see gatework.recognize.long_memory.
        dropout: between layers and before the head, while training.
        standardize: what is taken from the channels before the network: "channel", "together",
            "none", or "auto", which is "together" for images, else "channel"; see Scaling.of.
        epochs: passes over the data, at most; None for 30, or for as many more as make
            ``LEAST_STEPS`` steps of the optimiser, where data are few.
        batch_size: sequences in a step, at most.
        learning_rate: of the optimiser Adam, the greatest of the schedule.
        weight_decay: of AdamW; 0 for Adam.
        schedule: of the learning rate, "one-cycle", "cosine", "constant" or another that
            gatework.train.Trainer takes.
        clip_norm: largest norm of the gradient; None for no limit.
        validation: a share of the data that is kept apart, or a pair (X, y): the weights of the
            epoch that does best there are kept, and probabilities are calibrated there. None to
            learn from all and keep the last weights. "auto" keeps a tenth apart where that is
            ``FEWEST_HELD`` or more, and none of fewer, which would say little of the others.
        patience: epochs without improvement there after which training stops; None for never.
        augment: varies the sequences while training, each kind by its own: an
            ImageAugmentation, SoundAugmentation, TextAugmentation, or for series of numbers
            SeriesAugmentation; see gatework.recognize.augment.
        seed: of everything random.
        checkpoint: path of a file that a training which was stopped goes on from.
        checkpoint_every: steps between checkpoints, beside the one after each epoch.
        record: a folder for the film of the training.
        progress: told how the training goes; None for silence.

    Attributes:
        network_, scaling_, features_: what predicts, after ``fit``.
        members_: networks whose mean it is; ``network_`` is the first and holds the others.
        channels_: C, numbers in a step of the sequences.
        temperature_: what is divided by before the softmax, so that probabilities mean what they
            say; 1 where nothing was kept apart to find it on.
        history_: losses of the training.
    """

    hidden_sizes: int | Sequence[int] = (64,)
    _: KW_ONLY
    bidirectional: bool = checked(True, switch)
    convolutions: str = checked("none", one_of(CONVOLUTIONS))
    variants: Mapping[str, Any] | None = None
    chrono_steps: int | None = None
    dropout: float = checked(0.0, below(0, 1))
    standardize: str = checked("auto", one_of(STANDARDIZE))
    epochs: int | None = checked(None, optional(whole(1)))
    batch_size: int = checked(32, whole(1))
    learning_rate: float = checked(5e-3, below(0, 10))
    weight_decay: float = checked(0.0, below(0, 10))
    schedule: str | ScheduleFactory | None = "one-cycle"
    clip_norm: float | None = checked(1.0, CLIP_NORM)
    validation: float | tuple[Any, Any] | str | None = "auto"
    patience: int | None = checked(None, optional(whole(1)))
    augment: Augmentation | str | None = None
    seed: int = checked(0, whole(0))
    checkpoint: str | os.PathLike[str] | None = None
    checkpoint_every: int = checked(0, whole(0))
    record: str | os.PathLike[str] | Recorder | None = None
    progress: Progress | None = None

    file_kind: ClassVar[str]
    LEARNED: ClassVar[str] = "network_"
    FIT: ClassVar[str] = "estimator.fit(X, y)"
    READS: ClassVar[str] = "set of sequences"
    PICK: ClassVar[str | None] = "sequence"
    FILE: ClassVar[Schema] = FILE
    RENAMED: ClassVar[Mapping[str, str]] = {"memory": "chrono_steps"}
    OF_A_RUN: ClassVar[tuple[str, ...]] = (
        "validation",
        "augment",
        "checkpoint",
        "checkpoint_every",
        "record",
        "progress",
        "class_weight",
        "language_model",
    )
    FILL: ClassVar[int] = 0
    EVERY_STEP: ClassVar[bool] = False
    TARGETS_BY_STEP: ClassVar[bool] = False
    EVENLY: ClassVar[bool] = False  # what is kept apart has the same share of each class
    LENGTHS: ClassVar[bool] = False  # the loss needs them even where all are the same
    AUTO_AUGMENT: ClassVar[bool] = False  # augment may be "auto"
    TARGETS: ClassVar[Any]
    SKLEARN: ClassVar[str | None] = None  # the type of estimator that it is there

    # What each kind of estimator adds.

    @abstractmethod
    def _checked(self, given: Any, sequences: Sequences) -> Any:
        """Return the targets of sequences as ``_targets`` takes them.

        Raises:
            DataError: when they cannot be used, or there is not one for each sequence.
        """

    @abstractmethod
    def _loss(self, targets: Any, coded: list[Any]) -> nn.Module:
        """Return the loss, for the training data."""

    def _targets(self, given: Any) -> Any:
        """Return what codes targets; after ``fit`` it is kept as ``targets_``."""
        return self.TARGETS.of(given)

    def _coded(self, sequences: Sequences, given: Any, targets: Any) -> list[Any]:
        """Return the targets of each sequence, coded."""
        return list(targets.encode(given))

    def _given(self, sequences: Sequences, y: Any) -> Any:
        """Return the targets that are given, or else the labels, after checking them."""
        given = sequences.labels if y is None else y
        if given is None:
            raise DataError(
                "this requires y to be passed, but the target y is None and the sequences have no "
                "labels",
                hint="fit(X, y)",
            )
        return self._checked(given, sequences)

    def problems(self) -> list[str]:
        """Return what is wrong with the arguments, in sentences."""
        return settings_problems(self)

    def _finish(self, held: LabelledPart | None) -> None:
        """Learn what is left to learn, from the data kept apart."""

    # Training

    def check(self, X: Any, y: Any = None) -> Sequences:
        """Return the sequences as ``fit`` would take them, or raise what it would raise."""
        return self._check(X, y, None)[0].sequences

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Train on sequences whose targets are known.

        Args:
            X: an array (N, T, C) or (N, T), a list of arrays (T, C), or Sequences.
            y: their targets; where left out, the labels of Sequences.
            sample_weight: (N), how much each counts; 0 leaves one out. None for all alike.

        Raises:
            OptionError: for arguments that cannot be used, all of them at once.
            DataError: for data that cannot be used; it names the sequence.
            TrainingInterrupted: after Ctrl-C, where there is a checkpoint.
        """
        part, targets = self._check(X, y, sample_weight)
        seen, held = self._split(part, targets)
        scaling = Scaling.of(seen.sequences.values, self.standardize, seen.sequences.kind)
        self.members_ = members_of(self, part.sequences)
        network = self.build(seen.sequences.channels, targets.outputs, self.members_)
        batches = self._batches(seen, scaling, augment=chosen(self.augment, part.sequences))
        epochs = self.epochs or max(EPOCHS, -(-LEAST_STEPS // len(batches)))
        optimizer, loss = "adamw" if self.weight_decay else "adam", self._loss(targets, seen.coded)
        trainer = Trainer.of(self, network, loss, optimizer=optimizer, epochs=epochs)
        validation = None if held is None else self._batches(held, scaling, shuffle=False)
        self.history_: History = trainer.fit(batches, validation)
        network.settle(lambda: in_order(seen.sequences, scaling, STEPS_TOGETHER))
        self.network_, self.scaling_, self.targets_ = network, scaling, targets
        self.features_: Features | None = seen.sequences.features
        self.kind_, self.channels_ = seen.sequences.kind, seen.sequences.channels
        self.temperature_ = 1.0
        self._finish(held)
        return self

    def build(self, channels: int, outputs: int, members: int = 1) -> SequenceNetwork:
        """Return the network, with others beside it, with its initial weights."""
        with seeded(self.seed):
            network = SequenceNetwork.several(
                members,
                channels,
                outputs,
                sizes_of(self),
                bidirectional=self.bidirectional,
                pooling=None if self.EVERY_STEP else getattr(self, "pooling", "last"),
                dropout=self.dropout,
                convolutions=self.convolutions,
                variants=self.variants,
            )
        if self.chrono_steps is not None:
            for place, one in enumerate(network.networks):
                long_memory(one.lstm, self.chrono_steps, seed=self.seed + place)
        return network

    def _check(self, X: Any, y: Any, sample_weight: Any) -> tuple[LabelledPart, Any]:
        """Return what counts of the data, and what codes the targets."""
        refuse(self.problems(), "training cannot begin: ")
        sequences = take(X)
        augment = chosen(self.augment, sequences)
        check_augment(augment, sequences.kind, steps=self.TARGETS_BY_STEP, whole=self.EVERY_STEP)
        given = self._given(sequences, y)
        weights = sample_weights(sample_weight, len(sequences))
        if weights is not None and not weights.all():
            rows = np.flatnonzero(weights)
            sequences, given, weights = sequences.rows(rows), some(given, rows), weights[rows]
        targets = self._targets(given)
        return LabelledPart(sequences, self._coded(sequences, given, targets), weights), targets

    def _split(self, part: LabelledPart, targets: Any) -> tuple[LabelledPart, LabelledPart | None]:
        """Return the data to learn from, and those kept apart."""
        if isinstance(self.validation, tuple):
            held, y = take(self.validation[0]), self.validation[1]
            self._same_channels(held, part.sequences.channels)
            return part, LabelledPart(held, self._coded(held, self._given(held, y), targets))
        share = self._share(len(part.coded))
        if share is None:
            return part, None
        groups = np.array(part.coded) if self.EVENLY else np.zeros(len(part.coded))
        apart = hold_out(groups, share, self.seed)
        if not apart.any():
            if self.patience is not None:
                raise DataError(
                    f"{counted(len(part.coded), 'sequence', be=True)} too few to keep {share:g} of "
                    "them apart, but patience needs some",
                    hint="patience=None, or validation=(X, y)",
                )
            return part, None
        return part.rows(np.flatnonzero(~apart)), part.rows(np.flatnonzero(apart))

    def _share(self, count: int) -> float | None:
        """Return the share of so many sequences that is kept apart."""
        if self.validation == "auto":
            return HELD if self.patience is not None or count * HELD >= FEWEST_HELD else None
        return None if self.validation is None else float(cast("float", self.validation))

    def _batches(self, part: LabelledPart, scaling: Scaling, **how: Any) -> SequenceBatches:
        return SequenceBatches(
            part.sequences,
            part.coded,
            self.batch_size,
            scaling,
            weights=part.weights,
            seed=self.seed,
            fill=self.FILL,
            by_step=self.TARGETS_BY_STEP,
            always_lengths=self.LENGTHS,
            **how,
        )

    # Running

    def _ready(self, X: Any) -> tuple[SequenceNetwork, Sequences]:
        """Return the network, and sequences that it can read."""
        self.check_fitted()
        sequences = take(X)
        self._same_channels(sequences, self.channels_)
        return self.network_, sequences

    def _same_channels(self, sequences: Sequences, channels: int) -> None:
        if sequences.channels != channels:
            raise DataError(
                f"the sequences have {counted(sequences.channels, 'channel')}, but the model "
                f"was fitted to {channels}",
                hint="the same features as for fit",
            )

    @torch.no_grad()
    def _run(self, X: Any) -> list[np.ndarray]:
        """Return what the network says of each sequence: (O), or (T, O) at every step."""
        network, sequences = self._ready(X)
        found: list[np.ndarray] = [np.empty(0)] * len(sequences)
        network.eval()
        many = int(sequences.lengths.sum()) > STEPS_TOGETHER
        with kept_memory() if many else nullcontext():
            for rows, inputs, lengths in in_order(sequences, self.scaling_, STEPS_TOGETHER):
                output: Tensor = network(inputs, None, lengths)[0]
                for place, row in enumerate(rows):
                    every = self.EVERY_STEP
                    told = output[: lengths[place], place].clone() if every else output[place]
                    found[row] = told.numpy()
        return found

    def read(
        self,
        path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        skip_bad: bool = False,
        style: ReadingStyle | None = None,
    ) -> Sequences:
        """Read sequences as they were read for ``fit``.

        Args:
            path: of whatever holds them, see gatework.recognize.readers.read_data; or paths of
                pictures, sound or text, each a sequence.
            skip_bad: leave out files that cannot be used; the remarks of what is returned name
                them.
            style: how a table or a text is to be read, as far as it is known.

        Raises:
            NotFittedError: when nothing was fitted.
            OptionError: when the model was fitted to arrays, and files of their own are to be read.
            DataError: when files cannot be used.
        """
        from gatework.recognize.readers.data import read_for

        self.check_fitted()
        found = read_for(self.features_, type(self).__name__, path, skip_bad=skip_bad, style=style)
        return tell_inverted(found, self.scaling_)

    def predict_files(self, paths: Sequence[str | os.PathLike[str]]) -> Any:
        """Return what ``predict`` says of files, in their order.

        Raises:
            OptionError, DataError: as ``read`` does.
        """
        return self.predict(self.read(paths))

    @abstractmethod
    def predict(self, X: Any) -> Any:
        """Return what each sequence is."""

    # Looking inside

    def examine(self, data: Any = None, *, sequence: str | None = None) -> Run:
        """Return a run of the network over a sequence, to be looked into.

        Args:
            data: sequences of the kind that was fitted.
            sequence: its name among them, ``X[0]`` in an array; the first one when not given.

        Raises:
            NotFittedError: when nothing was fitted.
            OptionError: when data are missing, or there is no such sequence.
            DataError: when they do not fit the model.
        """
        from gatework.recognize.introspection import run_sequence

        _, sequences = self._ready(self._needed(data))
        return run_sequence(self, sequences, self._picked(sequence, sequences.names))

    def results(self, told: Tensor) -> Tensor:
        """Return what the head told (..., O) as results: log-probabilities, unless overridden."""
        return torch.log_softmax(told / self.temperature_, dim=-1)

    def result_names(self) -> tuple[str, ...]:
        """Return the names of the results, O."""
        return tuple(map(str, self.targets_.values))

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn wants to know to search, to cross-validate and to check."""
        from gatework.recognize.scikit_learn import tags_of

        return tags_of(self.SKLEARN)
