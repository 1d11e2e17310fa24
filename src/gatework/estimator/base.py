"""What every estimator has in common: its arguments, and what it can be asked."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from gatework import checks
from gatework.errors import NotFittedError, OptionError, nearest
from gatework.estimator.model_file import Saved

if TYPE_CHECKING:
    from gatework.cell.summary import LayerSummary
    from gatework.examine import Diagnosis, Run

Kind = TypeVar("Kind", bound="Estimator")
Data = TypeVar("Data")


def takes_old_names(kind: type[Kind]) -> type[Kind]:
    """Let the constructor of an estimator take the names of its RENAMED, too; a decorator."""
    kind.__init__ = checks.takes_old_names(kind.__name__, kind.RENAMED)(kind.__init__)
    return kind


class Estimator(Saved, ABC):
    """The manners of scikit-learn's estimators, without scikit-learn.

    A constructor stores its arguments under their names and does nothing else; ``fit`` checks them,
    and what it learns ends in an underscore. Whatever the data, ``read`` reads them from a file and
    ``examine`` runs a network over them, so that pictures, explanations and the studio ask every
    estimator alike: ``estimator.examine(estimator.read(path))``.

    Attributes:
        LEARNED: the attribute that is there once ``fit`` was called.
        FIT: how that is typed.
        READS: what it is fitted to, in words.
        PICK: the argument of ``examine`` that picks one of several sequences; None where data are
            one.
        TYPED: whether data are a text that can be typed as well as read from a file.
        RENAMED: from arguments of old to those of today; see takes_old_names.

    Example:
        >>> from gatework import LifeEstimator
        >>> estimator = LifeEstimator(cap=90)
        >>> estimator, estimator.set_params(cap=100).get_params()["cap"]
        (LifeEstimator(cap=100), 100)
    """

    LEARNED: ClassVar[str]
    FIT: ClassVar[str]
    READS: ClassVar[str]
    PICK: ClassVar[str | None] = None
    TYPED: ClassVar[bool] = False
    RENAMED: ClassVar[Mapping[str, str]] = {}

    # Arguments

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """Return the names of the constructor's arguments, in their order."""
        return tuple(inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments of the constructor; ``deep`` makes no difference."""
        return {name: getattr(self, name) for name in self.parameter_names()}

    def set_params(self, **parameters: Any) -> Self:
        """Set arguments of the constructor.

        Raises:
            OptionError: when one has no such name.
        """
        known = self.parameter_names()
        kind = type(self)
        named = checks.by_new_names(kind.__name__, kind.RENAMED, parameters)
        for name, value in named.items():
            if name not in known:
                raise OptionError(
                    f"a {kind.__name__} has no parameter {name!r}: {', '.join(known)}"
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value is not defaults[name].default and value != defaults[name].default
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    def problems(self) -> list[str]:
        """Return what is wrong with the arguments, in sentences."""
        return checks.wrong_fields(self)

    # Learning

    @abstractmethod
    def fit(self, *data: Any, **options: Any) -> Self:
        """Check the arguments and the data, learn, and return itself.

        Raises:
            OptionError, DataError: before any work, for what cannot be used.
        """

    def check_fitted(self) -> None:
        """Check that ``fit`` was called.

        Raises:
            NotFittedError: when it was not; the hint is the call that is missing.
        """
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(f"this {type(self).__name__} has not been fitted", hint=self.FIT)

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether ``fit`` was called, as scikit-learn asks it."""
        return getattr(self, self.LEARNED, None) is not None

    # Looking inside

    @abstractmethod
    def read(self, *path: Any, **options: Any) -> Any:
        """Read data of the kind that it is fitted to from a file, as ``examine`` takes them.

        Raises:
            InputFileError, DataError: when the file cannot be used.
        """

    @abstractmethod
    def examine(self, *data: Any, **options: Any) -> Run:
        """Return a run of one of its networks over one sequence of the data, to be looked into.

        ``gatework.look`` draws it and ``gatework.examine.diagnose`` tells what stands out.

        Raises:
            NotFittedError: when ``fit`` was not called.
            OptionError: when data are missing, or there is no such network or sequence.
        """

    def diagnose(self, data: Any = None, **options: Any) -> Diagnosis:
        """Return in words what stands out inside the network; arguments as for ``examine``."""
        from gatework.examine import diagnose

        return diagnose(self.examine(data, **options))

    def layer_summary(self) -> Sequence[LayerSummary]:
        """Return a description of each layer of one of its networks.

        Raises:
            NotFittedError: when ``fit`` was not called.
        """
        self.check_fitted()
        return self._networks()[0].layer_summary()

    def _networks(self) -> Sequence[Any]:
        """Return the networks that were fitted, each of which describes its layers."""
        found = getattr(self, self.LEARNED)
        return found if isinstance(found, list) else [found]

    # What the estimators refuse alike.

    def _needed(self, data: Data | None) -> Data:
        """Return the data that are examined.

        Raises:
            NotFittedError: when ``fit`` was not called. OptionError: when there are none.
        """
        self.check_fitted()
        if data is None:
            raise OptionError(
                f"a {type(self).__name__} does not hold its {self.READS}",
                hint=self.FIT.replace(".fit(", ".examine("),
            )
        return data

    def _picked(self, wanted: str | None, names: Sequence[str]) -> int:
        """Return the place of the sequence that is wanted; None is for the first.

        Raises:
            OptionError: there is none of that name.
        """
        name = names[0] if wanted is None else wanted
        if name not in names:
            close = nearest(name, names) or names[0]
            raise OptionError(
                f"there is no {self.PICK} {name!r} in the {self.READS}",
                hint=f"{self.PICK}={close!r}",
            )
        return list(names).index(name)

    def _member(self, member: int) -> Any:
        """Return one of the networks that are averaged.

        Raises:
            OptionError: there is none of that number.
        """
        networks = self._networks()
        if member not in range(len(networks)):
            raise OptionError(f"there is no network {member!r}, only 0 to {len(networks) - 1}")
        return networks[member]
