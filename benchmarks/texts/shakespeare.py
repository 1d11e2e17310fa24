"""Tiny Shakespeare: the loss of a character after ten minutes of training on two cores."""

from __future__ import annotations

import math
import time
from pathlib import Path

from gatework import save
from gatework.train import RichProgress
from gatework.write import Writer
from gatework.write.fitting import say_loss
from gatework.write.scoring import NeuralCache, score
from gatework.write.scoring.dynamic import score_dynamically
from gatework.write.token_models import open_token_model
from texts.results import put

COMMAND = "python benchmarks/text.py shakespeare"


def run(data: Path, models: Path, seed: int) -> None:
    text = (data / "tinyshakespeare" / "input.txt").read_text(encoding="utf-8")
    cut = int(0.9 * len(text))
    half = (cut + len(text)) // 2
    train, validation, test = text[:cut], text[cut:half], text[half:]
    writer = Writer(preset="plain", seed=seed, progress=RichProgress(words=say_loss(1.0)))
    began = time.perf_counter()
    writer.fit(train, validation=text[cut:])
    took = time.perf_counter() - began
    path = save(writer, models / "shakespeare.safetensors", overwrite=True)
    model, network = open_token_model(path, storage="float32"), writer.network_
    rows = [
        ("last tenth, 1 stream from its first character", score(model, text[cut:]).total),
        ("its first half (validation of the 90/5/5 split)", score(model, validation).total),
        ("its second half (test of the 90/5/5 split)", score(model, test).total),
        ("second half, neural cache", score(model, test, cache=NeuralCache()).total),
        (
            "second half, dynamic evaluation",
            score_dynamically(
                network, writer.vocabulary_, test, head=network.log_probabilities
            ).total,
        ),
    ]
    lines = [
        f"`{COMMAND} --seed {seed}`: {sum(p.numel() for p in writer.network_.parameters()):,} "
        f"parameters, {len(writer.history_.losses)} epochs over the first 90 % "
        f"({cut:,} characters) in {took / 60:.1f} minutes; the epoch with the least loss on the "
        f"last tenth is kept ({writer.history_.best_epoch}).",
        "",
        "| text | nats a character | perplexity | bits a character |",
        "|---|---|---|---|",
    ]
    for name, total in rows:
        nats = total.nats_per_token
        lines.append(
            f"| {name} | {nats:.4f} | {math.exp(nats):.3f} | {total.bits_per_character:.3f} |"
        )
    losses = ", ".join(f"{value:.3f}" for value in writer.history_.validation)
    lines += ["", f"Loss on the last tenth after each epoch (16 streams): {losses}."]
    put("Tiny Shakespeare", "\n".join(lines))
