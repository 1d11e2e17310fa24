"""A model and a file of data as a run to look into, whatever the model is."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.tabular.choice import read_features
from gatework.tabular.style import ReadingStyle

if TYPE_CHECKING:
    from gatework.examine import Run
    from gatework.network.stack import RecurrentStack
    from gatework.runtime import Model

COLUMNS = ("column", "time_column", "id_column")
"""What ``read`` may be told of a table, each kind of model what it has a use for."""

_NAMES = {"series": "ids", "unit": "units", "sequence": "names"}
"""The attribute of data that names what an argument PICK picks one of."""

_TOLD = {**{name: name for name in (*COLUMNS, "missing", "gaps")}, "style": "how tables are read"}


@runtime_checkable
class Examinee(Protocol):
    """What reads data from a file and is looked into over them: every Estimator, and a Watch."""

    READS: ClassVar[str]
    PICK: ClassVar[str | None]
    TYPED: ClassVar[bool]

    def read(self, *path: Any, **options: Any) -> Any:
        """Read data from a file."""
        ...

    def examine(self, *data: Any, **options: Any) -> Run:
        """Return a run over data."""
        ...


class Readings(NamedTuple):
    """A file as a model read it.

    Attributes:
        names: of its series, units or sequences; none where data are one.
        run: from one of the names, or None for the first, to a run over it.
    """

    names: tuple[str, ...]
    run: Callable[[str | None], Run]


def run_over(
    model: Any, path: str | os.PathLike[str], *, series: str | None = None, **told: Any
) -> Run:
    """Return a run of a loaded model over one series, unit or sequence of a file; see read_over.

    Raises:
        OptionError: when the model has no use for what is given, or lacks a column.
        DataError, ShapeError: when the model cannot read the data.
    """
    return read_over(model, path, pick=series is not None, **told).run(series)


def read_over(
    model: Any,
    path: str | os.PathLike[str],
    *,
    pick: bool = False,
    style: ReadingStyle | None = None,
    **columns: str | None,
) -> Readings:
    """Read a file as a loaded model does; its ``run`` is ``examine`` of what ``read`` gives.

    Args:
        model: an estimator, a Watch, or a bare network, for which see BareNetwork.
        path: of data of its kind.
        pick: whether one of several series, units or sequences will be asked for by its name.
        style: what is known of a table, beside what the model knows.
        columns: those of COLUMNS that ``read`` has a use for, and missing and gaps, which say what
            becomes of what lacks; None for what is not given.

    Raises:
        OptionError: when the model has no use for what is given, or lacks a column.
        DataError, ShapeError: when the model cannot read the data.
    """
    examined = examinee(model)
    told: dict[str, Any] = {**columns, "style": style}
    given = {name: value for name, value in told.items() if value is not None}
    known = [name for name in inspect.signature(examined.read).parameters if name in _TOLD]
    useless = [name for name in given if name not in known]
    if pick and examined.PICK is None:
        useless.append("series")
    if useless:
        known += ["series"] * (examined.PICK is not None)
        raise OptionError(
            f"this {type(model).__name__} reads a {examined.READS} and has no use for "
            f"{', '.join(_TOLD.get(name, name) for name in useless)}",
            hint=" ".join(f"--{name.replace('_', '-')}" for name in known if name != "style")
            or "leave it out",
        )
    try:
        data = examined.read(path, **given)
    except DataError as error:
        if "--id-column" not in (error.hint or "") or "id_column" in known:
            raise
        raise DataError(error.message, hint="keep the rows of one series in the file") from error

    def run(name: str | None) -> Run:
        return examined.examine(data, **({} if name is None else {str(examined.PICK): name}))

    names = () if examined.PICK is None else tuple(getattr(data, _NAMES[examined.PICK]))
    return Readings(names, run)


def examinee(model: Any) -> Examinee:
    """Return a model as what reads files and is looked into: itself, or around a bare network."""
    return model if isinstance(model, Examinee) else BareNetwork(model)


class BareNetwork:
    """A network that belongs to no estimator, an LSTM or RNN, as what reads tables.

    Args:
        network: of torch or of the runtime, whose features are columns of a table, a row a step.
    """

    READS: ClassVar[str] = "table"
    PICK: ClassVar[str | None] = None
    TYPED: ClassVar[bool] = False

    def __init__(self, network: RecurrentStack | Model) -> None:
        self.network = network

    def read(
        self,
        path: Any,
        *,
        column: str | None = None,
        time_column: str | None = None,
        style: ReadingStyle | None = None,
    ) -> tuple[np.ndarray, list[str], list[str] | None]:
        """Read as many columns of a table as the network has features, as read_features does.

        Shapes:
            returns: values (T, I), their names (I), labels of the steps (T) or None.
        """
        size = self.network.input_size
        return read_features(path, size, column=column, time_column=time_column, style=style)

    def examine(self, data: Any = None) -> Run:
        """Return a run of the network over what ``read`` gives, or over an array (T, I)."""
        from gatework.examine import run_of

        if not isinstance(data, tuple):
            return run_of(self.network, data)
        values, names, labels = data
        return run_of(self.network, values, names=names, labels=labels)
