"""Dynamic evaluation: a network goes on learning from the text that it is scored on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gatework.checks import checked, number, refuse, whole, wrong_fields
from gatework.errors import DataError, OptionError, TrainingError
from gatework.write.scoring.judged import Judged, joined, judged
from gatework.write.scoring.score import Score
from gatework.write.vocabulary import Vocabulary

SGD_RATE = 0.1
RMS_RATE = 0.002

Head = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class DynamicEvaluation:
    """How a network learns from the text that it is scored on, chunk by chunk.

    Equations (g the gradient of a chunk's mean loss, w the weights, w0 those before the text):

        SGD:  w <- w - learning_rate g + decay (w0 - w)
        RMS:  w <- w - learning_rate g / (sqrt(m) + epsilon) + min(decay r, 1) (w0 - w)

    with m the mean squared gradients of a training text and r = sqrt(m) / mean(sqrt(m)).

    Args:
        learning_rate: of the update; 0 leaves the weights alone, None stands for 0.1 with SGD and
            0.002 with RMS.
        decay: how much of the way back to the weights before the text is gone at each update.
        chunk: tokens between two updates.
        epsilon: keeps weights that had hardly any gradient from great steps; RMS only.

    Raises:
        OptionError: naming all arguments that are out of range.

    Source: Krause, Kahembwe, Murray, Renals 2018, arXiv:1709.07432, section 4.
    """

    learning_rate: float | None = checked(None, number(0, 100))
    decay: float = checked(0.02, number(0, 1))
    chunk: int = checked(20, whole(1))
    epsilon: float = checked(0.002, number(1e-12, 1))

    def __post_init__(self) -> None:
        refuse(wrong_fields(self), "dynamic evaluation is not possible so: ")


def score_dynamically(
    network: nn.Module,
    vocabulary: Vocabulary,
    text: str,
    settings: DynamicEvaluation | None = None,
    *,
    squares: Mapping[str, Tensor] | None = None,
    head: Head | None = None,
    with_end: bool = False,
) -> Score:
    """Return how well a network foresaw a text while it went on learning from it.

    Each token is judged before anything is learned from it. The network is in evaluation mode
    meanwhile; afterwards its weights and its mode are as they were.

    Args:
        network: called as ``output, state = network(tokens, state)`` with tokens (1, T) and a
            state that is None at first.
        vocabulary: of the network.
        text: what is read, as a document.
        settings: None stands for DynamicEvaluation().
        squares: mean squared gradients by the names of the parameters, from ``gradient_squares``;
            with them the update is RMS, without them SGD.
        head: turns the output into scores (1, T, V), for instance log-probabilities; None where
            the output is the scores.
        with_end: whether the end of the document is judged as well, as a last token.

    Raises:
        OptionError: ``squares`` are those of another network.
        TrainingError: the weights run away, so that the loss is no longer a number.
    """
    settings = settings or DynamicEvaluation()
    tokens = vocabulary.encode(text)
    if with_end:
        tokens = np.concatenate([tokens, [Vocabulary.END]])
    blocks: list[Judged] = []
    with _evaluating(network) as parameters:
        update = _Update(parameters, settings, squares)
        chunks = _chunks(network, tokens, settings.chunk, head)
        for first, (wanted, logs) in enumerate(chunks):
            loss = torch.nn.functional.nll_loss(logs, wanted)
            if not torch.isfinite(loss):
                raise TrainingError(
                    f"dynamic evaluation ran away before token {first * settings.chunk:,}: the "
                    f"loss is {loss.item()}",
                    hint=f"learning_rate={update.rate / 10:g}",
                )
            blocks.append(judged(logs.detach().cpu().numpy(), wanted.cpu().numpy()))
            if update.rate and (first + 1) * settings.chunk < len(tokens):
                update(_gradients(loss, parameters))
    return Score(vocabulary, text, joined(blocks))


def gradient_squares(
    network: nn.Module,
    vocabulary: Vocabulary,
    text: str,
    *,
    chunk: int = 20,
    head: Head | None = None,
) -> dict[str, Tensor]:
    """Return the mean squared gradient of each weight over the chunks of a training text.

    Args:
        network: as for score_dynamically; it is not changed.
        vocabulary: of the network.
        text: some of what it was trained on; a few hundred chunks are enough.
        chunk: tokens of a chunk, best as many as between two updates.
        head: as for score_dynamically.

    Raises:
        DataError: the text is empty.
    """
    tokens = vocabulary.encode(text)
    if not len(tokens):
        raise DataError("the text for the mean squared gradients is empty")
    count = 0
    with _evaluating(network) as parameters:
        sums = {name: torch.zeros_like(parameter) for name, parameter in parameters.items()}
        for wanted, logs in _chunks(network, tokens, chunk, head):
            loss = torch.nn.functional.nll_loss(logs, wanted)
            for name, gradient in _gradients(loss, parameters).items():
                sums[name] += gradient.square()
            count += 1
    return {name: one / count for name, one in sums.items()}


class _Update:
    """Moves the weights after each chunk."""

    def __init__(
        self,
        parameters: dict[str, nn.Parameter],
        settings: DynamicEvaluation,
        squares: Mapping[str, Tensor] | None,
    ) -> None:
        given = settings.learning_rate
        self.rate = (SGD_RATE if squares is None else RMS_RATE) if given is None else given
        self._parameters = parameters
        self._before = {name: one.detach().clone() for name, one in parameters.items()}
        self._scale: dict[str, Tensor | float] = dict.fromkeys(parameters, 1.0)
        self._decay: dict[str, Tensor | float] = dict.fromkeys(parameters, settings.decay)
        if squares is not None:
            _check_squares(squares, parameters)
            roots = {name: squares[name].sqrt() for name in parameters}
            size = sum(root.numel() for root in roots.values())
            mean = sum(float(root.double().sum()) for root in roots.values()) / size
            for name, root in roots.items():
                self._scale[name] = 1 / (root + settings.epsilon)
                share = root / mean if mean else torch.ones_like(root)
                self._decay[name] = (settings.decay * share).clamp(max=1.0)

    @torch.no_grad()
    def __call__(self, gradients: dict[str, Tensor]) -> None:
        for name, gradient in gradients.items():
            weight = self._parameters[name]
            back = self._decay[name] * (self._before[name] - weight)
            weight += back - self.rate * self._scale[name] * gradient


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[dict[str, nn.Parameter]]:
    """Lend the weights of a network; put them and the modes of its modules back afterwards."""
    parameters = {name: one for name, one in network.named_parameters() if one.requires_grad}
    before = {name: one.detach().clone() for name, one in parameters.items()}
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        with torch.enable_grad():
            yield parameters
    finally:
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(before[name])
        for module, mode in modes.items():
            module.training = mode


def _chunks(
    network: nn.Module, tokens: np.ndarray, size: int, head: Head | None
) -> Iterator[tuple[Tensor, Tensor]]:
    """Read tokens; yield those of each chunk (T) and their log-probabilities (T, V)."""
    device = next(network.parameters()).device
    wanted = torch.from_numpy(tokens).to(device)
    read = torch.cat([wanted.new_full((1,), Vocabulary.END), wanted[:-1]])
    state: Any = None
    for first in range(0, len(wanted), size):
        output, state = network(read[None, first : first + size], _detached(state))
        scores = output if head is None else head(output)
        yield wanted[first : first + size], scores[0].float().log_softmax(dim=-1)


def _gradients(loss: Tensor, parameters: dict[str, nn.Parameter]) -> dict[str, Tensor]:
    found = torch.autograd.grad(loss, list(parameters.values()), allow_unused=True)
    named = zip(parameters, found, strict=True)
    return {name: gradient for name, gradient in named if gradient is not None}


def _detached(state: Any) -> Any:
    """Return a state cut off from the graph: a tensor, a State, or any of them in sequences."""
    if isinstance(state, tuple | list):
        return type(state)(_detached(one) for one in state)
    return state if state is None else state.detach()


def _check_squares(squares: Mapping[str, Tensor], parameters: Mapping[str, Tensor]) -> None:
    """Check that mean squared gradients belong to a network.

    Raises:
        OptionError: when they do not.
    """
    for name, parameter in parameters.items():
        if name not in squares or squares[name].shape != parameter.shape:
            came = tuple(squares[name].shape) if name in squares else "none"
            raise OptionError(
                f"squares must be those of this network: {name} is {tuple(parameter.shape)}, "
                f"got {came}",
                hint="squares=gradient_squares(network, vocabulary, text)",
            )
