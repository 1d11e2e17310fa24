"""How well a model recognises: accuracy and its interval, confusions, calibration, edit errors."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from gatework.errors import DataError, OptionError, nearest

BINS = 10


class Share(NamedTuple):
    """A share of cases with the interval that it would lie in for as many other cases."""

    value: float
    lower: float
    upper: float
    right: int
    total: int

    def told(self) -> tuple[str, str, str]:
        """Return the share and its interval as percentages, with the decimals that it bears.

        Example:
            >>> Share(33 / 36, 0.7817, 0.9713, 33, 36).told()
            ('92%', '78%', '97%')
        """
        decimals = (self.total >= 200) + (self.total >= 5000)
        value, lower, upper = (f"{one:.{decimals}%}" for one in self[:3])
        return value, lower, upper


def wilson(right: int, total: int, level: float = 0.95) -> Share:
    """Return how many of some cases are right, with Wilson's interval.

    Equations:
        centre = (p + z^2 / 2n) / (1 + z^2 / n)
        half = z sqrt(p (1 - p) / n + z^2 / 4n^2) / (1 + z^2 / n)

    Raises:
        OptionError: when there is no case, or the level is not between 0 and 1.

    Source:
        Wilson 1927, doi:10.1080/01621459.1927.10502953.

    Example:
        >>> share = wilson(97, 100)
        >>> f"{share.value:.3f} from {share.lower:.3f} to {share.upper:.3f}"
        '0.970 from 0.915 to 0.990'
    """
    if not 0 < level < 1:
        raise OptionError(f"level must be between 0 and 1, got {level!r}")
    if total < 1 or not 0 <= right <= total:
        raise OptionError(f"a share needs at least one case, got {right} of {total}")
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = right / total
    scale = 1 + z * z / total
    centre = (share + z * z / (2 * total)) / scale
    half = z * (share * (1 - share) / total + z * z / (4 * total * total)) ** 0.5 / scale
    lower = 0.0 if right == 0 else centre - half
    upper = 1.0 if right == total else centre + half
    return Share(share, lower, upper, right, total)


def confusion_matrix(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Return how often each class, a row, was taken for each class, a column.

    Shapes:
        truth, predicted: (N), numbers of classes from 0. returns: (K, K), int64.

    Example:
        >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    places = truth * classes + predicted
    return np.bincount(places, minlength=classes**2).reshape(classes, classes)


@dataclass(frozen=True)
class CalibrationBin:
    """Cases whose probability lies in a range: what was claimed, and what came true."""

    low: float
    high: float
    count: int
    claimed: float
    right: float


def calibration_bins(probability: np.ndarray, right: np.ndarray) -> list[CalibrationBin]:
    """Return ten ranges of probability, those without a case left out.

    Shapes:
        probability: (N), of the class that was chosen. right: (N), bool.
    """
    edges = np.linspace(0, 1, BINS + 1)
    place = np.clip(np.ceil(probability * BINS).astype(int) - 1, 0, BINS - 1)
    found = []
    for number in range(BINS):
        inside = place == number
        if inside.any():
            found.append(
                CalibrationBin(
                    float(edges[number]),
                    float(edges[number + 1]),
                    int(inside.sum()),
                    float(probability[inside].mean()),
                    float(right[inside].mean()),
                )
            )
    return found


def calibration_error(bins: Sequence[CalibrationBin]) -> float:
    """Return the mean distance of what was claimed from what came true, weighted by cases.

    Source:
        the expected calibration error of Naeini, Cooper, Hauskrecht 2015,
        doi:10.1609/aaai.v29i1.9602; Guo et al. 2017, arXiv:1706.04599.
    """
    total = sum(part.count for part in bins)
    return sum(part.count * abs(part.claimed - part.right) for part in bins) / total


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well a classifier does on labelled sequences.

    Attributes:
        classes: K, in the order of rows and columns.
        names: of the sequences.
        truth: (N), number of the class of each sequence.
        probabilities: (N, K).
    """

    classes: tuple[str, ...]
    names: tuple[str, ...]
    truth: np.ndarray
    probabilities: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """Return the most probable class of each sequence, (N)."""
        return self.probabilities.argmax(axis=1)

    @property
    def right(self) -> np.ndarray:
        """Return where the most probable class is the true one, (N)."""
        return self.predicted == self.truth

    @property
    def confidence(self) -> np.ndarray:
        """Return the probability of the class that was chosen, (N)."""
        return self.probabilities.max(axis=1)

    def accuracy(self, level: float = 0.95) -> Share:
        """Return the share that was recognised, with Wilson's interval."""
        return wilson(int(self.right.sum()), len(self.truth), level)

    @property
    def confusion(self) -> np.ndarray:
        """Return the confusion matrix, (K, K): true classes down, predicted ones across."""
        return confusion_matrix(self.truth, self.predicted, len(self.classes))

    @property
    def bins(self) -> list[CalibrationBin]:
        """Return claimed and true shares by ranges of probability."""
        return calibration_bins(self.confidence, self.right)

    @property
    def log_loss(self) -> float:
        """Return the mean of minus the logarithm of the true class's probability."""
        rows = np.arange(len(self.truth))
        true = self.probabilities[rows, self.truth].astype(np.float64)
        return float(-np.log(np.maximum(true, 1e-12)).mean())

    def worst(self, most: int = 24) -> np.ndarray:
        """Return the mistakes that the model was surest of, as numbers of sequences."""
        wrong = np.flatnonzero(~self.right)
        return wrong[np.argsort(-self.confidence[wrong], kind="stable")][:most]

    def by_class(self) -> list[dict[str, float | int | str]]:
        """Return for each class how many there were, how many found, and how many of it right."""
        found = self.confusion
        rows = []
        for number, name in enumerate(self.classes):
            cases, said = int(found[number].sum()), int(found[:, number].sum())
            hits = int(found[number, number])
            rows.append(
                {
                    "class": name,
                    "cases": cases,
                    "found": hits / cases if cases else float("nan"),
                    "right": hits / said if said else float("nan"),
                }
            )
        return rows


def class_numbers(
    labels: Sequence[str], names: Sequence[str], classes: Sequence[str]
) -> np.ndarray:
    """Return the number of the class of each label, (N).

    Raises:
        DataError: when a label is not among the classes; it is named with its place.
    """
    place = {name: number for number, name in enumerate(classes)}
    unseen = [number for number, label in enumerate(labels) if label not in place]
    if unseen:
        label, where = labels[unseen[0]], names[unseen[0]]
        others = len({labels[number] for number in unseen}) - 1
        more = f", and {others} more labels are unknown" if others else ""
        close = nearest(str(label), classes)
        raise DataError(
            f"'{where}' has the label {label!r}, which the model does not know{more}",
            hint=f"is {close!r} meant?" if close else f"it knows {', '.join(classes[:20])}",
        )
    return np.array([place[label] for label in labels], np.int64)


class Edits(NamedTuple):
    """What turns one row of tokens into another: replaced, left out and put in."""

    replaced: int
    left_out: int
    put_in: int

    @property
    def total(self) -> int:
        """Return all of them."""
        return self.replaced + self.left_out + self.put_in


def edits(truth: Sequence[Hashable], heard: Sequence[Hashable]) -> Edits:
    """Return the fewest edits that turn what was true into what was heard.

    Source:
        Levenshtein 1966; the table of Wagner, Fischer 1974, doi:10.1145/321796.321811.

    Example:
        >>> edits("kitten", "sitting")
        Edits(replaced=2, left_out=0, put_in=1)
    """
    before = [Edits(0, 0, number) for number in range(len(heard) + 1)]
    for number, token in enumerate(truth, start=1):
        row = [Edits(0, number, 0)]
        for place, other in enumerate(heard, start=1):
            same, up, left = before[place - 1], before[place], row[-1]
            if token == other:
                row.append(same)
                continue
            ways = (
                same._replace(replaced=same.replaced + 1),
                up._replace(left_out=up.left_out + 1),
                left._replace(put_in=left.put_in + 1),
            )
            row.append(min(ways, key=lambda way: way.total))
        before = row
    return before[-1]


def error_rate(truths: Sequence[Sequence[Hashable]], heard: Sequence[Sequence[Hashable]]) -> float:
    """Return all edits over all true tokens: the error rate of words, characters or digits.

    Raises:
        DataError: when there is no true token.

    Example:
        >>> error_rate(["1234", "56"], ["1284", "56"])
        0.16666666666666666
    """
    tokens = sum(map(len, truths))
    if not tokens:
        raise DataError("the true transcripts have no token", hint="give at least one")
    return sum(edits(*pair).total for pair in zip(truths, heard, strict=True)) / tokens
