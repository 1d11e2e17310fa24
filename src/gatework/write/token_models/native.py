"""A token model on the native kernels, without torch."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import cast

import numpy as np

from gatework.checks import one_of, refuse
from gatework.errors import DataError, FileFormatError, OptionError
from gatework.runtime import PackedTokenModel, load_tokens
from gatework.runtime.packing import Storage
from gatework.runtime.token_stepper import TokenStepper
from gatework.write.sampling.settings import Sampling
from gatework.write.vocabulary import Vocabulary


def open_native_token_model(
    path: str | os.PathLike[str], *, storage: str = "int8", threads: int = 1
) -> NativeTokenModel:
    """Return a token model on a saved Writer, run by the native kernels.

    Args:
        path: of the model file.
        storage: how the weights are kept: "float32", "float16" or "int8".
        threads: at most so many work where a long text is read at once.

    Raises:
        OptionError: when the file holds another kind of model, or an argument is out of range.
        InputFileError, FileFormatError: when there is no such file, or it is damaged.
    """
    refuse(one_of(("float32", "float16", "int8"))("storage", storage))
    model = load_tokens(path, cast(Storage, storage), threads=threads)
    try:
        return NativeTokenModel(model)
    except (DataError, OptionError) as error:
        raise FileFormatError(
            f"{os.fspath(path)} has a vocabulary that is not sound: {error}"
        ) from error


class NativeTokenModel:
    """A token model on a language model of the runtime.

    Attributes:
        model: the language model.
        vocabulary: the tokens that it reads and writes.
        rows: B, texts side by side.

    Raises:
        DataError, OptionError: when the tokens of the model are no vocabulary.
    """

    def __init__(self, model: PackedTokenModel) -> None:
        self.model = model
        given = model.tokens[2:] if model.level != "bytes" else ()
        self.vocabulary = Vocabulary(model.level, given)
        if self.vocabulary.tokens != model.tokens:
            raise DataError("the tokens are not the 256 bytes")
        self.start(1)

    def start(self, rows: int) -> None:
        """Begin so many texts."""
        self._stepper: TokenStepper = self.model.stepper(rows)
        self._make_room()

    def step(self, tokens: np.ndarray) -> np.ndarray:
        """Read a token in each row (B); return log-probabilities of what follows, (B, V)."""
        return self._stepper.step(tokens, self._logs)

    def keep(self, rows: np.ndarray) -> None:
        """Go on with these rows in this order; one may be left out, another taken twice."""
        self._stepper.keep(rows)
        self._make_room()

    @property
    def hidden(self) -> np.ndarray:
        """What the last step handed to the head, (B, O)."""
        return self._stepper.hidden

    def write(
        self,
        tokens: np.ndarray,
        sampling: Sampling,
        draws: np.ndarray,
        *,
        recent: np.ndarray,
        allow_end: bool,
    ) -> np.ndarray:
        """Read a token in each row, choose the next, read that one, and so on, (B, N).

        See ``SamplingTokenModel`` for the shapes; the same tokens as by ``step`` and ``choose``.
        """
        settings = asdict(sampling)
        del settings["repetition_window"]  # ``recent`` has it already
        return self._stepper.write(tokens, draws, recent, allow_end=allow_end, **settings)

    def _make_room(self) -> None:
        self.rows = self._stepper.batch
        self._logs = np.empty((self.rows, self.model.vocabulary_size), self.model.dtype)
