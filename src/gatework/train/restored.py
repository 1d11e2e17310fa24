"""What a checkpoint must hold for a run to go on from it: what the run itself would write."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from gatework.checks import is_number, is_whole
from gatework.network import State

MOVING = frozenset({"lr", "initial_lr", "max_lr", "min_lr", "momentum", "betas"})
"""Settings of a named optimiser that schedules move."""
COUNTED = frozenset({"last_epoch", "_step_count", "_last_lr", "best", "num_bad_epochs"})
"""What a named schedule counts; all else in it are settings."""
_MOST = 2**53
"""A whole number that no training counts to."""


def check_form(
    where: str,
    found: Any,
    like: Any,
    *,
    fixed: Callable[[str], bool] = lambda name: False,
    finite: bool = True,
) -> None:
    """Check that nested values are of the keys, lengths, kinds and shapes of others.

    Args:
        where: what is checked; the last part is the name of the value.
        found: in a checkpoint.
        like: what this run would write.
        fixed: tells of a name whether its numbers must be the very same, as settings are.
        finite: whether tensors must hold finite numbers alone.

    Raises:
        ValueError: naming the first part that differs.
    """
    if isinstance(like, Tensor):
        sound = isinstance(found, Tensor) and _describe(found) == _describe(like)
        sound = sound and (not finite or _is_finite(found))
    elif isinstance(like, Mapping):
        sound = isinstance(found, dict) and found.keys() == like.keys()
    elif isinstance(like, list | tuple):
        sound = type(found) is type(like) and len(found) == len(like)
    elif isinstance(like, float | int) and not isinstance(like, bool):
        name = where.rpartition(".")[2]
        sound = is_number(found, -_MOST, _MOST) or (
            isinstance(found, float) and not math.isfinite(like)
        )
        sound = sound and (found == like or not fixed(name))
    else:
        sound = type(found) is type(like) and found == like
    if not sound:
        raise ValueError(where)
    for name, part, other in _parts(found, like):
        inner = f"{where}.{name}" if isinstance(name, str) else where
        check_form(inner, part, other, fixed=fixed, finite=finite)


def check_schedule(found: Any, like: Any, *, named: bool) -> None:
    """Check the state of a schedule, whose settings are those of today where it is a named one."""
    check_form("schedule", found, like, fixed=lambda name: named and name not in COUNTED)


def check_groups(found: Any, like: Any, *, named: bool) -> None:
    """Check the settings of an optimiser; another version of torch may know more of them.

    Raises:
        ValueError: naming the first that differs.
    """
    where = "optimizer.param_groups"
    if not isinstance(found, list) or len(found) != len(like):
        raise ValueError(where)
    for ours, theirs in zip(found, like, strict=True):
        common = ours.keys() & theirs.keys()
        here = {name: ours[name] for name in common}
        there = {name: theirs[name] for name in common}
        check_form(where, here, there, fixed=lambda name: named and name not in MOVING)


def check_optimizer(
    found: Mapping[Any, Any],
    like: Optimizer,
    weights: Sequence[Tensor],
    make: Callable[[list[nn.Parameter]], Optimizer],
) -> None:
    """Check the state of an optimiser against that which another one has after a step.

    Raises:
        ValueError: naming the first part that differs.
    """
    if not found:
        return
    copies = [nn.Parameter(torch.zeros_like(weight)) for weight in weights]
    for one in copies:
        one.grad = torch.zeros_like(one)
    trial = make(copies)
    trial.load_state_dict({"state": {}, "param_groups": like.state_dict()["param_groups"]})
    trial.step()
    after = trial.state_dict()["state"]
    for number, state in found.items():
        # Squares of gradients may have overflown; weights then stand still.
        check_form(f"optimizer.state.{number}", state, after[number], finite=False)


def check_place(position: Any, history: Any, epochs: int, batches: int) -> None:
    """Check where a run stands, and what it has gone through.

    Raises:
        ValueError: when there is no such place in it.
    """
    epoch, index, total, items = position
    if not (
        isinstance(position, tuple)
        and is_whole(epoch, 0, epochs)
        and is_whole(index, 0, batches - 1 if epoch < epochs else 0)
        and is_number(total)
        and is_whole(items, 0, _MOST)
    ):
        raise ValueError("position")
    best, validation = history["best_epoch"], history["validation"]
    if not (
        history.keys() == {"losses", "validation", "best_epoch", "stopped"}
        and _are_numbers(history["losses"], {epoch})
        and _are_numbers(validation, {0, epoch})
        and (is_whole(best, 1, epoch) if validation else best is None)
        and history["stopped"] in ("epochs", "patience")
    ):
        raise ValueError("history")


def check_average(found: Any, weights: Sequence[Tensor] | None) -> None:
    """Check the average of the weights; None for a run that keeps none.

    Raises:
        ValueError: when it is not one of these weights.
    """
    if weights is None:
        sound = found is None
    else:
        sound = found.keys() == {"steps", "weights"} and is_whole(found["steps"], 0, _MOST)
    if not sound:
        raise ValueError("average")
    if weights is not None and found["weights"] is not None:
        check_form("average", found["weights"], list(weights))


def check_states(value: Any) -> None:
    """Check that a recurrent state is a nest of finite tensors.

    Raises:
        ValueError: when it is not.
    """
    if isinstance(value, State):
        value = value.to_tensors()
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            check_states(part)
    elif value is not None and not (isinstance(value, Tensor) and _is_finite(value)):
        raise ValueError("state")


def check_generators(found: Any, like: Any) -> None:
    """Check the states of generators: numpy takes any place in its list, and reads what lies there.

    Raises:
        ValueError: naming the one that has no such state.
    """
    for name in ("torch", "numpy"):
        check_form(f"generators.{name}", found[name], like[name])
    if not is_whole(found["numpy"][2], 0, len(found["numpy"][1])):
        raise ValueError("generators.numpy")
    if not (found["python"][2] is None or is_number(found["python"][2])):
        raise ValueError("generators.python")


def _describe(tensor: Tensor) -> tuple[Any, ...]:
    return tensor.shape, tensor.dtype


def _is_finite(tensor: Tensor) -> bool:
    return bool(torch.isfinite(tensor).all())


def _parts(found: Any, like: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Yield name, and both values, of the parts of two that are of one form."""
    names: Any = like if isinstance(like, Mapping) else ()
    if isinstance(like, list | tuple):
        names = range(len(like))
    for name in names:
        yield name, found[name], like[name]


def _are_numbers(values: Any, counts: Collection[int]) -> bool:
    return isinstance(values, list) and len(values) in counts and all(map(is_number, values))
