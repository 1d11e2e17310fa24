"""What the file of a model holds, declared once: written, checked and read from the declaration.

A file is a configuration of JSON values, and tensors by name. A ``Schema`` declares both: a
``Field``, ``Parameters`` or ``Part`` for each key of the configuration, an ``Array`` or ``Network``
for each name of tensors. All of the configuration is checked, and dtype and shape of every tensor
follow from it, before anything is built.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

import numpy as np

from gatework.checks import Check, refuse
from gatework.errors import OptionError
from gatework.estimator.json_values import plain

if TYPE_CHECKING:
    import torch

Tensors: TypeAlias = Mapping[str, Any]
"""Arrays of numpy, and tensors of torch where they are a network's, by name."""

Expected: TypeAlias = "dict[str, tuple[np.dtype | torch.dtype, tuple[int, ...]]]"


class Values(SimpleNamespace):
    """What the configuration of a file says, by key, and what ``Schema.check`` adds to it."""

    def at(self, place: str | Callable[[Values], Any]) -> Any:
        """Return what is at a path of names, or what a function of the values returns."""
        return place(self) if callable(place) else attrgetter(place)(self)

    def size(self, place: Any) -> int:
        """Return a number as it is, or the one at a place; the length of what is no number."""
        found = place if isinstance(place, int) else self.at(place)
        return found if isinstance(found, int) else len(found)


@dataclass(frozen=True, kw_only=True)
class Item:
    """What a file has under a key or name.

    Args:
        of: where the model has it, a path of attributes or a function of the model; under the same
            name where left out. What an estimator has as ``name_`` is set again when it is read.
        added: files that were written before it was thought of lack it, which reads as None; so do
            those in which it would be empty. For fields.
    """

    of: str | Callable[[Any], Any] | None = None
    added: bool = False

    def taken(self, model: Any, key: str) -> Any:
        """Return what a model has there."""
        return self.of(model) if callable(self.of) else attrgetter(self.of or key)(model)


@dataclass(frozen=True)
class Field(Item):
    """A JSON value.

    Args:
        check: returns what is wrong with a value, as ``check(key, value)``, a sentence each.
        read, write: from the JSON value to what it stands for, and back; None stays None.
    """

    check: Check
    read: Callable[[Any], Any] = lambda value: tuple(value) if isinstance(value, list) else value
    write: Callable[[Any], Any] = plain

    def describe(self, value: Any) -> Any:
        """Return a value as a JSON value."""
        return None if value is None else self.write(value)

    def accept(self, key: str, said: Any, values: Values) -> Any:
        """Return what a JSON value without problems stands for."""
        return None if said is None else self.read(said)


@dataclass(frozen=True)
class Parameters(Item):
    """The arguments of an estimator, but for those that belong to a run.

    Args:
        named: arguments that have another name in files.
        null: what stands for None, where None is for what a preset says.
        later: arguments that came after the first files, and what they are where a file lacks them;
            it is left out of files.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    null: Any = None
    later: Mapping[str, Any] = field(default_factory=dict)
    of: str | Callable[[Any], Any] | None = field(default=lambda model: model, kw_only=True)

    def describe(self, value: Any) -> dict[str, Any]:
        """Return the arguments; a function stays with the program that wrote it."""
        found = {filed: getattr(value, name) for filed, name in self._names(type(value)).items()}
        found = {name: None if callable(one) else plain(one) for name, one in found.items()}
        unsaid = object()
        return {name: one for name, one in found.items() if one is not self.later.get(name, unsaid)}

    def accept(self, key: str, said: Any, values: Values) -> Any:
        """Return the estimator with these arguments, unfitted."""
        kind = values.schema.kind
        names = self._names(kind)
        if not isinstance(said, dict) or set(dict(self.later) | said) != set(names):
            raise OptionError(f"the {key} must be {', '.join(names)}")
        said = dict(self.later) | said
        given = {key: tuple(one) if isinstance(one, list) else one for key, one in said.items()}
        loaded = kind(**{names[k]: self.null if v is None else v for k, v in given.items()})
        refuse(loaded.problems(), f"the {key} are not sound: ")
        return loaded

    def _names(self, kind: Any) -> dict[str, str]:
        """Return the arguments that a file holds, by their names there."""
        held = [name for name in kind.parameter_names() if name not in kind.OF_A_RUN]
        return {self.named.get(name, name): name for name in held}


@dataclass(frozen=True)
class Part(Item):
    """What has a schema of its own.

    Args:
        schema: its schema, or a function of the values so far that returns it.
        named: the names of its tensors begin with its key.
        optional: it may be None.
    """

    schema: Schema | Callable[[Values], Schema]
    named: bool = False
    optional: bool = False

    def written(self, value: Any) -> Schema:
        """Return the schema of a value."""
        return self.schema if isinstance(self.schema, Schema) else type(value).FILE

    def describe(self, value: Any) -> Any:
        """Return its configuration."""
        return None if value is None else self.written(value).describe(value)

    def accept(self, key: str, said: Any, values: Values) -> Any:
        """Return what its configuration says."""
        if said is None and self.optional:
            return None
        schema = self.schema if isinstance(self.schema, Schema) else self.schema(values)
        return schema.read(said, f"the {key}")


@dataclass(frozen=True)
class Array(Item):
    """An array; or, with a star in its name for their numbers, several.

    Args:
        dtype: its name, or a function of the values.
        shape: what ``Values.size`` takes, for each dimension.
        problem: returns what is wrong with its content, as ``problem(array, values)``, or None.
        write: returns the array of what the model has.
        count: how many, what ``Values.size`` takes; None for one without a number.
        when: where it stands whether there are any; None for always.
    """

    dtype: str | Callable[[Values], str]
    shape: tuple[Any, ...]
    problem: Callable[[np.ndarray, Values], str | None] = lambda array, values: None
    write: Callable[[Any], Any] = lambda value: value
    count: Any = field(default=None, kw_only=True)
    when: str | None = field(default=None, kw_only=True)

    def tensors(self, value: Any) -> Tensors:
        """Return its tensors, each by its name within its own."""
        dtype = None if callable(self.dtype) else self.dtype
        return {"": np.ascontiguousarray(self.write(value), dtype)}

    def expected(self, values: Values) -> Expected:
        """Return dtype and shape of its tensors."""
        dtype = self.dtype(values) if callable(self.dtype) else self.dtype
        return {"": (np.dtype(dtype), tuple(map(values.size, self.shape)))}

    def build(self, name: str, values: Values, tensors: Tensors) -> Any:
        """Return it, with memory of its own, after checking what it holds."""
        array = tensors[name].copy()
        if (problem := self.problem(array, values)) is not None:
            raise OptionError(f"{name} {problem}")
        return array


@dataclass(frozen=True)
class Network(Item):
    """A network, or the State of one, read to be used and not trained; ``count``, ``when``: Array.

    Args:
        make: returns it for the values; called where tensors have no memory and nothing is drawn.
    """

    make: Callable[[Values], Any]
    count: Any = field(default=None, kw_only=True)
    when: str | None = field(default=None, kw_only=True)

    def tensors(self, value: Any) -> Tensors:
        """Return its tensors, each by its name within its own."""
        from gatework.network import State

        return value.to_tensors() if isinstance(value, State) else value.state_dict()

    def expected(self, values: Values) -> Expected:
        """Return dtype and shape of its tensors."""
        import torch

        with torch.device("meta"):
            empty = self.tensors(self.make(values))
        return {name: (tensor.dtype, tuple(tensor.shape)) for name, tensor in empty.items()}

    def build(self, name: str, values: Values, tensors: Tensors) -> Any:
        """Return it around its tensors."""
        import torch

        from gatework.network import State

        with torch.device("meta"):
            made = self.make(values)
        own = {inner: tensors[_dotted(name, inner)] for inner in self.tensors(made)}
        if isinstance(made, State):
            return State.from_tensors(own)
        made.load_state_dict(own, assign=True)
        return made.eval()


@dataclass(frozen=True)
class Schema:
    """What the file of a model holds.

    Args:
        config: what stands under each key of the configuration, in this order.
        tensors: what tensors there are, by name, or by what their names begin with.
        check: checks what cannot be together, once each value is sound, and may add to the values
            what follows from them.
        make: returns the model, given the values and by name what was built. Where the
            configuration has "settings", that is the estimator, and ``make`` does what is left.
        kind: the estimator's class.
    """

    config: Mapping[str, Field | Parameters | Part]
    tensors: Mapping[str, Array | Network] = field(default_factory=dict)
    check: Callable[[Values], None] = lambda values: None
    make: Callable[[Values, dict[str, Any]], Any] = lambda values, built: None
    kind: type | None = None

    def describe(self, model: Any) -> dict[str, Any]:
        """Return all but the tensors of a model, as JSON values."""
        said = {key: item.describe(item.taken(model, key)) for key, item in self.config.items()}
        return {key: one for key, one in said.items() if one or not self.config[key].added}

    def collect(self, model: Any, prefix: str = "") -> dict[str, Any]:
        """Return every tensor of a model by name."""
        found: dict[str, Any] = {}
        for key, part, inner in self._parts(prefix):
            if (value := part.taken(model, key)) is not None:
                found |= part.written(value).collect(value, inner)
        for key, item in self.tensors.items():
            value = item.taken(model, key)
            for number, one in enumerate([value] if item.count is None else value):
                name = _dotted(prefix, key.replace("*", str(number)))
                tensors = {} if one is None else item.tensors(one)
                found |= {_dotted(name, inner): tensor for inner, tensor in tensors.items()}
        return found

    def read(self, said: Any, what: str = "the configuration") -> Values:
        """Return what a configuration says, after checking all of it.

        Raises:
            OptionError: when it is not one that ``describe`` returns.
        """
        fields = [(key, item) for key, item in self.config.items() if isinstance(item, Field)]
        added = dict.fromkeys(key for key, item in self.config.items() if item.added)
        if not isinstance(said, dict) or set(added | said) != set(self.config):
            raise OptionError(
                f"{what} is not sound: it must have the keys {', '.join(self.config)}"
            )
        said = added | said
        there = [one for one in fields if not (one[1].added and said[one[0]] is None)]
        problems = [wrong for key, item in there for wrong in item.check(key, said[key])]
        refuse(problems, f"{what} is not sound: ")
        values = Values(schema=self)
        for key, item in self.config.items():
            setattr(values, key, item.accept(key, said[key], values))
        self.check(values)
        return values

    def expected(self, values: Values, prefix: str = "") -> Expected:
        """Return dtype and shape of every tensor that values ask for."""
        found: Expected = {}
        for key, _, inner in self._parts(prefix):
            if (own := getattr(values, key)) is not None:
                found |= own.schema.expected(own, inner)
        for _, item, names in self._own(values, prefix):
            inside = item.expected(values)
            for name in names:
                found |= {_dotted(name, inner): one for inner, one in inside.items()}
        return found

    def build(self, values: Values, tensors: Tensors, prefix: str = "") -> Any:
        """Return the model around its tensors, which are as expected.

        Raises:
            OptionError: when their content cannot be.
        """
        built: dict[str, Any] = dict.fromkeys(self.tensors)
        for key, _, inner in self._parts(prefix):
            own = getattr(values, key)
            built[key] = None if own is None else own.schema.build(own, tensors, inner)
        for key, item, names in self._own(values, prefix):
            made = [item.build(name, values, tensors) for name in names]
            built[key] = made[0] if item.count is None else made
        if not isinstance(self.config.get("settings"), Parameters):
            return self.make(values, built)
        for key, item in [*self.config.items(), *self.tensors.items()]:
            if isinstance(item.of, str) and item.of.isidentifier() and item.of.endswith("_"):
                found = getattr(values, key) if isinstance(item, Field) else built[key]
                setattr(values.settings, item.of, found)
        self.make(values, built)
        return values.settings

    def _parts(self, prefix: str) -> Iterator[tuple[str, Part, str]]:
        """Yield each part, by its key, with what the names of its tensors begin with."""
        for key, item in self.config.items():
            if isinstance(item, Part):
                yield key, item, _dotted(prefix, key) if item.named else prefix

    def _own(self, values: Values, prefix: str) -> Iterator[tuple[str, Array | Network, list[str]]]:
        """Yield what there is of tensors for these values, by its key, with each name."""
        for key, item in self.tensors.items():
            if item.when is None or values.at(item.when):
                count = 1 if item.count is None else values.size(item.count)
                names = [key.replace("*", str(number)) for number in range(count)]
                yield key, item, [_dotted(prefix, name) for name in names]


def elsewhere(module: str, name: str = "FILE") -> Any:
    """Return what stands for the schema of a module, imported when a file is written or read."""
    return _Elsewhere(module, name)


class _Elsewhere:
    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def __get__(self, instance: object, owner: type | None = None) -> Schema:
        return getattr(importlib.import_module(self.module), self.name)


def positive(array: np.ndarray, values: Values) -> str | None:
    """Return what is wrong with an array that must be positive."""
    return None if (array > 0).all() else "must be positive throughout"


def schema_of(kind: Any) -> Schema:
    """Return the schema of an estimator's class."""
    return replace(kind.FILE, kind=kind)


def _dotted(name: str, inner: str) -> str:
    return f"{name}.{inner}" if name and inner else name + inner


class Saved:
    """A model that gatework.save and gatework.load take: ``FILE`` declares what they need.

    Attributes:
        OF_A_RUN: the arguments that no file holds: they belong to a training, or beside it.
    """

    file_kind: ClassVar[str]
    FILE: ClassVar[Schema]
    OF_A_RUN: ClassVar[tuple[str, ...]] = ()

    def check_fitted(self) -> None:
        """Check that there is something to save."""

    def to_config(self) -> dict[str, Any]:
        """Return all but the tensors, as JSON values.

        Raises:
            NotFittedError: when nothing was learned yet.
        """
        self.check_fitted()
        return self.FILE.describe(self)

    def tensors(self) -> Tensors:
        """Return every tensor by name.

        Raises:
            NotFittedError: when nothing was learned yet.
        """
        self.check_fitted()
        return self.FILE.collect(self)

    @classmethod
    def expected_tensors(cls, config: Mapping[str, Any]) -> Expected:
        """Check ``config`` and return dtype and shape of every tensor that it asks for.

        Raises:
            OptionError: when it is not one that ``to_config`` returns.
        """
        schema = schema_of(cls)
        return schema.expected(schema.read(config))

    @classmethod
    def from_config(cls, config: Mapping[str, Any], tensors: Tensors) -> Self:
        """Build the model around its tensors."""
        schema = schema_of(cls)
        return schema.build(schema.read(config), tensors)
