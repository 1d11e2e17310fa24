"""A loaded language model: what may follow each token of a text."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from gatework.errors import FORGED, FileFormatError, OptionError, ShapeError
from gatework.runtime.architecture import fault
from gatework.runtime.native import target
from gatework.runtime.packing import PackedModel, Packer, Storage, check_batch, check_storage
from gatework.runtime.refusals import check_tokens
from gatework.runtime.state import State
from gatework.runtime.token_stepper import TokenStepper
from gatework.runtime.words import KEPT_TEXT, TokenArchitecture, words_of
from gatework.storage import Tensor, read_sealed
from gatework.system.names import AnyPath

KIND = "writer"


def load_tokens(
    path: AnyPath, storage: Storage | None = None, *, threads: int = 1
) -> PackedTokenModel:
    """Read a language model that ``gatework.save`` wrote; nothing in the file is executed.

    Args:
        path: of the file: a fitted ``gatework.write.Writer``.
        storage: how the weights are kept; see ``load``. What the first layer makes of each token
            is computed once, from the weights as they are in the file.
        threads: at most so many work on a call of the model. A step always takes one.

    Raises:
        OptionError: when an argument is out of range, or the file holds another kind of model.
        InputFileError: when there is no such file or it cannot be read.
        FileFormatError: when the file is damaged, altered, or its tensors are not those that its
            configuration asks for.
    """
    check_storage(storage, threads)
    chosen = target()
    name = os.fsdecode(path)
    sealed = read_sealed(path)
    if sealed.kind != KIND:
        other = {"lstm": "load(path)", "forecaster": "load(path)"}.get(sealed.kind)
        raise OptionError(
            f"{name} holds {sealed.kind!r}, but a language model is expected, {KIND!r}",
            hint=f"gatework.runtime.{other}" if other else "gatework write train FILE --out MODEL",
        )
    try:
        words = words_of(sealed.config)
    except FORGED as error:
        raise FileFormatError(f"{name} has a configuration that is not sound: {error}") from error
    dtype = words.architecture.stack.dtype
    weights = sealed.tensors
    if sealed.config.get(KEPT_TEXT) is not None:
        prefix = f"{KEPT_TEXT}."
        weights = {name: t for name, t in weights.items() if not name.startswith(prefix)}
    if wrong := fault(words.expected(), dtype, weights):
        raise FileFormatError(f"{name} {wrong}")
    kept = storage or ("float64" if dtype == "float64" else "float32")
    return _build(words, weights, kept, chosen, threads)


def _build(
    words: TokenArchitecture,
    tensors: Mapping[str, Tensor],
    storage: Storage,
    chosen: str,
    threads: int,
) -> PackedTokenModel:
    """Pack weights that are as expected, for the instruction set ``chosen``."""
    packer = Packer(tensors, storage, chosen)
    network, weight = packer.network, packer.weight
    network.add_words(weight("embedding.weight"))
    packer.add_cells(words.architecture.members[0])
    if words.cutoffs:
        network.add_scores(weight("head.head.weight"))
        for i in range(len(words.cutoffs)):
            network.add_tail(weight(f"head.tail.{i}.0.weight"), weight(f"head.tail.{i}.1.weight"))
    else:
        shared = "embedding.weight" if words.tied else "head.weight"
        network.add_scores(weight(shared), weight("head.bias"))
    return PackedTokenModel(words, packer, threads)


class PackedTokenModel(PackedModel):
    """A language model with packed weights; ``gatework.runtime.load_tokens`` makes it.

    Attributes:
        level: what its tokens are: "char", "word" or "bytes".
        tokens: all of them, by their numbers; the first two are the marks END and UNKNOWN.
        vocabulary_size: V.
        output_size: O, values that the last layer hands to the head.
        dtype: of log-probabilities and states.
        storage: how the weights are kept.
        packed_bytes: what they take.
        target: the instruction set that is used.
        threads: at most so many work on a call.
    """

    def __init__(self, words: TokenArchitecture, packer: Packer, threads: int) -> None:
        super().__init__(packer, threads)
        self.level, self.tokens = words.level, words.tokens
        self.vocabulary_size = len(words.tokens)
        self.output_size = words.output_size

    def __repr__(self) -> str:
        return (
            f"PackedTokenModel({self.level!r}, {self.vocabulary_size} tokens, "
            f"storage={self.storage!r}, target={self.target!r})"
        )

    def run(
        self,
        tokens: np.ndarray,
        targets: np.ndarray | None = None,
        state: Mapping[str, np.ndarray] | None = None,
    ) -> tuple[np.ndarray, State]:
        """Read texts side by side; return log-probabilities after each token, and the state.

        With targets only their log-probabilities are kept, so that a long text needs little
        memory.

        Args:
            tokens: what is read.
            targets: what followed.
            state: what an earlier run or a stepper returned; None starts anew.

        Shapes:
            tokens: (T, B), int64. targets: (T, B), int64. log-probabilities: (T, B) of the
            targets, or (T, B, V) of all tokens.

        Raises:
            ShapeError: when sizes, dtypes or the state do not fit, or a token has a number that
                is not in the vocabulary.
        """
        read = check_tokens("tokens", tokens, 2, self.vocabulary_size)
        T, B = read.shape
        if targets is not None:
            targets = check_tokens("targets", targets, 2, self.vocabulary_size)
            if targets.shape != read.shape:
                raise ShapeError(f"targets must have the shape {read.shape}, got {targets.shape}")
        layout, V = self.layout, self.vocabulary_size
        rows = layout.initial_rows(B) if state is None else layout.to_rows(state, B)
        ended = np.empty_like(rows)
        logs = np.empty((T, B) if targets is not None else (T * B, V), self.dtype)
        self.network.run_tokens(read, targets, rows, logs, ended, self.threads)
        return logs.reshape(T, B, V) if targets is None else logs, layout.to_state(ended)

    def stepper(self, batch: int = 1) -> TokenStepper:
        """Return a stepper, which reads and writes a token at a time in ``batch`` rows.

        Raises:
            OptionError: when ``batch`` is no whole number from 1.
        """
        return TokenStepper(self, check_batch(batch))
