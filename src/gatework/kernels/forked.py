"""A process that was forked has none of torch's threads, and would wait for them without end."""

from __future__ import annotations

import warnings

import torch

from gatework.system import processes

threads_lost = 0
"""How many threads torch was to use when this process was forked; 0 once that was looked at."""


def go_on_alone() -> None:
    """Use one thread from now on, and say so; a number that was set since the fork is kept."""
    global threads_lost
    wanted, threads_lost = threads_lost, 0
    if torch.get_num_threads() == wanted > 1:
        torch.set_num_threads(1)
        warnings.warn(
            f"this process was forked from one with {wanted} threads of torch, which a fork leaves "
            "behind, so it runs on one; start it by spawn to use more, or call "
            "torch.set_num_threads(1) in it to say that one is meant",
            stacklevel=3,
        )


def _remember() -> None:
    global threads_lost
    threads_lost = torch.get_num_threads()


processes.after_fork(_remember)
