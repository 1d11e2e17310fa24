"""What the three tasks of long memory share: which networks learn them, and how they are told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from recognition import Row, Run, memory

Fit = Callable[[Any], float]


def compared(
    run: Run,
    task: str,
    steps: int,
    settings: dict[str, Any],
    networks: tuple[Callable[..., Any], Callable[..., Any] | None],
    fit: Fit,
    said: str,
) -> list[Row]:
    """Return a row for each network.

    Args:
        task: its name.
        steps: how far apart what belongs together lies at most.
        settings: of all networks alike.
        networks: the estimator, and the same on a plain recurrent network; where that is None,
            only the LSTM that is told how long to remember is trained.
        fit: trains an estimator and returns its error as a share of the baseline's.
        said: how they are trained.
    """
    settings = run.few(settings | {"bidirectional": False})
    gated, plain = networks
    models = {f"LSTM, memory={steps}": gated(**settings, chrono_steps=steps)}
    if plain is not None:
        models |= {"LSTM as usual": gated(**settings), "plain recurrent network": plain(**settings)}
    found = []
    for name, model in models.items():
        began = time.perf_counter()
        error = fit(model)
        seconds = time.perf_counter() - began
        print(f"  T = {steps:,}, {name}: {error:.4f} {seconds:.0f} s", flush=True)
        full = f"{settings['hidden_sizes'][0]} units, {settings['epochs']} epochs of {said}"
        found.append(memory(f"{task}, T = {steps:,}", name, error, seconds, full))
    return found
