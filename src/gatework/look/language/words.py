"""Texts in the reader's language: English is the key, and others are looked up in a catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, reduce
from string import Formatter
from typing import Any

from gatework.errors import OptionError
from gatework.look.language.catalogue import FOLDER, catalogue
from gatework.system.terminal import isolated

LANGUAGES = ("en", *sorted(file.stem for file in FOLDER.glob("*.po")))
"""The languages that pictures speak: English, and those that have a catalogue beside this file."""


SIGNAL_WORDS = {
    "input_gate": "input gate",
    "forget_gate": "forget gate",
    "candidate": "candidate",
    "output_gate": "output gate",
    "cell": "cell state",
    "hidden": "hidden state",
    "normaliser": "normaliser",
    "stabiliser": "stabiliser",
}
"""What the signals of a trace are called."""


FOLLOWING = "{before} {after}"
"""How two sentences follow on each other."""

GIVEN = (
    "digit {n}",
    "line {n}",
    "embedding {n}",
    "feature {n}",
    "output {n}",
    "wave {n}",
    "covariate {n}",
    "smoother {n}, {k} ahead",
    "error of smoother {n}",
    "usual error of smoother {n}",
    "bias of smoother {n}",
    "smoother {n} less their mean, {k} ahead",
    "level in units of error",
    "age of the series",
    "missing value",
    "share of zeros",
    "whether the series counts",
    "size of counts",
    "whether there is a season",
    "length of the season",
    "seasons seen",
    "share of the season that is no chance",
    "mean of {name}, rate {rate}",
    "slope of {name}",
    "cycles run",
    "scale of errors",
    "forecast {n} ahead",
    "cycles left, before it is held between 0 and the cap",
    "Convolutions",
    "Convolutions beside",
    "Embedding",
    "Entry",
    "Head",
    "mean of {n} networks",
    "Linear",
    "Weights",
    "Weights, quantiles",
    "peephole",
    "layer norm",
    "coupled gates",
    "exponential gating",
    "projection to {n}",
    "recurrent dropout {rate}",
    "candidate dropout {rate}",
    "cell zoneout {rate}",
    "hidden zoneout {rate}",
    "DropConnect {rate}",
    "learned initial state",
    "no bias",
    "letters",
    "LANL {system}, failures a week",
    "LANL {system} failures a week",
    "the digits of scikit-learn, second half",
    "{title}, waves",
    "level of the series",
    "Forecaster: {name}",
    "LifeEstimator: unit {name}",
    "a linear model of the same signals",
    "always saying the mean life left",
    "{title}, the first of {n} networks",
    "SequenceClassifier: {name}",
    "SequenceRegressor: {name}",
    "SequenceTagger: {name}",
    "{title}, its own words",
    "{model}.safetensors, {file}",
    "Transcriber: {name}",
    "Writer",
)
"""What Gatework calls columns, results, layers and runs that have no name of their own."""


NAMES = (
    *("open", "closed", "forward", "reverse", "weights", "states"),
    *("training", "before", "validation", "test", "forecast"),
)
"""States, directions and parts of a series, asked for by the names that the code has for them."""


@dataclass(frozen=True)
class Words:
    """Writes a text in one language.

    Example:
        >>> words_in("zh")("forget gate"), words_in("en")("layer {n}", n=2)
        ('遗忘门', 'layer 2')
    """

    language: str

    def __call__(self, english: str, /, **values: Any) -> str:
        """Return the text in the language, with ``{name}`` replaced by the values.

        A value that is a text of the other direction leaves the order of the rest as it is.
        """
        return _filled(catalogue(self.language).text(english), values)

    def many(self, count: int, one: str, several: str, **values: Any) -> str:
        """Return the text for one or for several; ``{count}`` is how many."""
        text = catalogue(self.language).counted(count, one, several)
        return _filled(text, {"count": f"{count:,}", **values})

    def of(self, context: str, english: str) -> str:
        """Return a text that says something else in another context."""
        return catalogue(self.language).text(english, context)

    def labelled(self, name: str, what: str) -> str:
        """Return what is told of something, after its name.

        Example:
            >>> words_in("zh").labelled("a", "b"), words_in("en").labelled("a", "b")
            ('a：b', 'a: b')
        """
        return self("{name}: {what}", name=name, what=what)

    def told(self, *sentences: str) -> str:
        """Return sentences after one another.

        Example:
            >>> words_in("zh").told("甲。", "乙。"), words_in("en").told("One.", "Two.")
            ('甲。乙。', 'One. Two.')
        """
        return reduce(lambda before, after: self(FOLLOWING, before=before, after=after), sentences)

    def all_of(self, context: str) -> dict[str, str]:
        """Return all texts of a context by the English ones; none in English."""
        return catalogue(self.language).of_context(context)

    def listed(self, items: Iterable[str]) -> str:
        """Return an enumeration.

        Example:
            >>> words_in("zh").listed(["a", "b"]), words_in("en").listed(["a", "b"])
            ('a、b', 'a, b')
        """
        return self.of("list", ", ").join(items)

    @property
    def tag(self) -> str:
        """The language as pages name it, such as "zh-Hans"."""
        return catalogue(self.language).tag

    def name(self, given: str) -> str:
        """Return a name: of those that Gatework gives ("feature 0") the word in the language.

        Example:
            >>> words_in("zh").name("feature 0"), words_in("zh").name("feature of mine")
            ('特征 0', 'feature of mine')
        """
        for known in GIVEN:
            found = pattern_of(known).fullmatch(given)
            if found is not None:
                inner = found.groupdict()
                return self(known, **{field: self.name(one) for field, one in inner.items()})
        return given


def layer_name(words: Words, layer: int, direction: str | None = None) -> str:
    """Return what the layer of a number, from 0, is called, with its direction where it has two.

    Example:
        >>> layer_name(words_in("en"), 0), layer_name(words_in("en"), 1, "reverse")
        ('layer 1', 'layer 2 (reverse)')
    """
    name = words("layer {n}", n=layer + 1)
    if direction is None:
        return name
    return words("{layer} ({direction})", layer=name, direction=words(direction))


ENGLISH = Words("en")
"""The words of those who asked for none."""


_TOUCH = re.compile(r"[A-Za-z0-9%)][\u4e00-\u9fff]|[\u4e00-\u9fff][A-Za-z0-9(]")
"""Where a Latin word or a number meets a Chinese one."""


def _filled(text: str, values: dict[str, Any]) -> str:
    """Return a text with its fields filled; no Chinese word touches what is filled in."""
    if not values:
        return text
    written = ""
    for literal, name, form, _ in Formatter().parse(text):
        written = _joined(written, literal)
        if name is not None:
            value = values[name]
            told = isolated(value) if isinstance(value, str) else value
            written = _joined(written, format(told, form or ""))
    return written


def _joined(before: str, after: str) -> str:
    return before + (" " if _TOUCH.fullmatch(before[-1:] + after[:1]) else "") + after


@cache
def pattern_of(text: str) -> re.Pattern[str]:
    """Return the pattern of texts like this one; a field of one letter in it is a number."""
    pieces = re.split(r"\{(\w+)\}", text)
    for at, piece in enumerate(pieces):
        kind = r"\d+" if len(piece) == 1 else ".+?"
        pieces[at] = f"(?P<{piece}>{kind})" if at % 2 else re.escape(piece)
    return re.compile("".join(pieces), re.DOTALL)


def words_in(language: str) -> Words:
    """Return the words of a language.

    Raises:
        OptionError: when it is not one of LANGUAGES.
    """
    if language not in LANGUAGES:
        raise OptionError(
            f"language must be one of {', '.join(map(repr, LANGUAGES))}, got {language!r}",
            hint="language='en'",
        )
    return Words(language)
