"""The one network inside a module of torch, and what the module does before and after it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence
from torch.utils.hooks import RemovableHandle

from gatework.cell import CellState
from gatework.errors import GateworkError, OptionError, counted
from gatework.network import LSTM, State
from gatework.network.accelerate import AcceleratedLSTM
from gatework.network.stack import RecurrentStack

CLOSE = 1e-3
"""How far the numbers of torch's LSTM may be from ours before it counts as something else."""
_OTHERS = (nn.RNNBase, nn.RNNCellBase)
_WRAPPERS = (nn.DataParallel, nn.parallel.DistributedDataParallel)


def unwrapped(model: nn.Module) -> nn.Module:
    """Return the module that is trained on several devices, without what spreads it."""
    return unwrapped(model.module) if isinstance(model, _WRAPPERS) else model


def part_of(model: nn.Module, part: str | None = None) -> nn.Module:
    """Return the network of a module: an LSTM or RNN of Gatework, or an LSTM of torch.

    Raises:
        OptionError: there is none, or more than one and ``part`` names none of them.
    """
    kind = type(model).__name__
    named = dict(model.named_modules())
    found = {name: one for name, one in named.items() if _is_network(one)}
    if part is not None and part in found:
        return found[part]
    if part is not None or len(found) > 1:
        names = ", ".join(map(repr, found)) or "none"
        asked = "" if part is None else f", and {part!r} is none of them"
        first = next(iter(found), "")
        raise OptionError(
            f"a {kind} holds {len(found)} networks: {names}{asked}",
            hint=f"run_of(model, data, part={first!r}), or pass {_path(model, found[first])}"
            if found
            else "leave part out",
        )
    if found:
        return next(iter(found.values()))
    for name, one in named.items():
        if isinstance(one, _OTHERS):
            ours = "RNN" if isinstance(one, nn.RNN | nn.RNNCell) else "LSTM"
            raise OptionError(
                f"{name or 'the model'} is a {type(one).__name__} of torch, and only its LSTM can "
                "be looked into",
                hint=f"train the model with gatework.{ours}({one.input_size}, "
                f"[{one.hidden_size}]) in its place",
            )
    raise OptionError(
        f"a {kind} holds 0 networks that can be looked into",
        hint="pass an LSTM, an RNN, an estimator, or a module that holds a torch.nn.LSTM",
    )


def as_ours(part: Any) -> RecurrentStack:
    """Return a network as one of Gatework, with the same weights."""
    return part if isinstance(part, RecurrentStack) else LSTM.from_torch(part)


class Surroundings:
    """What a module does before and after its network, found by running it.

    The module must call the network once, on a batch of sequences; features come last. Each thread
    that calls meets its own hooks alone: two may look into one module at a time.
    """

    def __init__(self, model: nn.Module, part: Any, network: RecurrentStack, raw: Tensor) -> None:
        self.model, self.part, self.network = model, part, network
        self.path = _path(model, part)
        self.start: State | None = None
        self.once = False
        with torch.no_grad():
            self.swapped = self._layout(raw)
            output = self._check(raw)
            self.count = self._settle(output, raw)

    def enter(self, raw: Tensor) -> Tensor:
        """Return what the network sees of raw numbers (T, 1, S), (T, 1, I)."""
        return _over_time(self._called(raw, self.swapped)[0], self.part.batch_first)

    def head(self, output: Tensor, raw: Tensor, ended: State | None = None) -> Tensor:
        """Return the results (T, K); NaN before the last step where they come once.

        ``ended`` is the state in which the network ended, where that is another than its own.
        """
        result = self._result(output, raw, ended)
        if not self.once:
            steps = _over_time(result, self.swapped) if result.dim() == 3 else result
            return steps.reshape(len(output), -1)
        flat = result.reshape(1, -1)
        return torch.cat([flat.new_full((len(output) - 1, flat.shape[1]), torch.nan), flat])

    def _layout(self, raw: Tensor) -> bool:
        """Return whether the module takes the batch first."""
        shapes, reason = [], None
        for swapped in (self.part.batch_first, not self.part.batch_first):
            try:
                x, start = self._called(raw, swapped)
            except Exception as error:  # whatever the module does with what it cannot take
                reason = reason or error
                continue
            x = _over_time(x, self.part.batch_first)
            if x.dim() == 3 and x.shape[:2] == raw.shape[:2]:
                self.start = self._state(start)
                return swapped
            shapes.append(tuple(x.shape))
        kind = type(self.model).__name__
        if isinstance(reason, GateworkError):
            raise reason
        if not shapes:
            raise OptionError(
                f"a {kind} cannot be run on {counted(len(raw), 'step')} of "
                f"{counted(raw.shape[2], 'feature')}: {reason}",
                hint=self._alone(),
            ) from reason
        raise OptionError(
            f"the network of this {kind} sees the shape {shapes[0]} where "
            f"{counted(len(raw), 'step')} of one sequence are given",
            hint=f"pass the network itself, and what it sees: run_of({self.path}, seen)",
        )

    def _called(self, raw: Tensor, swapped: bool) -> tuple[Tensor, Any]:
        """Return what the network is called with: its input, and the state."""
        calls: list[tuple[Any, Any]] = []

        def catch(_module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
            given = dict(zip(("input", "hx"), args, strict=False)) | named
            inputs = given.get("input", given.get("x"))
            calls.append((inputs, given.get("hx", given.get("state"))))

        with _hooked(self.part.register_forward_pre_hook, catch, with_kwargs=True):
            self.model(_over_time(raw, swapped))
        if len(calls) != 1:
            raise OptionError(
                f"a {type(self.model).__name__} calls its network {len(calls)} times in a run, and "
                "one call over the whole sequence can be looked into",
                hint=f"pass the network itself: run_of({self.path}, data)",
            )
        return _unpacked(calls[0][0], self.part.batch_first), calls[0][1]

    def _alone(self) -> str:
        """Return the hint on how its network is looked into alone, whatever its model takes."""
        for name, one in self.model.named_modules():
            if isinstance(one, nn.Embedding):
                seen = f"{_path(self.model, one)}(torch.as_tensor(data)).detach()"
                return f"pass what the network sees of {name!r}: run_of({self.path}, {seen})"
        return f"pass data as the model takes them, or the network: run_of({self.path}, data)"

    def _state(self, given: Any) -> State | None:
        if given is None or isinstance(given, State):
            return given
        hidden, cell = given
        width = len(self.network.directions)
        cells = [CellState(h.detach(), c.detach()) for h, c in zip(hidden, cell, strict=True)]
        return State([cells[at : at + width] for at in range(0, len(cells), width)])

    def _check(self, raw: Tensor) -> Tensor:
        """Return the network's output (T, 1, P), having held ours against what the module ran."""
        outputs: list[Tensor] = []

        def keep(_module: nn.Module, _args: Any, found: Any) -> None:
            output = _unpacked(found[0], self.part.batch_first)
            outputs.append(_over_time(output, self.part.batch_first))

        with _hooked(self.part.register_forward_hook, keep):
            inputs = self.enter(raw)
        ours = self.network(_over_time(inputs, self.network.batch_first), self.start)[0]
        ours = _over_time(ours, self.network.batch_first)
        if not torch.allclose(ours, outputs[0], rtol=CLOSE, atol=CLOSE, equal_nan=True):
            raise OptionError(
                f"the {type(self.part).__name__} of this {type(self.model).__name__} gives other "
                "numbers than the equations of an LSTM with its weights",
                hint="remove what changes it at each run, such as hooks or pruning",
            )
        return ours

    def _settle(self, output: Tensor, raw: Tensor) -> int:
        """Find out whether results come once or at each step; return how many."""
        T, whole = len(raw), self._result(output, raw).numel()
        if T == 1:
            return whole
        try:
            shorter = self._result(output[:-1], raw[:-1]).numel()
        except Exception:  # a module of one length, which answers once
            shorter = whole
        self.once = shorter == whole
        if not self.once and shorter * T != whole * (T - 1):
            raise OptionError(
                f"a {type(self.model).__name__} gives {counted(whole, 'number')} for "
                f"{counted(T, 'step')}, and {shorter} "
                f"for {T - 1}: neither the same for each step, nor for the whole",
                hint=f"pass the network itself: run_of({self.path}, data)",
            )
        return whole if self.once else whole // T

    def _result(self, output: Tensor, raw: Tensor, ended: State | None = None) -> Tensor:
        """Return what the module says where its network gives ``output`` (T, 1, P)."""

        def replace(_module: nn.Module, _args: Any, found: Any) -> Any:
            state = self._ended(output, found[1]) if ended is None else _like(found[1], ended)
            if isinstance(found[0], PackedSequence):
                return found[0]._replace(data=output[:, 0]), state
            return _over_time(output, self.part.batch_first), state

        with _hooked(self.part.register_forward_hook, replace):
            result = self.model(_over_time(raw, self.swapped))
        result = result[0] if isinstance(result, tuple | list) else result
        if not isinstance(result, Tensor):
            raise OptionError(
                f"a {type(self.model).__name__} returns a {type(result).__name__}, and a tensor, "
                "or a tuple that begins with one, can be shown",
                hint=f"pass the network itself: run_of({self.path}, data)",
            )
        return result

    def _ended(self, output: Tensor, state: Any) -> Any:
        """Return the last state, the hidden one of the last layer as the output has it."""
        ends = [output[-1]]
        if self.network.bidirectional:
            ahead, back = output.chunk(2, dim=-1)
            ends = [ahead[-1], back[0]]
        if isinstance(state, State):
            row = [
                cell._replace(hidden=end) for cell, end in zip(state.layers[-1], ends, strict=True)
            ]
            return State([*state.layers[:-1], row], batched=state.batched)
        return torch.cat([state[0][: -len(ends)], torch.stack(ends)]), state[1]


def _like(state: Any, ended: State) -> Any:
    """Return a state as a module's network gives it: as it is, or as torch's pair of tensors."""
    if isinstance(state, State):
        return State(ended.layers, batched=state.batched)
    parts = [(one.hidden, one.cell) for row in ended.layers for one in row if one.cell is not None]
    return tuple(map(torch.stack, zip(*parts, strict=True)))


@contextmanager
def _hooked(
    register: Callable[..., RemovableHandle], hook: Callable[..., Any], **how: bool
) -> Iterator[None]:
    """Call ``hook`` where this thread runs a module; others may run the same one meanwhile."""
    caller = threading.get_ident()

    def ours(*given: Any) -> Any:
        return hook(*given) if threading.get_ident() == caller else None

    handle = register(ours, **how)
    try:
        yield
    finally:
        handle.remove()


def _unpacked(x: Any, batch_first: bool) -> Tensor:
    """Return one sequence without the packing that a module may have put around it."""
    return x.data.unsqueeze(0 if batch_first else 1) if isinstance(x, PackedSequence) else x


def _path(model: nn.Module, part: nn.Module) -> str:
    """Return what a part is called in Python, such as model.layers[0].lstm."""
    names = next((name for name, one in model.named_modules() if one is part), "").split(".")
    return "model" + "".join(f"[{one}]" if one.isdigit() else f".{one}" for one in names if one)


def _over_time(x: Tensor, swapped: bool) -> Tensor:
    return x.transpose(0, 1) if swapped and x.dim() > 1 else x


def _is_network(module: nn.Module) -> bool:
    if isinstance(module, RecurrentStack):
        return True
    own = type(module).forward in (nn.LSTM.forward, AcceleratedLSTM.forward)
    return isinstance(module, nn.LSTM) and own
