"""Sequences hold together, and say what does not."""

import numpy as np
import pytest

from gatework.errors import DataError
from gatework.recognize import Sequences
from gatework.recognize.augment import ImageAugmentation
from gatework.recognize.features.images import Columns


def some(**changes):
    parts = {
        "values": (np.zeros((3, 2)), np.ones((4, 2))),
        "names": ("a.png", "b.png"),
        "labels": ("x", "y"),
    }
    return Sequences(**(parts | changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"values": ()}, "there is no sequence"),
        ({"names": ("a",)}, "2 sequences but 1 names"),
        ({"labels": ("x",)}, "2 sequences but 1 label"),
        ({"values": (np.zeros((3, 2)), np.zeros((0, 2)))}, r"'b.png' has no step"),
        ({"values": (np.zeros((3, 2)), np.zeros((4, 1)))}, r"'b.png' has 1 channel, but 'a.png'"),
        ({"values": (np.zeros((3, 2)), np.zeros(4))}, r"'b.png' must have the shape"),
        ({"values": (np.zeros((3, 0)), np.zeros((4, 0)))}, "'a.png' has no channel"),
        ({"labels": (("x", "y"), ("x",) * 4)}, "'a.png' has 3 steps but 2 labels"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_name(changes, said) -> None:
    with pytest.raises(DataError, match=said):
        some(**changes)


def test_a_value_that_is_no_number_is_refused_with_its_place() -> None:
    odd = np.ones((4, 2))
    odd[2, 1] = np.nan
    with pytest.raises(DataError, match=r"'b.png', step 3, channel 2: the value is not a finite"):
        some(values=(np.zeros((3, 2)), odd))


def test_some_of_the_sequences_keep_their_names_labels_and_contents() -> None:
    whole = some(contents=("one", "two"), kind="text", remarks=("said",))
    part = whole.rows([1])
    assert (part.names, part.labels, part.content(0), part.kind) == (
        ("b.png",),
        ("y",),
        "two",
        "text",
    )
    assert part.remarks == ("said",)
    assert whole.content(0) == "one"
    assert np.array_equal(np.asarray(some().content(1)), np.ones((4, 2)))


def test_labels_of_steps_give_classes_too() -> None:
    assert some(labels=(("b", "b", "c"), ("a",) * 4)).classes == ("a", "b", "c")
    assert some(labels=None).classes == ()


def test_a_variation_depends_on_row_seed_and_epoch_alone() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (6, 5)).astype(np.uint8)
    made = Columns(height=6, width=5)
    sequences = Sequences((made(picture),) * 2, ("a", "b"), None, "image", made, (picture, picture))

    def varied(*rows: int, seed=3, epoch=2):
        return sequences.varied(rows, ImageAugmentation(elastic=1.0), seed=seed, epoch=epoch)

    (first,) = varied(1)
    assert np.array_equal(first, varied(0, 1)[1])
    for (other,) in (varied(1, seed=4), varied(1, epoch=1), varied(0)):
        assert not np.array_equal(first, other)
    assert first.shape == (5, 6)
