"""The network as it is used: with numpy and the native kernels, without torch."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from gatework.cell.configuration import StackConfig, default_config
from gatework.cell.options import CellOptions
from gatework.checks import is_whole
from gatework.errors import FileFormatError
from gatework.forecast.pretrained.bank import (
    REFERENCE,
    SETS,
    WIDTH,
    StreamBank,
    StreamReading,
    StreamState,
)
from gatework.forecast.pretrained.distribution import PARAMETERS, Distributions, widening_beyond
from gatework.forecast.pretrained.knots import KNOTS
from gatework.forecast.pretrained.member import NetworkMember
from gatework.forecast.pretrained.rates import ALPHA, DRIFTS
from gatework.forecast.pretrained.record import TRACKED, TrackRecord, judged_later, widening_of_few
from gatework.forecast.pretrained.signals import (
    SIGNALS,
    STEPS_SEEN,
    scale_of,
    signals,
)
from gatework.forecast.pretrained.track import MOST_APART
from gatework.runtime import Model
from gatework.runtime.architecture import (
    MOST_MEMBERS,
    Architecture,
    EnsembleMember,
    fault,
    stack_of,
)
from gatework.runtime.native import target
from gatework.storage import Tensor, read_sealed, write_sealed

FILE_KIND = "pretrained_forecaster"

SHIPPED = Path(__file__).with_name("weights.safetensors")
"""The networks that come with the package."""

TRACKED_KNOTS = np.searchsorted(KNOTS, TRACKED)

ROUNDING = 1e-12
"""Errors of smoothers, in units of the size of values, up to which they are rounding alone."""

AT_ONCE = 1024
"""Series that are run over at a time."""

_CARRIED = ("hidden", "cell")

RATES = np.tile(np.concatenate([ALPHA, ALPHA[DRIFTS]]), SETS)
"""How far the level of each smoother follows a new value, (N,)."""


@dataclass(frozen=True, eq=False)
class PretrainedNetwork:
    """Networks that forecast any series at once, averaged.

    Attributes:
        members: the networks. about: where they come from: the collections with their counts and
        digests, seed, version.
    """

    members: tuple[NetworkMember, ...]
    about: dict[str, Any]

    @classmethod
    def of(
        cls,
        members: Sequence[Mapping[str, np.ndarray]],
        hidden_sizes: Sequence[int],
        about: dict[str, Any],
    ) -> Self:
        """Put together networks from their weights."""
        made = []
        for weights in members:
            stack = stack_for(len(weights["entry.bias"]), hidden_sizes)
            own = {name.removeprefix("lstm."): array for name, array in weights.items()}
            sealed = {name: Tensor.from_numpy(own[name]) for name in stack.shapes()}
            architecture = Architecture("lstm", (EnsembleMember(stack),))
            lstm = Model.packed(architecture, sealed, "float32", target(), 1)
            made.append(NetworkMember(dict(weights), lstm))
        return cls(tuple(made), about | {"hidden_sizes": list(hidden_sizes)})

    def begin(self, values: np.ndarray, lengths: np.ndarray, season: int) -> Standing:
        """Return where series stand after all of their values.

        Shapes:
            values: (B, T), nan where missing and after the end. lengths: (B,), at least 1.
        """
        return self.stands(values, [lengths], season)[0]

    def stands(
        self, values: np.ndarray, ends: Sequence[np.ndarray], season: int
    ) -> tuple[Standing, ...]:
        """Return where series stand after so many of their values, for each of several ``ends``.

        Shapes:
            values: (B, T), nan where missing and after the end. ends: (B,) each, at least 1.
        """
        parts = []
        for first in range(0, len(values), AT_ONCE):
            chosen = slice(first, first + AT_ONCE)
            parts.append(self._stands(values[chosen], [end[chosen] for end in ends], season))
        every = (Standing.joined(own) for own in zip(*parts, strict=True))
        return tuple(every) if len(parts) > 1 else parts[0]

    def _stands(
        self, values: np.ndarray, ends: Sequence[np.ndarray], season: int
    ) -> tuple[Standing, ...]:
        """Return where a few series stand, in one pass over their values."""
        standing = Standing.before(self, len(values), season)
        kept: list[Standing | None] = [None] * len(ends)
        for known in range(1, int(max(end.max() for end in ends)) + 1):
            standing.advance(values[:, known - 1])
            for number, end in enumerate(ends):
                rows, own = np.flatnonzero(end == known), kept[number]
                if rows.size and own is None:
                    kept[number] = standing.rows(np.arange(len(values)))
                elif rows.size and own is not None:
                    own.put(rows, standing)
        return tuple(standing if own is None else own for own in kept)

    def rolling(
        self, values: np.ndarray, lengths: np.ndarray, season: int, horizon: int, since: int
    ) -> Iterator[tuple[int, Distributions]]:
        """Yield what is forecast after each value from number ``since`` on, with that number.

        The first value has the number 1, so that it says how many values are known.

        Shapes:
            values: (B, T), nan where missing and after the end. lengths: (B,), at least 1.
        """
        standing = Standing.before(self, len(values), season)
        for known in range(1, int(lengths.max()) + 1):
            standing.advance(values[:, known - 1])
            if known >= since:
                yield known, standing.forecasts(horizon)

    def distributions(
        self,
        made: np.ndarray,
        state: StreamState,
        features: Sequence[np.ndarray],
        steps: np.ndarray,
        wider: np.ndarray | float = 1.0,
        knots: np.ndarray | None = None,
    ) -> Distributions:
        """Return what the networks say of periods to come, from the features of each, (B, F).

        Shapes:
            made: (B, N, h), the bank's forecasts so many ``steps`` ahead, (h,). wider: (B,), what
            the distributions are multiplied with. knots: numbers of the knots that the steps are,
            where these alone are wanted, as fast as can be.
        """
        level = made[:, REFERENCE, 0]
        scale = scale_of(state, level)
        apart = ((made - level[:, None, None]) / scale[:, None, None]).transpose(0, 2, 1)
        apart = np.clip(apart, -MOST_APART, MOST_APART)
        location, rate, raw = (np.zeros(size) for size in ((len(made), len(steps)), len(made), 1))
        for member, own in zip(self.members, features, strict=True):
            scores, spread = (
                (member.scores(own, steps), member.spread(own, steps))
                if knots is None
                else member.at(knots, own)
            )
            weights = _softmax(scores[..., :WIDTH])
            location = location + np.einsum("bhn,bhn->bh", weights, apart) + scores[..., WIDTH]
            rate = rate + weights[:, 0] @ RATES
            raw = raw + spread
        count = len(self.members)
        rate = rate / count
        # Where no smoother ever erred the series stands still: to correct it would be noise.
        still = (state.age > 1) & (state.error.max(axis=(1, 2)) <= ROUNDING * state.size)
        apart = np.where(still, 0.0, scale)[:, None] * location / count
        return Distributions(
            np.maximum(level[:, None] + apart, state.floor[:, None]),
            scale,
            raw / count,
            state.counts,
            state.floor,
            rate,
            np.reshape(wider, (-1, 1)) * widening_beyond(rate, steps),
        )

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the networks to a file.

        Raises:
            OutputError: when ``path`` exists and ``overwrite`` is False, or cannot be written.
        """
        tensors = {
            f"{number}.{name}": Tensor.from_numpy(array)
            for number, member in enumerate(self.members)
            for name, array in member.weights.items()
        }
        config = self.about | {"members": len(self.members)}
        write_sealed(path, FILE_KIND, config, tensors, overwrite=overwrite)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read networks from a file.

        Raises:
            InputFileError: when there is no such file or it cannot be read.
            FileFormatError: when the file is damaged, or holds something else.
        """
        sealed = read_sealed(path)
        if sealed.kind != FILE_KIND:
            raise _other_kind(os.fspath(path), sealed.kind)
        about = dict(sealed.config)
        try:
            members, entry, sizes = about.pop("members"), about["entry"], about["hidden_sizes"]
            if not is_whole(members, 1, MOST_MEMBERS) or not is_whole(entry, 1):
                raise ValueError(f"{members!r} networks over {entry!r} units")
            stack = stack_for(entry, sizes)
        except (KeyError, TypeError, ValueError) as error:
            raise FileFormatError(
                f"{os.fspath(path)} lacks a sound description: {error}"
            ) from error
        own = shapes(entry, stack)
        expected = {
            f"{number}.{name}": shape for number in range(members) for name, shape in own.items()
        }
        if wrong := fault(expected, "float32", sealed.tensors):
            raise FileFormatError(f"{os.fspath(path)} {wrong}")
        weights = {name: sealed.tensors[name].to_numpy() for name in expected}
        return cls.of(
            [{name: weights[f"{number}.{name}"] for name in own} for number in range(members)],
            sizes,
            about,
        )


def _other_kind(path: str, kind: str) -> FileFormatError:
    """Return what is said of a file that holds no networks to forecast any series with."""
    hint = "give the file that gatework pretrain wrote"
    if kind in ("forecaster", "global_forecaster"):
        hint = f"gatework.load({path!r}).predict() forecasts what it was fitted to"
        watched = kind == "forecaster"
        hint += f", and gatework watch {path} FILE goes on with it" if watched else ""
    return FileFormatError(
        f"{path} is a model file of a {kind}, not networks that gatework pretrain wrote", hint=hint
    )


def shapes(entry: int, stack: StackConfig) -> dict[str, tuple[int, ...]]:
    """Return name and shape of every weight of a network."""
    width = entry + stack.output_size
    heads = {"head": len(KNOTS) * (WIDTH + 1), "spread": len(KNOTS) * PARAMETERS}
    return {
        "entry.weight": (entry, SIGNALS),
        "entry.bias": (entry,),
        **{f"lstm.{name}": shape for name, shape in stack.shapes().items()},
        **{f"{name}.weight": (size, width) for name, size in heads.items()},
        **{f"{name}.bias": (size,) for name, size in heads.items()},
    }


def stack_for(entry: int, hidden_sizes: Sequence[int]) -> StackConfig:
    """Return what the layers of an LSTM are that sees so many numbers."""
    plain = default_config(CellOptions, input_size=entry, hidden_sizes=list(hidden_sizes))
    return stack_of(plain)


def _softmax(scores: np.ndarray) -> np.ndarray:
    sizes = scores - scores.max(axis=-1, keepdims=True)
    np.exp(sizes, out=sizes)
    sizes /= sizes.sum(axis=-1, keepdims=True)
    return sizes


@cache
def shipped() -> PretrainedNetwork:
    """Return the networks that come with the package."""
    return PretrainedNetwork.load(SHIPPED)


@dataclass(eq=False)
class Standing:
    """Series as they stand now: smoothers, and networks.

    Shapes:
        entered: (B, E), what the LSTM of each member saw last. states: of each member's LSTM. Both
        begin with 0. record: of the forecasts so far. reading: what the bank said last, if known.
    """

    network: PretrainedNetwork
    bank: StreamBank
    state: StreamState
    entered: tuple[np.ndarray, ...]
    states: tuple[dict[str, np.ndarray], ...]
    record: TrackRecord
    reading: StreamReading | None = None

    @classmethod
    def before(cls, network: PretrainedNetwork, count: int, season: int) -> Self:
        """Return so many series before their first values."""
        units = network.about["hidden_sizes"]
        names = [(f"{n}.forward.{part}", n) for n in range(len(units)) for part in _CARRIED]
        entered = tuple(
            np.zeros((count, len(member.weights["entry.bias"])), np.float32)
            for member in network.members
        )
        states = tuple(
            {name: np.zeros((count, units[n]), np.float32) for name, n in names} for _ in entered
        )
        state, record = StreamState.begin(count, season), TrackRecord.begin(count)
        return cls(network, StreamBank(season), state, entered, states, record)

    @property
    def features(self) -> tuple[np.ndarray, ...]:
        """Return what the heads of each member see, (B, F): the LSTM's output, and its input."""
        last = f"{len(self.network.about['hidden_sizes']) - 1}.forward.hidden"
        return tuple(
            np.concatenate([state[last], entered], axis=-1)
            for state, entered in zip(self.states, self.entered, strict=True)
        )

    @property
    def bytes_a_series(self) -> int:
        """Return how much memory the state of one of the series takes, without the networks."""
        carried = (self.state, self.record)
        arrays = [getattr(part, field.name) for part in carried for field in fields(part)]
        arrays += [*self.entered, *(one for own in self.states for one in own.values())]
        return sum(one[:1].nbytes for one in arrays)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Put together some series and others, after their first values."""
        first, state = parts[0], StreamState.joined([part.state for part in parts])
        entered = tuple(
            np.concatenate(own) for own in zip(*(part.entered for part in parts), strict=True)
        )
        states = tuple(
            {name: np.concatenate([one[name] for one in own]) for name in own[0]}
            for own in zip(*(part.states for part in parts), strict=True)
        )
        record = TrackRecord.joined([part.record for part in parts])
        return cls(first.network, first.bank, state, entered, states, record)

    def rows(self, rows: np.ndarray) -> Self:
        """Return some of the series, after their first values."""
        entered = tuple(own[rows] for own in self.entered)
        states = tuple({name: one[rows] for name, one in own.items()} for own in self.states)
        state, record = self.state.rows(rows), self.record.rows(rows)
        return type(self)(self.network, self.bank, state, entered, states, record)

    def put(self, rows: np.ndarray, source: Self) -> None:
        """Take over ``rows`` from where the same series stand later."""
        self.reading = None
        self.state.put(rows, source.state)
        self.record.put(rows, source.record)
        for own, other in zip(self.entered, source.entered, strict=True):
            own[rows] = other[rows]
        for own, other in zip(self.states, source.states, strict=True):
            for name, one in own.items():
                one[rows] = other[name][rows]

    def advance(self, values: np.ndarray) -> None:
        """Take in the next value of each series, (B,), nan where missing."""
        self.record.judge(values)
        reading = self.reading = self.bank.step(self.state, values, STEPS_SEEN, self.reading)
        scale = scale_of(self.state, reading.level)
        said = signals(self.state, reading, scale, self.bank.season)
        self.entered = tuple(member.enter(said) for member in self.network.members)
        self.states = tuple(
            member.lstm(entered[None], before)[1]
            for member, entered, before in zip(
                self.network.members, self.entered, self.states, strict=True
            )
        )
        chosen = judged_later(self.state.age, self.state.time)
        if chosen.any():
            made = self.bank.side_by_side(reading.forecasts[..., -len(TRACKED) :])
            said = self.network.distributions(
                made, self.state, self.features, TRACKED, knots=TRACKED_KNOTS
            )
            self.record.expect(said.location, said.halves(), chosen)

    def forecasts(self, horizon: int) -> Distributions:
        """Return the forecasts of so many periods to come, and what is around them."""
        steps = np.arange(1, horizon + 1)
        wider = self.record.widening * widening_of_few(self.state.age)
        made = self.bank.forecasts(self.state, steps)
        said = self.network.distributions(made, self.state, self.features, steps, wider)
        return said.steadied(self.state.age)
