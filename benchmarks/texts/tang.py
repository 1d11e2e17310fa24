"""Tang poems: perplexity of a character beside an interpolated Kneser-Ney 5-gram."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import torch

from gatework import save
from gatework.train import RichProgress
from gatework.train.losses import BatchLoss, mean_loss
from gatework.write import Corpus, Writer, read_corpus, split_corpus
from gatework.write.fitting import say_loss
from gatework.write.kneser_ney import KneserNey
from gatework.write.streams import DocumentBatches
from texts.results import put

COMMAND = "python benchmarks/text.py tang"


def run(data: Path, models: Path, seed: int) -> None:
    corpus = read_corpus(data / "chinese_poems" / "tang_regular_simp.txt", unit="line")
    split = split_corpus(corpus, validation=0.05, test=0.1)
    progress = RichProgress(words=say_loss(1.0))
    writer = Writer(preset="verse", seed=seed, progress=progress)
    began = time.perf_counter()
    writer.fit(Corpus(split.train, "line"), validation=split.validation)
    took = time.perf_counter() - began
    save(writer, models / "tang.safetensors", overwrite=True)
    vocabulary, network = writer.vocabulary_, writer.network_.eval()
    train, held = ([vocabulary.encode(t) for t in part] for part in (split.train, split.test))
    with torch.no_grad():
        loss = mean_loss(network, BatchLoss(network.loss_of_documents), DocumentBatches(held, 64))
    ngram = -KneserNey(train, len(vocabulary)).log_probabilities(held).mean()
    tokens = sum(map(len, held)) + len(held)
    unknown = sum(int((d == vocabulary.UNKNOWN).sum()) for d in held)
    ours, theirs = math.exp(loss), float(np.exp(ngram))
    text = f"""`{COMMAND} --seed {seed}`: {len(split.train):,} poems to learn from, \
{len(split.validation):,} to choose the epoch, {len(split.test):,} to measure ({tokens:,} \
tokens with the ends; {unknown} are none of the {len(vocabulary):,} of the vocabulary and count \
as one mark for both). {sum(p.numel() for p in network.parameters()):,} parameters, \
{len(writer.history_.losses)} epochs in {took / 60:.1f} minutes.

| model | perplexity a character |
|---|---|
| Gatework LSTM | {ours:.1f} |
| interpolated modified Kneser-Ney 5-gram | {theirs:.1f} |

The LSTM's is {1 - ours / theirs:.1%} lower."""
    put("Tang poems", text)
