"""What all features are: settings that a model file holds, called with the content of a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, ClassVar, Self, cast

import numpy as np

from gatework.errors import OptionError
from gatework.recognize.bounds import Bounded


class Features(Bounded, ABC):
    """How the content of a file becomes a sequence: a dataclass of plain settings, and tuples.

    Attributes:
        kind: its name in a file, unique among all features.
        reads: what contents it takes, one of gatework.recognize.sequences.KINDS.
        LATER: settings that files of old do not have, with what they stood at.
    """

    kind: ClassVar[str]
    reads: ClassVar[str]
    LATER: ClassVar[Mapping[str, Any]] = {}
    REFUSAL: ClassVar[str] = "the features {0.kind!r} cannot be made"

    @property
    @abstractmethod
    def channels(self) -> int:
        """Return C, how many numbers a step has."""

    @abstractmethod
    def __call__(self, content: Any) -> np.ndarray:
        """Return the sequence of a content, (T, C), float32, T at least 1."""

    def to_config(self) -> dict[str, Any]:
        """Return what it is made of as JSON values."""
        values = asdict(cast(Any, self)).items()
        return {"kind": self.kind} | {n: list(v) if isinstance(v, tuple) else v for n, v in values}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Check a configuration and return the features that wrote it.

        Raises:
            OptionError: when the kind is another, or a setting is missing, unknown or not sound.
        """
        names = [field.name for field in fields(cast(Any, cls))]
        given = {**cls.LATER, **config}
        if given.get("kind") != cls.kind or set(given) != {"kind", *names}:
            raise OptionError(
                f"the features {cls.kind!r} must have the settings {', '.join(names)}"
            )
        return cls(**{n: tuple(v) if isinstance(v := given[n], list) else v for n in names})
