"""A stepper of texts: reads and writes a token at a time, or writes many in one call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gatework.errors import DataError, OptionError, ShapeError
from gatework.runtime.refusals import check_tokens
from gatework.runtime.state import State

if TYPE_CHECKING:  # the model makes its steppers: a circle of types alone
    from gatework.runtime.tokens import PackedTokenModel


class TokenStepper:
    """Rows of texts, and the step that goes on with them; ``model.stepper()`` makes it.

    One thread at a time may use it.

    Attributes:
        model: the model that reads.
        batch: B, rows.
    """

    def __init__(self, model: PackedTokenModel, batch: int) -> None:
        self.model = model
        self.batch = batch
        self._native = model.network.token_stepper(batch)
        self._native.set(model.layout.initial_rows(batch))

    def step(self, tokens: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Read a token in each row; return ``out``, or a new array where none is given.

        Shapes:
            tokens: (B), int64. out: (B, V), log-probabilities of the token that follows.

        Raises:
            ShapeError: when an array does not fit, or a token is not in the vocabulary; the state
                is as before.
        """
        shape = (self.batch, self.model.vocabulary_size)
        if out is None:
            out = np.empty(shape, self.model.dtype)
        try:
            self._native.step(tokens, out)
        except (TypeError, ValueError, IndexError):
            checked = self._check(tokens)
            fits = out.shape == shape and out.dtype == self.model.dtype and out.flags.carray
            if not fits:
                raise ShapeError(
                    f"out must be a contiguous array {shape} of {self.model.dtype}"
                ) from None
            self._native.step(checked, out)
        return out

    def write(
        self,
        tokens: np.ndarray,
        draws: np.ndarray,
        recent: np.ndarray | None = None,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        min_p: float | None = None,
        typical: float | None = None,
        repetition_penalty: float = 1.0,
        forbid_unknown: bool = True,
        allow_end: bool = True,
    ) -> np.ndarray:
        """Read a token in each row, choose the next, read that one, and so on.

        How a token is chosen is told by ``gatework.write.sampling.choose``: the penalty for recent
        tokens, the marks that are forbidden, the temperature, the filters and the draw, in this
        order. The last tokens are chosen and not read. A row that came to END has END from there
        on, and its state is of no account.

        Args:
            tokens: to be read first.
            draws: random numbers from 0 to below 1, one for each token that is written.
            recent: tokens that came lately, the last one at the end; None for none.
            temperature: divides the log-probabilities; 0 takes the most likely token.
            top_k: only so many of the most likely tokens; None for all, as below.
            top_p: only the most likely tokens that together have this probability.
            min_p: only tokens with this share of the probability of the most likely one.
            typical: only tokens of usual surprise that together have this probability.
            repetition_penalty: multiplies the log-probability of recent tokens; 1 for none.
            forbid_unknown: never choose UNKNOWN.
            allow_end: END may be chosen.

        Shapes:
            tokens: (B), int64. draws: (B, N), float64. recent: (B, W), int64. returns: (B, N).

        Raises:
            ShapeError: when an array does not fit, or a token is not in the vocabulary.
            OptionError: when a setting is out of range.
            DataError: when log-probabilities are not numbers, or every token is forbidden.
        """
        filters = {"top_k": top_k, "top_p": top_p, "min_p": min_p, "typical": typical}
        settings = _settings(temperature, filters, repetition_penalty)
        first = self._check(tokens)
        came = np.empty((self.batch, 0), np.int64)
        if recent is not None:
            came = check_tokens("recent", recent, 2, self.model.vocabulary_size)
        if draws.ndim != 2 or draws.dtype != np.float64 or len(draws) != self.batch:
            raise ShapeError(
                f"draws must be float64 of the shape ({self.batch}, N), "
                f"got {draws.dtype} of the shape {draws.shape}"
            )
        if len(came) != self.batch:
            raise ShapeError(f"recent must have {self.batch} rows, got {len(came)}")
        if self.model.vocabulary_size == forbid_unknown + (not allow_end):
            raise DataError(
                "the vocabulary holds no token but the marks END and UNKNOWN, and both are "
                "forbidden",
                hint="train on a text that is not empty",
            )
        chosen = np.empty(draws.shape, np.int64)
        lost = self._native.write(
            first, came, np.ascontiguousarray(draws), chosen, settings, forbid_unknown, allow_end
        )
        if lost >= 0:
            raise DataError(f"the log-probabilities of row {lost} are not numbers")
        return chosen

    def keep(self, rows: np.ndarray) -> None:
        """Go on with these rows in this order; one may be left out, another taken twice.

        Shapes:
            rows: (any number), int64, each from 0 to B - 1.

        Raises:
            ShapeError: when a row is not there.
        """
        chosen = np.ascontiguousarray(rows, np.int64)
        outside = chosen.size and not (chosen.min() >= 0 and chosen.max() < self.batch)
        if chosen.ndim != 1 or outside:
            raise ShapeError(f"rows must be numbers from 0 to {self.batch - 1}, got {rows!r}")
        self._native.keep(chosen)
        self.batch = len(chosen)

    @property
    def hidden(self) -> np.ndarray:
        """What the last step handed to the head, (B, O); zeros before the first one."""
        out = np.empty((self.batch, self.model.output_size), self.model.dtype)
        self._native.hidden(out)
        return out

    @property
    def state(self) -> State:
        """A copy of the state, arrays by name with a row for each row of the batch.

        Raises:
            ShapeError: when what it is set to is not a state of this model and batch.
        """
        layout = self.model.layout
        rows = np.empty((self.batch, len(layout.initial)), layout.dtype)
        self._native.read(rows)
        return layout.to_state(rows)

    @state.setter
    def state(self, state: Mapping[str, np.ndarray]) -> None:
        self._native.set(self.model.layout.to_rows(state, self.batch))

    def copy(self) -> TokenStepper:
        """Return a stepper in the same state, which goes its own way."""
        other = TokenStepper(self.model, self.batch)
        other.state = self.state
        return other

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, object]) -> TokenStepper:
        return self.copy()

    def __repr__(self) -> str:
        return f"TokenStepper({self.model!r}, batch={self.batch})"

    def _check(self, tokens: object) -> np.ndarray:
        checked = check_tokens("tokens", tokens, 1, self.model.vocabulary_size)
        if len(checked) != self.batch:
            raise ShapeError(f"tokens must have the shape ({self.batch},), got {checked.shape}")
        return checked


def _settings(
    temperature: float, filters: Mapping[str, float | None], penalty: float
) -> tuple[float, int, float, float, float, float]:
    """Return the settings as the native module takes them, 0 for a filter that is left out."""
    if not 0 <= temperature < float("inf"):
        raise OptionError(f"temperature must be a number from 0, got {temperature!r}")
    if not 0 < penalty < float("inf"):
        raise OptionError(f"repetition_penalty must be a number above 0, got {penalty!r}")
    for name, value in filters.items():
        most = 1 if name != "top_k" else float("inf")
        if value is not None and not 0 < value <= most:
            limit = "" if name == "top_k" else " and at most 1"
            raise OptionError(f"{name} must be above 0{limit}, got {value!r}")
    top_k, top_p, min_p, typical = (value or 0 for value in filters.values())
    return (
        float(temperature),
        int(top_k),
        float(top_p),
        float(min_p),
        float(typical),
        float(penalty),
    )
