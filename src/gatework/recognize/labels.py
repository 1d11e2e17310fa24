"""What is odd about labels, said before anything is learned from them."""

from __future__ import annotations

from collections import Counter, defaultdict

from gatework.recognize.sequences import Sequences

NAMED = 3
"""Classes and files that a remark names; the others are counted."""


def odd_labels(sequences: Sequences) -> list[str]:
    """Return what is odd about the labels of whole sequences, in sentences.

    A class with one example, which cannot be both learned and tested; classes that differ in
    capitals or blanks alone; the same content in two classes.

    Example:
        >>> X = ([[1.0]], [[2.0]], [[3.0]])
        >>> odd_labels(Sequences(X, ("a", "b", "c"), ("Yes", "yes", "yes")))[0]
        "one example of the class 'Yes': it cannot be both learned and tested"
    """
    labels = [label for label in sequences.labels or () if isinstance(label, str)]
    if len(labels) < len(sequences):
        return []
    counts = Counter(labels)
    found = []
    if rare := [repr(name) for name, count in sorted(counts.items()) if count == 1]:
        classes = "the class" if len(rare) == 1 else "each of the classes"
        found.append(
            f"one example of {classes} {_listed(rare)}: it cannot be both learned and tested"
        )
    alike: dict[str, list[str]] = defaultdict(list)
    for name in sorted(counts):
        alike["".join(name.split()).casefold()].append(name)
    found += [
        f"the classes {' and '.join(map(repr, names))} differ in capitals or blanks alone"
        for names in alike.values()
        if len(names) > 1
    ]
    return found + _twice(sequences, labels)


def _twice(sequences: Sequences, labels: list[str]) -> list[str]:
    places: dict[object, int] = {}
    pairs = []
    for row, label in enumerate(labels):
        content = sequences.content(row)
        key = content if isinstance(content, str) else (content.shape, content.tobytes())
        first = places.setdefault(key, row)
        if labels[first] != label:
            pairs.append((first, row))
    if not pairs:
        return []
    said = [
        f"'{sequences.names[one]}' of {labels[one]!r} is '{sequences.names[other]}' of "
        f"{labels[other]!r}"
        for one, other in pairs
    ]
    count = "1 sequence stands" if len(pairs) == 1 else f"{len(pairs)} sequences stand"
    return [f"{count} in two classes: {_listed(said)}"]


def _listed(parts: list[str]) -> str:
    more = f", and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
    return ", ".join(parts[:NAMED]) + more
