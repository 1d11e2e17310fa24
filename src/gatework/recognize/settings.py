"""Whether the arguments of an estimator can be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatework.cell.options import VARIANTS
from gatework.checks import is_number, is_whole, meant, one_of, optional, wrong_fields
from gatework.errors import OptionError
from gatework.network import LSTM
from gatework.recognize.augment.base import Augmentation
from gatework.recognize.memory import memory_problems
from gatework.train.optimizers import SCHEDULES

MOST_UNITS = 2**14
MOST_LAYERS = 64


def settings_problems(given: Any) -> list[str]:
    """Return what is wrong with the arguments of an estimator of sequences, in sentences."""
    found = size_problems(given.hidden_sizes) + wrong_fields(given)
    if is_number(given.learning_rate) and given.learning_rate == 0:
        found.append("learning_rate must be more than 0")
    found += optional(one_of(SCHEDULES, functions=True))("schedule", given.schedule)
    if given.chrono_steps is not None:
        found += memory_problems(given.chrono_steps)
    known = (None, "auto") if given.AUTO_AUGMENT else (None,)
    if not hasattr(given.augment, "vary_features") and given.augment not in known:
        said = "'auto', None or an" if given.AUTO_AUGMENT else "None or an"
        found.append(
            f"augment must be {said} augmentation such as SeriesAugmentation(), "
            f"got {given.augment!r}"
        )
    found += _validation(given)
    found += _variants(given.variants)
    if not found:  # sizes and switches are sound, so only what contradicts itself is left
        found += contradictions(given)
    return found


def check_augment(augment: Augmentation | None, kind: str, *, steps: bool, whole: bool) -> None:
    """Refuse to vary what is of another kind, or to move steps away from their labels.

    Args:
        augment: what varies the sequences; None for nothing.
        kind: of the sequences.
        steps: each of them has a label of its own.
        whole: all of a sequence is to be told.

    Raises:
        OptionError: when that does not go together.
    """
    if augment is None:
        return
    if augment.reads not in (kind, "array"):
        raise OptionError(
            f"augment={type(augment).__name__} varies the kind {augment.reads!r}, but the "
            f"sequences are of the kind {kind!r}",
            hint="SeriesAugmentation varies steps of every kind",
        )
    if steps and not augment.keeps_steps:
        raise OptionError(
            f"augment={augment!r} moves steps away from their labels, and a tagger has one for "
            "each step",
            hint="TextAugmentation(piece=1), or SeriesAugmentation(noise=0.1, scale=0.1)",
        )
    if whole and not augment.keeps_whole:
        raise OptionError(
            f"augment={augment!r} cuts off what transcripts say",
            hint="SoundAugmentation(shift=0), or TextAugmentation or SeriesAugmentation with "
            "piece=1",
        )


def size_problems(sizes: Any) -> list[str]:
    """Return what is wrong with the sizes of the layers."""
    listed = [sizes] if not isinstance(sizes, list | tuple) else list(sizes)
    if not 1 <= len(listed) <= MOST_LAYERS:
        return [f"hidden_sizes must name 1 to {MOST_LAYERS} layers, got {len(listed)}"]
    if any(not is_whole(size, 1, MOST_UNITS) for size in listed):
        return [f"hidden_sizes must be whole numbers from 1 to {MOST_UNITS}, got {sizes!r}"]
    return []


def sizes_of(given: Any) -> list[int]:
    """Return the size of each layer, whether it came as one number or as a list."""
    sizes = given.hidden_sizes
    return list(sizes) if isinstance(sizes, list | tuple) else [sizes]


def contradictions(given: Any) -> list[str]:
    """Return what gatework.LSTM refuses of the variants."""
    variants = dict(given.variants or {})
    found = []
    try:
        LSTM(1, sizes_of(given), device="meta", **variants)
    except (OptionError, TypeError) as error:
        said = getattr(error, "message", str(error))
        found.append(f"variants: {said.removeprefix('LSTM cannot be built: ')}")
    if given.chrono_steps is not None:
        biases = variants.get("bias", True)
        if not all(biases) if isinstance(biases, list | tuple) else not biases:
            found.append("chrono_steps is a matter of the biases and needs them, got bias=False")
        if variants.get("forget_bias") is not None:
            found.append("chrono_steps and forget_bias both set the forget gates; give one of them")
    return found


def _variants(variants: Any) -> list[str]:
    if variants is None:
        return []
    if not isinstance(variants, Mapping):
        return [f"variants must be options of gatework.LSTM by name, got {variants!r}"]
    return [
        f"variants: {name!r} is none of {', '.join(VARIANTS)}{meant(name, VARIANTS)}"
        for name in variants
        if name not in VARIANTS
    ]


def _validation(given: Any) -> list[str]:
    validation, found = given.validation, []
    if is_number(validation):
        if not 0 < validation < 1:
            found.append(f"validation must be a share between 0 and 1, got {validation!r}")
    elif isinstance(validation, str) and validation == "auto":
        pass
    elif validation is not None and not (isinstance(validation, tuple) and len(validation) == 2):
        said = "a share of the data, a pair (X, y), 'auto' or None"
        found.append(f"validation must be {said}, got {type(validation).__name__}")
    if given.patience is not None and validation is None:
        found.append("patience needs validation: a share of the data such as 0.1")
    if given.checkpoint_every and given.checkpoint is None:
        found.append("checkpoint_every needs a checkpoint path")
    return found
