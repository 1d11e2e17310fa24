"""Every torch.nn.LSTM of a model run by Gatework's kernels: same modules, weights and numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrize
from torch.nn.utils.rnn import PackedSequence

from gatework.cell import CellOptions, CellState, LSTMCell, Weights
from gatework.errors import OptionError
from gatework.kernels import choose, inference, run
from gatework.kernels.native import DTYPES
from gatework.kernels.path import VARIABLE
from gatework.network.comparison import ModelComparison, compare, own_copy
from gatework.network.direct import ZEROS, Start, run_layers
from gatework.network.lengths import repack, unpack, valid_steps

Model = TypeVar("Model", bound=nn.Module)

ROOT = "the model itself"


@dataclass(frozen=True)
class Accelerated(Generic[Model]):
    """What ``accelerate`` did to a model; printed, a line for each recurrent module.

    Attributes:
        model: the model that was given, changed in place.
        swapped: names of the modules that run on Gatework's kernels, since now or before; the
            model itself has the empty name, as in ``named_modules``.
        kept: name and reason of each recurrent module that stays as it was.
    """

    model: Model
    swapped: tuple[str, ...]
    kept: dict[str, str]

    def undo(self) -> Model:
        """Give torch's own class back to every accelerated module; return the model.

        For what knows that class by name, such as TorchScript or quantization, or a model that is
        pickled for a place without Gatework. A parametrization of its weights stays on it.
        """
        for module in self.model.modules():
            if _accelerated(module):
                cast(Any, module).__class__ = _torch_class(type(module))
        return self.model

    def compare(self, *inputs: Any, **keywords: Any) -> ModelComparison:
        """Compare the model as it is with the same on torch's own LSTM, on a copy of each.

        Takes what the model takes. Forward runs and training steps of both take turns for
        half a second each; the loss of a step is a fixed sum of what the model returns.

        Raises:
            OptionError: when nothing was swapped, all was undone, or the model only holds others.
            ShapeError: when the model returns no tensor of numbers.
        """
        if not _runs(self.model):
            raise OptionError(
                f"a {type(self.model).__name__} has no forward of its own to compare",
                hint="accelerate and compare the module that runs, or one of its parts",
            )
        if not self.swapped:
            kept = "; ".join(f"{name or ROOT}: {reason}" for name, reason in self.kept.items())
            raise OptionError(
                "nothing of the model was swapped, so there is nothing to compare"
                + (f" ({kept})" if kept else ""),
                hint="print(gatework.accelerate(model))",
            )
        if not any(map(_accelerated, self.model.modules())):
            raise OptionError(
                "every module of the model runs on torch's own LSTM since undo(), so there is "
                "nothing to compare",
                hint="gatework.accelerate(model).compare(x)",
            )
        before = Accelerated(own_copy(self.model), self.swapped, self.kept).undo()
        return compare(before, self.model, (inputs, keywords))

    def __str__(self) -> str:
        lines = [f"{name or ROOT}: swapped" for name in self.swapped]
        lines += [f"{name or ROOT}: kept, {reason}" for name, reason in self.kept.items()]
        return "\n".join(lines) or "no recurrent module found"


def accelerate(model: Model) -> Accelerated[Model]:
    """Let every torch.nn.LSTM inside ``model`` run on Gatework's kernels, in place.

    The modules stay the objects they are: parameters, their names, hooks, ``state_dict`` and
    optimizers that hold the weights go on as before, and each still is a torch.nn.LSTM. What the
    kernels do not cover at a call (another device or precision, export) takes torch's way by
    itself. Calling it again changes nothing more. torch.compile breaks its graph at a module of
    torch's LSTM class, this one too, unless ``torch._dynamo.config.allow_rnn`` is set.

    Raises:
        OptionError: when ``model`` is no torch.nn.Module.

    Example:
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.GRU(3, 4))
        >>> print(accelerate(model))
        1: kept, GRU is not torch.nn.LSTM
    """
    if not isinstance(model, nn.Module):
        raise OptionError(
            f"accelerate takes a torch.nn.Module, got {type(model).__name__}",
            hint="gatework.accelerate(model)",
        )
    swapped: list[str] = []
    kept: dict[str, str] = {}
    for name, module in model.named_modules():
        if not _recurrent(module):
            continue
        if not _accelerated(module):
            reason = _obstacle(module)
            if reason is not None:
                kept[name] = reason
                continue
            cast(Any, module).__class__ = AcceleratedLSTM
        swapped.append(name)
    return Accelerated(model, tuple(swapped), kept)


class AcceleratedLSTM(nn.LSTM):
    """A torch.nn.LSTM whose forward runs on Gatework's kernels; see accelerate.

    Takes and returns what torch.nn.LSTM does, packed sequences included, with the same numbers.
    """

    def forward(  # type: ignore[override]
        self, input: Tensor | PackedSequence, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor | PackedSequence, tuple[Tensor, Tensor]]:
        """Run the layers over a batch, a single sequence or a packed sequence.

        Shapes:
            as for torch.nn.LSTM.
        """
        found = self._run_directly(input, hx)
        if found is not None:
            return found
        if torch.is_autocast_enabled("cpu"):
            input, hx = self._in_own_precision(input, hx)
        packed = isinstance(input, PackedSequence)
        if not self._covers(input.data if packed else input, hx, packed):
            return cast(Any, super().forward(cast(Any, input), hx))
        if isinstance(input, PackedSequence):
            x, lengths = unpack(input)
            valid = valid_steps(lengths, x.shape[0], x.device)
            self._check(input.data, hx, input.batch_sizes)
            y, new = self._layers(x, hx, valid)
            return repack(y, lengths, input), new
        x, batched = input, input.dim() == 3
        if not batched:
            x = x.unsqueeze(1)
            hx = None if hx is None else (hx[0].unsqueeze(1), hx[1].unsqueeze(1))
        elif self.batch_first:
            x = x.transpose(0, 1)
        self._check(x.transpose(0, 1) if self.batch_first else x, hx, None)
        y, (h, c) = self._layers(x, hx, None)
        if not batched:
            return y.squeeze(1), (h.squeeze(1), c.squeeze(1))
        return (y.transpose(0, 1) if self.batch_first else y), (h, c)

    def cells(self) -> Iterator[list[LayerCell]]:
        """Yield the cells of each layer, one a direction, around the weights as they are now."""
        for layer in range(self.num_layers):
            ends = (f"_l{layer}", f"_l{layer}_reverse")[: 2 if self.bidirectional else 1]
            yield [LayerCell(self, end) for end in ends]

    def _run_directly(self, x: Any, hx: Any) -> tuple[Tensor, tuple[Tensor, Tensor]] | None:
        """Run the layers the short way; None where there is more to do, or to refuse."""
        target = inference.target(x)
        if target is None or x.dim() != 3 or 0 in x.shape or x.shape[2] != self.input_size:
            return None
        if self.training and self.dropout:
            return None
        x = x.transpose(0, 1) if self.batch_first else x
        rows = self._rows(x, hx)
        if rows is None:
            return None
        y, ended = run_layers(x, rows, target)
        y = y.transpose(0, 1) if self.batch_first else y
        return y, _stacked([state for row in ended for state in row])

    def _rows(self, x: Tensor, hx: Any) -> list[list[tuple[Any, Start]]] | None:
        """Return weights and start of each layer and direction, None where they do not fit."""
        parameters: Any = self._parameters
        width = 2 if self.bidirectional else 1
        starts: list[Start] = [ZEROS] * len(self._all_weights)
        if hx is not None:
            B, H = x.shape[1], self.hidden_size
            shapes = ((len(starts), B, self.proj_size or H), (len(starts), B, H))
            if not isinstance(hx, tuple) or [type(part) for part in hx] != [Tensor, Tensor]:
                return None
            for part, shape in zip(hx, shapes, strict=True):
                if part.shape != shape or part.dtype is not x.dtype or not part.is_cpu:
                    return None
            starts = list(zip(hx[0].unbind(), hx[1].unbind(), strict=True))
        found = []
        for names, start in zip(self._all_weights, starts, strict=True):
            weights = [parameters.get(name) for name in names]
            if any(weight is None for weight in weights):
                return None  # made anew for each run, by pruning or weight norm
            if weights[0].dtype is not x.dtype or not weights[0].is_cpu:
                return None
            if not self.bias:
                weights[2:2] = None, None
            found.append(((*weights, None)[:5], start))
        return [found[i : i + width] for i in range(0, len(found), width)]

    def _in_own_precision(self, given: Any, hx: Any) -> tuple[Any, Any]:
        """Return what came in as autocast would hand it to the kernels, in the weights' dtype."""
        dtype = self.weight_ih_l0.dtype
        if dtype not in DTYPES:
            return given, hx

        def cast_of(value: Any) -> Any:
            floats = isinstance(value, Tensor) and value.is_cpu and value.is_floating_point()
            return value.to(dtype) if floats else value

        if isinstance(given, PackedSequence):
            given = given._replace(data=cast_of(given.data))
        return cast_of(given), tuple(map(cast_of, hx)) if isinstance(hx, tuple) else hx

    def _layers(
        self, x: Tensor, hx: tuple[Tensor, Tensor] | None, valid: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        # x: (T, B, I). valid: (T, B, 1).
        ended: list[CellState] = []
        for layer, row in enumerate(self.cells()):
            runs = []
            for direction, cell in enumerate(row):
                place = layer * len(row) + direction
                if hx is None:
                    state = cell.zero_state(x.shape[1], x)
                else:
                    state = CellState(hx[0][place], hx[1][place])
                runs.append(run(cell, x, state, valid=valid, reverse=direction == 1))
            x = runs[0].output if len(runs) == 1 else torch.cat([r.output for r in runs], dim=-1)
            ended += [r.state for r in runs]
            if self.dropout and layer + 1 < self.num_layers:
                x = functional.dropout(x, self.dropout, self.training)
        return x, _stacked(ended)

    def _covers(self, x: Tensor, hx: tuple[Tensor, Tensor] | None, packed: bool) -> bool:
        # Whatever is unusual, mistakes of the caller included, is left to torch and its messages.
        given = [x, self.weight_ih_l0, *(hx or ())]
        if not all(isinstance(t, Tensor) for t in given) or x.dim() not in (2, 3) or 0 in x.shape:
            return False
        if len({(t.dtype, t.device) for t in given}) > 1 or not _fits(x):
            return False
        if hx is not None and any(t.dim() != (3 if packed else x.dim()) for t in hx):
            return False
        if torch.is_autocast_enabled(x.device.type) and x.device.type != "cpu":
            return False
        if torch.compiler.is_exporting() or torch.onnx.is_in_onnx_export():
            return False
        if not torch.compiler.is_compiling() and torch._C._get_tracing_state() is not None:
            return False  # torch.jit.trace
        return _by_kernel(LayerCell(self, "_l0"), x if x.dim() == 3 else x.unsqueeze(1))[0]

    def _check(
        self, x: Tensor, hx: tuple[Tensor, Tensor] | None, batch_sizes: Tensor | None
    ) -> None:
        if hx is None:
            self.check_input(x, batch_sizes)
        else:
            self.check_forward_args(x, hx, batch_sizes)


def _stacked(ended: list[CellState]) -> tuple[Tensor, Tensor]:
    """Return the states that runs ended with as torch has them, (L * D, B, ...)."""
    if len(ended) == 1 and ended[0].cell is not None:
        return ended[0].hidden.unsqueeze(0), ended[0].cell.unsqueeze(0)
    h = torch.stack([state.hidden for state in ended])
    return h, torch.stack([state.cell for state in ended if state.cell is not None])


class LayerCell(LSTMCell):
    """The cell of one layer and direction of a torch.nn.LSTM, as the kernels take a cell.

    Its parameters stay those of that module, and its one bias is the sum of the module's two, so
    that both receive the gradient.
    """

    def __init__(self, module: nn.LSTM, end: str) -> None:
        # Made for each call, so most of what nn.Module would set up is left out.
        weight = getattr(module, f"weight_ih{end}")
        H, P = module.hidden_size, module.proj_size
        options = CellOptions(weight.shape[1], H, P, bias=bool(module.bias))
        vars(self).update(
            _parameters={},
            _buffers={},
            _modules={},
            _forward_pre_hooks={},
            _forward_hooks={},
            _backward_pre_hooks={},
            _backward_hooks={},
            options=options,
            state_sizes=options.state_sizes(),
            input_size=weight.shape[1],
            hidden_size=H,
            output_size=P or H,
            training=module.training,
            weight_ih=weight,
            owner=module,
            end=end,
        )

    def run_weights(self) -> Weights:
        """Return the weights for one run over a sequence."""
        bias = self._part("bias_ih") + self._part("bias_hh") if self.options.bias else None
        projection = self._part("weight_hr") if self.options.proj_size else None
        return Weights(self.weight_ih, self._part("weight_hh"), bias, projection)

    def plain(self) -> bool:
        """Tell that this is the plain LSTM, possibly projected."""
        return True

    def _part(self, name: str) -> Tensor:
        return getattr(vars(self)["owner"], name + vars(self)["end"])


def _recurrent(module: nn.Module) -> bool:
    if isinstance(module, nn.RNNBase | nn.LSTMCell):
        return True
    scripted = isinstance(module, torch.jit.ScriptModule)
    kind = module.original_name if scripted else type(module).__name__
    return kind == "LSTM" and (scripted or type(module).__module__.startswith("torch.ao."))


def _runs(module: nn.Module) -> bool:
    """Return whether a module can be called: a ModuleDict only holds others."""
    return type(module).forward is not nn.Module.forward or "forward" in vars(module)


def _accelerated(module: nn.Module) -> bool:
    return parametrize.type_before_parametrizations(module) is AcceleratedLSTM


def _torch_class(kind: type) -> type:
    """Return torch's class for an accelerated module, with what parametrizations made of it."""
    if kind is AcceleratedLSTM:
        return nn.LSTM
    own = {k: v for k, v in vars(kind).items() if k not in ("__dict__", "__weakref__")}
    return type(kind.__name__.replace("Accelerated", ""), (nn.LSTM,), own)


def _obstacle(module: nn.Module) -> str | None:
    """Return why a recurrent module is not swapped, None when it can be."""
    kind = type(module)
    if isinstance(module, torch.jit.ScriptModule):
        return "it is compiled by TorchScript"
    if kind.__module__.startswith("torch.ao."):
        return "it is quantized"
    if not isinstance(module, nn.LSTM):
        return f"{kind.__name__} is not torch.nn.LSTM"
    if kind.forward is not nn.LSTM.forward or "forward" in vars(module):
        return f"{kind.__name__} has a forward of its own"
    if kind is not nn.LSTM:
        return f"{kind.__name__} is a subclass of torch.nn.LSTM, not that class itself"
    weight = next(module.parameters())
    if not _fits(weight):
        name = str(weight.dtype).removeprefix("torch.")
        return f"its weights are {name} on {weight.device}, not float32 or float64 on the CPU"
    taken, reason = _by_kernel(LayerCell(module, "_l0"), weight.new_zeros(1, 1, module.input_size))
    return None if taken else f"torch's own operator runs it: {reason}"


def _fits(tensor: Tensor) -> bool:
    return tensor.dtype in DTYPES and tensor.device.type == "cpu"


def _by_kernel(cell: LayerCell, x: Tensor) -> tuple[bool, str]:
    """Tell whether a layer takes a path of ours, or the reference because it is forced."""
    path = choose(cell, x, valid=None, trace=False)
    forced = path.name == "reference" and os.environ.get(VARIABLE) == "reference"
    return path.name not in ("torch", "reference") or forced, path.reason
