"""A token model on torch: the network as it was trained."""

from __future__ import annotations

import numpy as np
import torch

from gatework.network import State
from gatework.write.network import LanguageNetwork
from gatework.write.vocabulary import Vocabulary


class TorchTokenModel:
    """A token model on a language network; the network is put into evaluation mode.

    Attributes:
        vocabulary: the tokens that it reads and writes.
        rows: B, texts side by side.
    """

    def __init__(self, network: LanguageNetwork, vocabulary: Vocabulary) -> None:
        self.network = network.eval()
        self.vocabulary = vocabulary
        self.rows = 0
        self._state: State | None = None
        self._output = torch.empty(0)

    def start(self, rows: int) -> None:
        """Begin so many texts."""
        self.rows, self._state = rows, None

    def step(self, tokens: np.ndarray) -> np.ndarray:
        """Read a token in each row (B); return log-probabilities of what follows, (B, V)."""
        with torch.inference_mode():
            output, self._state = self.network(torch.from_numpy(tokens).unsqueeze(1), self._state)
            self._output = output[:, 0]
            return self.network.log_probabilities(self._output).numpy()

    def keep(self, rows: np.ndarray) -> None:
        """Go on with these rows."""
        chosen = torch.from_numpy(np.asarray(rows, np.int64))
        self.rows = len(chosen)
        if self._state is not None:
            with torch.inference_mode():
                self._state = self._state.select(chosen)

    @property
    def hidden(self) -> np.ndarray:
        """What the last step handed to the head, (B, O)."""
        return self._output.numpy()
