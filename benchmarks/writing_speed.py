"""How fast a language model writes without torch, on one core, sampling included.

    python benchmarks/writing_speed.py [--quick] [--model MODEL --text FILE]

Two layers of 256 units with random weights; those of the head are large enough for some tokens to
be likely, as in a text. One text is written as a user sees it, by ``write_on``, piece by piece;
several by ``write_many``. Rounds of all storages alternate. Time is that of the processor, on one
core: what other work takes of the core is not counted, though it also empties the caches. With a
trained model and a text it never saw, the loss of each storage on the text is told, too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from gatework import LSTM, runtime
from gatework.bench.machine import describe
from gatework.storage import write_sealed
from gatework.storage.torch_tensors import seal
from gatework.write import Sampling, write_many, write_on
from gatework.write.network import LanguageNetwork
from gatework.write.token_models.native import NativeTokenModel, open_native_token_model

RESULT = Path(__file__).parent / "results" / "writing_speed.md"
STORAGES = ("float32", "float16", "int8")
LENGTHS = {65: 1000, 6600: 200}  # characters that are written, by the size of the vocabulary
SAMPLINGS = {"plain": Sampling(), "0.8, top-p 0.95": Sampling(temperature=0.8, top_p=0.95)}
TEXTS = (1, 4, 16)


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast a language model writes.")
    parser.add_argument("--quick", action="store_true", help="three rounds, nothing written")
    parser.add_argument("--model", type=Path, help="a trained Writer, for the loss")
    parser.add_argument("--text", type=Path, help="a text that it never saw")
    arguments = parser.parse_args()
    rounds = 3 if arguments.quick else 9
    lines = heading(rounds)
    with tempfile.TemporaryDirectory() as folder:
        for size in LENGTHS:
            lines += speeds(make(Path(folder), size), size, rounds)
    if arguments.model and arguments.text:
        lines += losses(arguments.model, arguments.text)
    text = "\n".join(lines) + "\n"
    print(text)
    if not arguments.quick:
        RESULT.write_text(text, encoding="utf-8")


def heading(rounds: int) -> list[str]:
    machine = describe()
    return [
        "# Speed of writing",
        "",
        f"`python benchmarks/writing_speed.py`, {rounds} alternating rounds, one core of "
        f"{machine.processor}; load when the run began: {machine.load:.2f}. Characters a second "
        "of processor time, median (best round in brackets), 2 layers of 256 units, sampling "
        "included.",
        "",
        f"Instruction sets: {' '.join(machine.instruction_sets)}. "
        f"Caches: {', '.join(machine.caches)}.",
        "",
    ]


def make(folder: Path, size: int) -> Path:
    """Write the file of a random language model of so many characters; return its path."""
    torch.manual_seed(0)
    lstm = LSTM(64, [256, 256], batch_first=True)
    network = LanguageNetwork(size, 64, lstm)
    network.state_dict()["head.weight"].mul_(40)
    config = {
        "format": 1,
        "level": "char",
        "tokens": ["", "", *(chr(0x4E00 + i) for i in range(size - 2))],
        "network": {
            "embedding_size": 64,
            "lstm": lstm.to_config(),
            "tied": False,
            "cutoffs": None,
        },
        "settings": {},
        "training": {},
    }
    path = folder / f"writer {size}"
    tensors = {name: seal(value) for name, value in network.state_dict().items()}
    write_sealed(path, "writer", config, tensors)
    return path


def speeds(path: Path, size: int, rounds: int) -> list[str]:
    """Return the table of one vocabulary."""
    models = {storage: open_native_token_model(path, storage=storage) for storage in STORAGES}
    lines = [
        f"## {size:,} characters in the vocabulary",
        "",
        "| sampling | storage | " + " | ".join(f"{count} at once" for count in TEXTS) + " |",
        "|---|---|" + "---|" * len(TEXTS),
    ]
    for name, sampling in SAMPLINGS.items():
        found = {(storage, count): [] for storage in STORAGES for count in TEXTS}
        for turn in range(rounds + 1):
            for storage, count in found:
                rate = measure(models[storage], sampling, count, LENGTHS[size])
                if turn:  # the first warms up
                    found[storage, count].append(rate)
        for storage in STORAGES:
            cells = (found[storage, count] for count in TEXTS)
            shown = (f"{statistics.median(cell):,.0f} ({max(cell):,.0f})" for cell in cells)
            lines.append(f"| {name} | {storage} | " + " | ".join(shown) + " |")
            print(lines[-1], flush=True)
    return [*lines, ""]


def measure(model: NativeTokenModel, sampling: Sampling, count: int, length: int) -> float:
    """Return characters a second of some texts side by side."""
    began = time.process_time()
    if count == 1:
        texts = [
            "".join(write_on(model, length=length, sampling=sampling, stop_at_end=False)),
        ]
    else:
        texts = write_many(model, count=count, length=length, sampling=sampling, stop_at_end=False)
    took = time.process_time() - began
    return sum(map(len, texts)) / took


def losses(path: Path, file: Path) -> list[str]:
    """Return the table of what each storage loses on a text, read as one stream."""
    text = file.read_text(encoding="utf-8")
    lines = [
        "## What a storage costs",
        "",
        f"Loss of a trained model ({path.name}) on a text that it never saw ({file.name}, "
        f"{len(text):,} characters).",
        "",
        "| storage | nats a character | more than float32 | KiB |",
        "|---|---|---|---|",
    ]
    whole = 0.0
    for storage in STORAGES:
        model = runtime.load_tokens(path, storage)
        tokens = np.concatenate([[0], NativeTokenModel(model).vocabulary.encode(text)])[:, None]
        logs, _ = model.run(tokens[:-1].copy(), tokens[1:].copy())
        loss = -float(logs.mean(dtype=np.float64))
        whole = whole or loss
        kept = f"{model.packed_bytes / 1024:,.0f}"
        lines.append(f"| {storage} | {loss:.5f} | {loss - whole:+.5f} | {kept} |")
    return [*lines, ""]


if __name__ == "__main__":
    main()
