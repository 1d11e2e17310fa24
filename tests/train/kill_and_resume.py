"""Kill training runs with SIGKILL at many places, resume them, and compare the bits.

Run as a script: imports torch once and forks a child for each run, so that a kill is a real one.
Prints one JSON object with what happened.
"""

import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gatework import LSTM
from gatework.train import ShuffledBatches, StreamBatches, Trainer

torch.set_num_threads(1)
torch.optim.Adam([torch.zeros(1)])  # the first optimiser loads much; load it once, for all children
EPOCHS = 3
STEPS = {"shuffled": 4 * EPOCHS, "stream": 5 * EPOCHS}
SERIES = torch.sin(torch.arange(120.0) / 5).reshape(4, 30, 1)


def no_call(number: int) -> None:
    """Do nothing at a step."""


class Network(nn.Module):
    """An LSTM with everything that draws random numbers, and a head."""

    def __init__(self, at_step: Callable[[int], None]) -> None:
        super().__init__()
        self.lstm = LSTM(
            1, [4, 3], batch_first=True, dropout=0.2, recurrent_dropout=0.2, zoneout_cell=0.1
        )
        self.head = nn.Linear(3, 1)
        self.calls, self.at_step = 0, at_step

    def forward(self, x, state=None, lengths=None):
        if self.training:
            self.calls += 1
            self.at_step(self.calls)
            x = x + np.random.normal() * 0.01  # numpy's generator is resumed, too
        output, state = self.lstm(x, state, lengths)
        return self.head(output), state


def train(kind: str, path: Path, at_step: Callable[[int], None] = no_call, every: int = 1) -> str:
    """Train from the start or from the checkpoint; return a digest of all that came out."""
    torch.manual_seed(11)
    model = Network(at_step)
    if kind == "shuffled":
        batches = ShuffledBatches(SERIES[:, :-1], SERIES[:, 1:], batch_size=1, seed=3)
    else:
        batches = StreamBatches(SERIES[:, :-1], SERIES[:, 1:], steps=7)

    def validate(network: nn.Module) -> float:
        loss = nn.functional.mse_loss(network(SERIES[:, :-1])[0], SERIES[:, 1:]).item()
        return -loss if kind == "stream" else loss  # the first epoch is then the best one

    trainer = Trainer(
        model,
        nn.MSELoss(),
        epochs=EPOCHS,
        learning_rate=0.01,
        schedule="cosine" if kind == "shuffled" else "one-cycle",
        patience=2,
        seed=5,
        checkpoint=path,
        checkpoint_every=every,
    )
    history = trainer.fit(batches, validate)
    if history.best_epoch != (1 if kind == "stream" else EPOCHS):
        raise SystemExit(f"the best epoch is {history.best_epoch}")
    digest = hashlib.sha256(repr(vars(history)).encode())
    for name, value in model.state_dict().items():
        digest.update(name.encode() + value.numpy().tobytes())
    digest.update(path.read_bytes())  # optimiser, schedule and generators, too
    return digest.hexdigest()


def die() -> None:
    """Kill this process; it has no say in it."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at_step(at: int, number: int) -> None:
    """Kill this process at the step of that number."""
    if number == at:
        die()


def die_in(function: str, at: int) -> None:
    """Make the process die in call number ``at`` of a function of os; a write writes one half."""
    original, calls = getattr(os, function), 0

    def dying(*args):
        nonlocal calls
        calls += 1
        if calls == at:
            if function == "write":
                original(args[0], args[1][: len(args[1]) // 2])
            die()
        return original(*args)

    setattr(os, function, dying)


def in_child(action: Callable[[int], str], kill_after: int | None = None) -> tuple[bool, str]:
    """Run ``action`` in a forked process; return whether it was killed and what it returned.

    It is given a pipe to write to. With ``kill_after`` this process kills it when so many bytes
    have come through, wherever it then is.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os.write(writer, action(writer).encode())
        os._exit(0)
    os.close(writer)
    answer = b""
    while piece := os.read(reader, 1 if kill_after is not None else 4096):
        answer += piece
        if len(answer) == kill_after:
            os.kill(pid, signal.SIGKILL)
    os.close(reader)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status) and os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("a child failed")
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, answer.decode()


def dies_by_itself(kind: str, path: Path, place: str, at: int, every: int, writer: int) -> str:
    """Train until this process kills itself at a step or in a call of os."""
    if place == "step":
        return train(kind, path, partial(die_at_step, at), every)
    die_in(place, at)
    return train(kind, path, every=every)


def tells_steps(kind: str, path: Path, writer: int) -> str:
    """Train, write a byte at each step, and wait at the last one for the kill."""

    def tell(number: int) -> None:
        os.write(writer, b".")
        if number == STEPS[kind]:
            signal.pause()

    return train(kind, path, tell)


def places(kind: str) -> list[tuple[str, int, int]]:
    """Return where to kill, at which call of it, and how many steps lie between checkpoints."""
    steps = STEPS[kind]
    found = [("step", at, 1) for at in range(1, steps + 1)]
    found += [("step", at, 3) for at in range(2, steps + 1, 3)]
    found += [("parent", at, 1) for at in range(1, steps, 2)]
    # Each checkpoint is a write, a flush, a rename and a flush of its folder.
    found += [("write", at, 1) for at in range(2, steps, 4)]
    found += [("fsync", at, 1) for at in range(2, 2 * steps, 5)]
    return found + [("replace", at, 1) for at in range(2, steps, 5)]


class Report:
    """What happened, by place."""

    def __init__(self) -> None:
        self.killed: list[str] = []
        self.survived: list[str] = []
        self.differing: list[str] = []

    def note(self, label: str, killed: bool) -> None:
        (self.killed if killed else self.survived).append(label)

    def compare(self, label: str, resumed: str, whole: str) -> None:
        if resumed != whole:
            self.differing.append(label)


def kill_once(report: Report, kind: str, folder: Path, whole: str) -> None:
    """Kill a run at each place, resume it, and compare it with the one that ran through."""
    for number, (place, at, every) in enumerate(places(kind)):
        path, label = folder / f"killed{number}", f"{kind} {place} {at} every {every}"
        if place == "parent":
            killed, _ = in_child(partial(tells_steps, kind, path), kill_after=at)
        else:
            killed, _ = in_child(partial(dies_by_itself, kind, path, place, at, every))
        report.note(label, killed)
        _, resumed = in_child(lambda _, p=path, e=every: train(kind, p, every=e))
        report.compare(label, resumed, whole)


def kill_again_and_again(report: Report, kind: str, folder: Path, whole: str) -> None:
    """Kill one run at its second step, each time it is resumed, until it is through."""
    path, killed, answer, times = folder / "again", True, "", 0
    while killed:
        times += 1
        killed, answer = in_child(partial(dies_by_itself, kind, path, "step", 2, 1))
        if killed:
            report.note(f"{kind} again {times}", killed)
    report.compare(f"{kind} again", answer, whole)


def main() -> None:
    """Kill at every step and in every phase of writing a checkpoint, and compare."""
    report = Report()
    for kind in STEPS:
        folder = Path(tempfile.mkdtemp())
        try:
            _, whole = in_child(lambda _, k=kind, f=folder: train(k, f / "whole"))
            kill_once(report, kind, folder, whole)
            kill_again_and_again(report, kind, folder, whole)
        finally:
            shutil.rmtree(folder)
    json.dump(vars(report), sys.stdout)


if __name__ == "__main__":
    main()
