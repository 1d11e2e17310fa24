"""What every estimator has in common: the arguments of its constructor, by name."""

from __future__ import annotations

import inspect
from typing import Any, Self

from gatework.errors import OptionError


class Estimator:
    """The manners of scikit-learn's estimators, without scikit-learn.

    A constructor stores its arguments under their names and does nothing else; ``fit`` checks them,
    and what it learns ends in an underscore.

    Example:
        >>> class Mean(Estimator):
        ...     def __init__(self, trim=0.0):
        ...         self.trim = trim
        >>> Mean(trim=0.1), Mean().set_params(trim=0.2).get_params()
        (Mean(trim=0.1), {'trim': 0.2})
    """

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
        for name, value in parameters.items():
            if name not in known:
                raise OptionError(
                    f"a {type(self).__name__} has no parameter {name!r}: {', '.join(known)}"
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
