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
from pathlib import Path

import torch
from torch import nn

from gatework import LSTM
from gatework.train import ShuffledBatches, StreamBatches, Trainer

torch.set_num_threads(1)
torch.optim.Adam([torch.zeros(1)])  # the first optimiser loads much; load it once, for all children
EPOCHS = 3


class Network(nn.Module):
    """An LSTM with everything that draws random numbers, and a head. Dies at a given call."""

    def __init__(self, die_at: int | None) -> None:
        super().__init__()
        self.lstm = LSTM(
            1, [4, 3], batch_first=True, dropout=0.2, recurrent_dropout=0.2, zoneout_cell=0.1
        )
        self.head = nn.Linear(3, 1)
        self.calls, self.die_at = 0, die_at

    def forward(self, x, state=None, lengths=None):
        if self.training:
            self.calls += 1
            if self.calls == self.die_at:
                os.kill(os.getpid(), signal.SIGKILL)
        output, state = self.lstm(x, state, lengths)
        return self.head(output), state


def train(kind: str, checkpoint: Path, die_at: int | None) -> str:
    """Train from the start or from the checkpoint; return a digest of all that came out."""
    torch.manual_seed(11)
    model = Network(die_at)
    series = torch.sin(torch.arange(120.0) / 5).reshape(4, 30, 1)
    if kind == "shuffled":
        batches = ShuffledBatches(series[:, :-1], series[:, 1:], batch_size=1, seed=3)
    else:
        batches = StreamBatches(series[:, :-1], series[:, 1:], steps=7)

    def validate(network: nn.Module) -> float:
        return nn.functional.mse_loss(network(series[:, :-1])[0], series[:, 1:]).item()

    trainer = Trainer(
        model,
        nn.MSELoss(),
        epochs=EPOCHS,
        learning_rate=0.01,
        schedule="cosine",
        patience=2,
        seed=5,
        checkpoint=checkpoint,
        checkpoint_every=1,
    )
    history = trainer.fit(batches, validate)
    digest = hashlib.sha256(repr(vars(history)).encode())
    for name, value in model.state_dict().items():
        digest.update(name.encode() + value.numpy().tobytes())
    digest.update(checkpoint.read_bytes())  # optimiser, schedule and generators, too
    return digest.hexdigest()


def in_child(action) -> tuple[int, str]:
    """Run ``action`` in a forked process; return its signal (0 if none) and what it returned."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os.write(writer, action().encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    _, status = os.waitpid(pid, 0)
    return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0), answer


def die_in(function: str, at: int) -> None:
    """Make the process kill itself just before call number ``at`` of a function of os."""
    original, calls = getattr(os, function), 0

    def dying(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args, **kwargs)

    setattr(os, function, dying)


def main() -> None:
    """Kill at every step and in every phase of writing a checkpoint, and compare."""
    report: dict[str, list] = {"killed": [], "differing": [], "survived": []}
    for kind, steps in (("shuffled", 4 * EPOCHS), ("stream", 5 * EPOCHS)):
        folder = Path(tempfile.mkdtemp())
        _, whole = in_child(lambda k=kind, f=folder: train(k, f / "whole", None))
        places = [("step", at) for at in range(1, steps + 1)]
        # Each checkpoint is one write and two flushes, of the file and of its folder.
        places += [("write", at) for at in range(2, steps, 4)]
        places += [("fsync", at) for at in range(2, 2 * steps, 5)]
        for place, at in places:
            path = folder / "killed"

            def doomed(k=kind, p=path, place=place, at=at) -> str:
                if place != "step":
                    die_in(place, at)
                return train(k, p, at if place == "step" else None)

            died, _ = in_child(doomed)
            label = f"{kind} {place} {at}"
            report["killed" if died == signal.SIGKILL else "survived"].append(label)
            _, resumed = in_child(lambda k=kind, p=path: train(k, p, None))
            if resumed != whole:
                report["differing"].append(label)
            leftovers = [p.name for p in folder.iterdir() if p.name not in ("whole", "killed")]
            for name in leftovers:  # a killed writer cannot tidy up after itself
                (folder / name).unlink()
            path.unlink()
        shutil.rmtree(folder)
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
