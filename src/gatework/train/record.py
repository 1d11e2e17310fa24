"""The record of a training run: a folder with its losses and snapshots of its weights.

``history.jsonl`` has a line for each epoch, written when the epoch ends, so that others can follow
a run while it trains; ``epoch-N.safetensors`` holds the weights after epoch N, 0 being the start.
"""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from gatework.checks import is_number, is_whole, refuse, whole
from gatework.errors import FileFormatError, InputFileError, OptionError, OutputError
from gatework.storage import atomic_write, pack, read_sealed
from gatework.storage.header import read_json
from gatework.storage.reading import read_bytes, refuse_special
from gatework.storage.torch_tensors import seal, unseal
from gatework.system import names

HISTORY = "history.jsonl"
KIND = "snapshot"
_SNAPSHOT = re.compile(r"epoch-(\d{1,9})\.safetensors")


@dataclass(frozen=True)
class RecordedEpoch:
    """What is known of an epoch.

    Attributes:
        epoch: its number, from 1.
        loss, validation: mean training loss and, where there is one, validation loss.
        gradient: the largest norm of the gradient of a step, before clipping.
        seconds: since the run, or its resumption, began.
    """

    epoch: int
    loss: float
    validation: float | None
    gradient: float
    seconds: float


class Recorder:
    """Writes the record of a run into a folder while it trains.

    Args:
        folder: made if it is not there; a folder that holds a record goes on where the run does.
        every: epochs from snapshot to snapshot of the weights.

    Raises:
        OptionError: ``every`` is no whole number of at least 1.
        OutputError: the folder cannot be made.
    """

    def __init__(self, folder: str | os.PathLike[str], *, every: int = 1) -> None:
        refuse(whole(1)("every", every))
        self.folder, self.every = Path(folder), every
        self._began = time.perf_counter()

    def begin(self, model: nn.Module, done: int) -> None:
        """Start the record, or take back what it holds of epochs after the ``done`` first ones.

        Raises:
            OutputError: the folder cannot be written, or holds the record of a run that went
                further while this one begins anew.
        """
        self._began = time.perf_counter()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{self.folder} cannot be made: {error.strerror}", hint="another folder"
            ) from error
        kept = read_record(self.folder) if (self.folder / HISTORY).exists() else None
        if kept is not None and kept.epochs and not done:
            raise OutputError(
                f"{self.folder} holds the record of another run and was kept",
                hint="another folder, or the checkpoint of that run to go on with it",
            )
        lines = [] if kept is None else [e for e in kept.epochs if e.epoch <= done]
        text = "".join(json.dumps(vars(epoch)) + "\n" for epoch in lines)
        atomic_write(self.folder / HISTORY, text.encode())
        for epoch, path in _snapshots(self.folder).items():
            if epoch > done:
                path.unlink(missing_ok=True)
        if not done:
            self._keep(model, 0)

    def epoch(
        self, model: nn.Module, number: int, loss: float, validation: float | None, gradient: float
    ) -> None:
        """Write an epoch, and the weights where it is their turn."""
        entry = RecordedEpoch(
            number, loss, validation, gradient, round(time.perf_counter() - self._began, 3)
        )
        if number % self.every == 0:
            self._keep(model, number)
        with (self.folder / HISTORY).open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(vars(entry)) + "\n")

    def _keep(self, model: nn.Module, number: int) -> None:
        tensors = {name: seal(tensor) for name, tensor in model.state_dict().items()}
        content = pack(KIND, {"epoch": number}, tensors)
        # Renamed when whole, but not flushed: a snapshot that is lost costs a frame of a film.
        target = self.folder / f"epoch-{number}.safetensors"
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(content)
        names.replace(part, target)


@dataclass(frozen=True)
class Record:
    """The record of a run, read from its folder."""

    folder: Path
    epochs: tuple[RecordedEpoch, ...]
    snapshots: dict[int, Path]

    def weights(self, epoch: int) -> dict[str, Tensor]:
        """Return the weights after an epoch; 0 is the start.

        Raises:
            OptionError: none were kept of that epoch.
            FileFormatError: the file is damaged.
        """
        if epoch not in self.snapshots:
            kept = ", ".join(map(str, sorted(self.snapshots)))
            raise OptionError(f"{self.folder} has no weights of epoch {epoch}, only of {kept}")
        sealed = read_sealed(self.snapshots[epoch], kinds={KIND})
        return {name: unseal(tensor) for name, tensor in sealed.tensors.items()}

    def restore(self, model: nn.Module, epoch: int) -> None:
        """Put the weights after an epoch into a model of the same architecture, or a part of it.

        A module that the trained one holds, as its network, takes the weights of that name.

        Raises:
            OptionError: none were kept, or they are of another architecture.
            FileFormatError: the file is damaged.
        """
        try:
            model.load_state_dict(_part(self.weights(epoch), model))
        except RuntimeError as error:
            raise OptionError(
                f"the weights in {self.folder} are of another architecture than this "
                f"{type(model).__name__}"
            ) from error


def _part(weights: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """Return the weights of the one module with the names of ``model``; all where none is."""
    names = list(model.state_dict())
    if not names or names[0] in weights:
        return weights
    starts = {name.removesuffix(names[0]) for name in weights if name.endswith("." + names[0])}
    found = [start for start in starts if all(start + name in weights for name in names)]
    if len(found) != 1:
        return weights
    return {name: weights[found[0] + name] for name in names}


def read_record(folder: str | os.PathLike[str]) -> Record:
    """Read the record of a run, also of one that is still training.

    A last line that is written by half is passed over.

    Raises:
        InputFileError: there is no record.
        FileFormatError: a line is damaged.
    """
    path = Path(folder) / HISTORY
    refuse_special(folder)
    refuse_special(path)
    try:
        text = read_bytes(path).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(
            f"{os.fspath(folder)} holds no record of a run: {HISTORY} cannot be read",
            hint="Trainer(..., record=FOLDER) writes one",
        ) from error
    epochs = []
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if not line.endswith("\n"):
            break
        entry = _entry(line)
        if entry is None or entry.epoch != number:
            raise FileFormatError(
                f"{path}, line {number} is not the record of epoch {number}",
                hint="delete the lines from there on",
            )
        epochs.append(entry)
    return Record(Path(folder), tuple(epochs), _snapshots(Path(folder)))


def _entry(line: str) -> RecordedEpoch | None:
    try:
        content: Any = read_json(line)
    except ValueError:
        return None
    if not isinstance(content, dict) or set(content) != set(RecordedEpoch.__annotations__):
        return None
    numbers = [
        value for name, value in content.items() if name != "validation" or value is not None
    ]
    if not is_whole(content["epoch"]) or not all(map(is_number, numbers)):
        return None
    return RecordedEpoch(**content)


def _snapshots(folder: Path) -> dict[int, Path]:
    found = ((_SNAPSHOT.fullmatch(path.name), path) for path in folder.iterdir())
    kept = {int(match[1]): path for match, path in found if match}
    return dict(sorted(kept.items()))
