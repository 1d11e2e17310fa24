"""Networks of packed weights for numpy's arrays, run and stepped by the kernels."""

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value", np.float32, np.float64)

def targets() -> list[str]:
    """Return the names of the targets that this machine runs, best first."""

def choose(
    target: str,
    logs: NDArray[np.float32],
    recent: NDArray[np.int64],
    draws: NDArray[np.float64],
    chosen: NDArray[np.int64],
    chances: NDArray[np.float64],
    settings: tuple[float, int, float, float, float, float],
    forbid_unknown: bool,
    allow_end: bool,
) -> None:
    """Choose a token after each row of log-probabilities (B, V), as a token stepper does."""

class _Stepper(Generic[Value]):
    def step(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Step all rows."""

    def step_rows(
        self,
        states: NDArray[Value],
        rows: NDArray[np.int64],
        x: np.ndarray,
        out: np.ndarray | None = None,
    ) -> np.ndarray:
        """Step some rows of states."""

    def read(self, states: NDArray[Value]) -> None:
        """Write the state of all rows into (B, S)."""

    def write(self, states: NDArray[Value]) -> None:
        """Set the state of all rows from (B, S)."""

    def write_row(self, row: int, state: NDArray[Value]) -> None:
        """Set the state of one row from (1, S)."""

class Stepper32(_Stepper[np.float32]):
    """Steps of some rows, from the state where they stand."""

class Stepper64(_Stepper[np.float64]):
    """Steps of some rows, from the state where they stand."""

class _TokenStepper(Generic[Value]):
    def step(self, tokens: NDArray[np.int64], logs: NDArray[Value]) -> None:
        """Read tokens (B); log-probabilities of the next into logs (B, V)."""

    def write(
        self,
        tokens: NDArray[np.int64],
        recent: NDArray[np.int64],
        draws: NDArray[np.float64],
        chosen: NDArray[np.int64],
        settings: tuple[float, int, float, float, float, float],
        forbid_unknown: bool,
        allow_end: bool,
    ) -> int:
        """Read tokens (B), choose by draws (B, N) and recent (B, W) into chosen (B, N).

        settings: temperature, top_k, top_p, min_p, typical, penalty; 0 leaves a filter out.
        Returns the row whose log-probabilities are not numbers, else -1.
        """

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Go on with these rows."""

    def hidden(self, out: NDArray[Value]) -> None:
        """Write what the last step handed to the head into (B, O)."""

    def read(self, states: NDArray[Value]) -> None:
        """Write the state of all rows into (B, S)."""

    def set(self, states: NDArray[Value]) -> None:
        """Set the state of all rows from (B, S)."""

class TokenStepper32(_TokenStepper[np.float32]):
    """Rows of tokens, from the state where they stand."""

class TokenStepper64(_TokenStepper[np.float64]):
    """Rows of tokens, from the state where they stand."""

class _Network(Generic[Value]):
    def __init__(
        self,
        target: str,
        storage: str = "same",
        scaling: tuple[float, float, bool, float] | None = None,
    ) -> None:
        """target: see targets. storage: same, float16 or int8.

        scaling: mean, deviation, logarithmic, lowest.
        """

    def add_member(self) -> None:
        """Begin a stack of layers."""

    def add_cell(
        self,
        weight_ih: NDArray[Value],
        weight_hh: NDArray[Value],
        bias: NDArray[Value] | None = None,
        weight_hr: NDArray[Value] | None = None,
        peephole: NDArray[Value] | None = None,
        input_gain: NDArray[Value] | None = None,
        recurrent_gain: NDArray[Value] | None = None,
        cell_gain: NDArray[Value] | None = None,
        cell_shift: NDArray[Value] | None = None,
        *,
        coupled: bool = False,
        exponential: bool = False,
        zoneout_cell: float = 0.0,
        zoneout_hidden: float = 0.0,
        reverse: bool = False,
    ) -> None:
        """Begin a layer with a cell, or, in reverse, end it with its second one."""

    def add_head(self, weight: NDArray[Value], bias: NDArray[Value] | None = None) -> None:
        """End a member with a linear layer."""

    def add_words(self, embedding: NDArray[Value]) -> None:
        """Begin a network of words with their embedding (V, E), before any cell."""

    def add_scores(self, weight: NDArray[Value], bias: NDArray[Value] | None = None) -> None:
        """End it with the scores of all words, or of the frequent ones and each tail."""

    def add_tail(self, inner: NDArray[Value], outer: NDArray[Value]) -> None:
        """Add the scores of rarer words, through inner (n, O) and outer (words, n)."""

    def run_tokens(
        self,
        tokens: NDArray[np.int64],
        targets: NDArray[np.int64] | None,
        states: NDArray[Value],
        logs: NDArray[Value],
        ended: NDArray[Value],
        threads: int = 1,
    ) -> None:
        """Read tokens (T, B), states into ended (B, S).

        logs: (T, B) of the targets (T, B), or (T * B, V) of all words.
        """

    def run(
        self,
        x: np.ndarray,
        states: NDArray[Value],
        lengths: NDArray[np.int64] | None,
        y: np.ndarray,
        ended: NDArray[Value],
        threads: int = 1,
    ) -> None:
        """Run x (T, B, I) into y (T, B, O), states into ended (B, S)."""

    @property
    def input_size(self) -> int: ...
    @property
    def output_size(self) -> int: ...
    @property
    def state_size(self) -> int: ...
    @property
    def packed_bytes(self) -> int: ...
    @property
    def target(self) -> str: ...

class Network32(_Network[np.float32]):
    """A network of packed weights."""

    def stepper(self, rows: int, threads: int = 1) -> Stepper32:
        """Return a stepper of some rows; their state is not set."""

    def token_stepper(self, rows: int) -> TokenStepper32:
        """Return a stepper of some rows of tokens; their state is not set."""

class Network64(_Network[np.float64]):
    """A network of packed weights."""

    def stepper(self, rows: int, threads: int = 1) -> Stepper64:
        """Return a stepper of some rows; their state is not set."""

    def token_stepper(self, rows: int) -> TokenStepper64:
        """Return a stepper of some rows of tokens; their state is not set."""
