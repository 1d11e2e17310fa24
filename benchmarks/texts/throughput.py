"""Training throughput beside the same network in plain torch, steps in turn."""

from __future__ import annotations

import statistics
import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from gatework.write.network import LanguageNetwork
from gatework.write.settings import Settings
from texts.results import put

COMMAND = "python benchmarks/text.py throughput"
ROUNDS = 9
STEPS = 4

CASES = [
    ("1 x 512, 65 characters", 65, Settings(output_dropout=0.3)),
    ("2 x 256, 65 characters", 65, Settings(hidden_sizes=(256, 256), dropout=0.2)),
    ("1 x 128, 65 characters", 65, Settings(hidden_sizes=(128,))),
    ("1 x 512, DropConnect 0.2", 65, Settings(drop_connect=0.2)),
    (
        "1 x 512 to 256, tied, 6,350 characters",
        6350,
        Settings(embedding_size=256, proj_size=256, tied=True, cutoffs=None),
    ),
]


class Plain(nn.Module):
    """The same network by torch's own modules."""

    def __init__(self, settings: Settings, size: int) -> None:
        super().__init__()
        self.settings = settings
        sizes = settings.hidden_sizes
        self.embedding = nn.Embedding(size, settings.embedding_size)
        inputs = [settings.embedding_size, *sizes[:-1]]
        self.layers = nn.ModuleList(
            nn.LSTM(wide, units, batch_first=True, proj_size=settings.proj_size)
            for wide, units in zip(inputs, sizes, strict=True)
        )
        self.head = nn.Linear(settings.proj_size or sizes[-1], size)
        if settings.tied:
            self.head.weight = self.embedding.weight

    def forward(self, tokens: Tensor, targets: Tensor, states: list[Any]) -> tuple[Tensor, list]:
        x, ended = self.embedding(tokens), []
        for number, (layer, state) in enumerate(zip(self.layers, states, strict=True)):
            weights = dict(layer.named_parameters())
            if self.settings.drop_connect:
                raw = weights["weight_hh_l0"]
                weights["weight_hh_l0"] = functional.dropout(raw, self.settings.drop_connect)
                x, state = torch.func.functional_call(layer, weights, (x, state))
            else:
                x, state = layer(x, state)
            ended.append(tuple(part.detach() for part in state))
            last = number == len(self.layers) - 1
            rate = self.settings.output_dropout if last else self.settings.dropout
            if rate:
                x = x * x.new_empty(x.shape[0], 1, x.shape[2]).bernoulli_(1 - rate).div_(1 - rate)
        return functional.cross_entropy(self.head(x).flatten(0, 1), targets.flatten()), ended


class Race:
    """A network in training, a step at a time."""

    def __init__(self, model: nn.Module, forward: Any) -> None:
        self.model, self.forward, self.state = model.train(), forward, None
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)

    def step(self, tokens: Tensor, targets: Tensor) -> None:
        self.optimizer.zero_grad()
        loss, self.state = self.forward(tokens, targets, self.state)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()


def race(settings: Settings, size: int) -> tuple[float, float, float]:
    """Return tokens a second of ours and theirs, and the median of the ratios."""
    ours = LanguageNetwork.of(settings, size)

    def forward(tokens: Tensor, targets: Tensor, state: Any) -> tuple[Tensor, Any]:
        output, state = ours(tokens, state)
        return ours.loss(output, targets), state.detach()

    plain = Plain(settings, size)
    layers = len(settings.hidden_sizes)
    racers = [
        Race(ours, forward),
        Race(plain, lambda x, y, state: plain(x, y, state or [None] * layers)),
    ]
    pairs = []
    for number in range(ROUNDS + 1):
        times = []
        for racer in racers:
            tokens = torch.randint(size, (settings.batch_size, settings.bptt + 1))
            began = time.perf_counter()
            for _ in range(STEPS):
                racer.step(tokens[:, :-1], tokens[:, 1:])
            times.append((time.perf_counter() - began) / STEPS)
        if number:
            pairs.append(times)
    count = settings.batch_size * settings.bptt
    medians = [count / statistics.median(side) for side in zip(*pairs, strict=True)]
    return medians[0], medians[1], statistics.median(theirs / mine for mine, theirs in pairs)


def run() -> None:
    lines = [
        f"`{COMMAND}`: {torch.get_num_threads()} threads, batches of 64 streams of 64 tokens, "
        f"AdamW, gradient clipping; {ROUNDS} rounds of {STEPS} steps in turn, medians.",
        "",
        "| network | Gatework, tokens/s | plain torch, tokens/s | ratio |",
        "|---|---|---|---|",
    ]
    for name, size, settings in CASES:
        mine, theirs, ratio = race(settings, size)
        lines.append(f"| {name} | {mine:,.0f} | {theirs:,.0f} | {ratio:.2f} |")
    put("Training throughput", "\n".join(lines))
