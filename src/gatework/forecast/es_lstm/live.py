"""What is carried from value to value in production, so that each costs the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gatework.forecast.es_lstm.bank import Bank, BankState
from gatework.forecast.es_lstm.fit import FittedMember
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.rolling import Forecasts, scale_in
from gatework.forecast.es_lstm.signals import scale_of, signals
from gatework.forecast.es_lstm.tensors import inputs_of
from gatework.forecast.es_lstm.track import run
from gatework.network import State


@dataclass(eq=False)
class Live:
    """Series as they stand now: smoothers, networks and the forecasts that follow from them.

    Attributes:
        bank: the smoothers. state: theirs. units: (B,), of the series.
        lstm: the state of each member's LSTM. features: (B, F) of each member.
        inputs: (B, W), of the last value, without the covariates to come.
    """

    bank: Bank
    state: BankState
    units: np.ndarray
    lstm: list[State]
    features: list[Tensor]
    inputs: Tensor

    @classmethod
    @torch.no_grad()
    def start(cls, members: Sequence[FittedMember], problem: Problem) -> Live:
        """Return where the series of a problem stand after their last values."""
        bank, state = problem.bank(), problem.begin()
        inputs = inputs_of(problem, run(bank, state, problem.values, problem.lengths))
        lengths, rows = torch.from_numpy(problem.lengths), torch.arange(len(problem))
        states, features = [], []
        for member in members:
            network = member.network.eval()
            entered = network.enter(inputs)
            output, following = network.lstm(entered, None, lengths)
            states.append(following)
            last = torch.cat([output, entered], dim=-1)[lengths - 1, rows]
            features.append(last)
        return cls(bank, state, problem.units, states, features, inputs[lengths - 1, rows])

    @torch.no_grad()
    def advance(
        self,
        members: Sequence[FittedMember],
        values: np.ndarray,
        covariates: np.ndarray | None = None,
    ) -> None:
        """Take in the next value of each series.

        Shapes:
            values: (B,), in the series' own numbers, nan where missing.
            covariates: (B, E), known by the end of the period.
        """
        own = values / self.units
        reading = self.bank.step(self.state, own)
        scale = scale_of(reading)
        parts = [signals(reading, scale, self.state.age, np.isnan(own))]
        if covariates is not None:
            parts.append(covariates)
        parts += [scale[:, None], reading.forecasts.reshape(len(own), -1)]
        known = torch.from_numpy(np.concatenate(parts, axis=1).astype(np.float32))
        coming = self.inputs.shape[1] - known.shape[1]
        self.inputs = torch.nn.functional.pad(known, (0, coming))
        for number, member in enumerate(members):
            features, following = member.network.eval().encode(self.inputs[None], self.lstm[number])
            self.features[number], self.lstm[number] = features[0], following

    @torch.no_grad()
    def forecasts(
        self, members: Sequence[FittedMember], outlook: np.ndarray | None = None
    ) -> Forecasts:
        """Return the forecasts of the periods to come.

        Shapes:
            outlook: (B, H, Q), covariates of these periods; needed where the network has them.
        """
        inputs = self.inputs
        if outlook is not None:
            coming = torch.from_numpy(outlook.reshape(len(inputs), -1).astype(np.float32))
            inputs = torch.cat([inputs[:, : inputs.shape[1] - coming.shape[1]], coming], dim=1)
        location, raw = [], []
        for member, features in zip(members, self.features, strict=True):
            location.append(member.network.eval().decode(features, inputs).double().numpy())
            if member.spread is not None:
                raw.append(member.spread(features).double().numpy())
        return Forecasts(
            np.mean(location, axis=0),
            scale_in(members[0], inputs),
            np.mean(raw, axis=0) if raw else None,
            self.units,
            self.bank.floor,
        )
