"""Labels that are odd are said, and a result stands beside the nearest neighbour."""

import numpy as np

from gatework.recognize import Sequences
from gatework.recognize.baseline import also_learned, also_learned_note, nearest
from gatework.recognize.inverted import tell_inverted
from gatework.recognize.labels import odd_labels
from gatework.recognize.scaling import Scaling


def series(*values: float, labels: str, kind: str = "array") -> Sequences:
    X = tuple(np.full((4, 1), value, np.float32) for value in values)
    return Sequences(X, tuple(map(str, values)), tuple(labels.split()), kind)


def test_what_is_odd_about_labels_is_said() -> None:
    assert odd_labels(series(1, 2, 3, 4, labels="a a b b")) == []
    said = odd_labels(series(1, 2, 3, 4, 1, labels="Three three three one three"))
    assert said == [
        "one example of each of the classes 'Three', 'one': it cannot be both learned and tested",
        "the classes 'Three' and 'three' differ in capitals or blanks alone",
        "1 sequence stands in two classes: '1' of 'Three' is '1' of 'three'",
    ]


def test_the_nearest_neighbour_is_found_at_other_lengths_and_says_who_is_better() -> None:
    known = series(0, 1, 5, 6, labels="low low high high")
    longer = tuple(np.full((9, 1), value, np.float32) for value in (0.4, 5.2, 3.2))
    found = nearest(known, Sequences(longer, ("x", "y", "z"), ("low", "high", "low")))
    assert (found.share.right, found.share.total, found.among) == (2, 3, 4)
    said = "the nearest neighbour recognises 67%: "
    assert found.sentence(found.share) == said + "as good as the model"
    assert found.sentence(found.share._replace(right=1)) == (
        said + "better than the model by 1 of 3, which may be chance"
    )
    ahead = found.share._replace(right=8, total=9)
    assert found.sentence(ahead) == said + "the model is better"


def test_sequences_of_a_test_that_were_learned_are_counted() -> None:
    known = series(0, 1, labels="low high")
    asked = series(1, 2, 1, labels="low low high")
    assert also_learned(known, asked) == 2
    longer = Sequences((np.ones((5, 1), np.float32),), ("x",), ("low",))
    assert also_learned(known, longer) == 0
    assert also_learned_note(1, 3).startswith("1 of 3 sequences stands among")


def test_pictures_that_are_light_where_dark_ones_were_learned_are_told() -> None:
    scaling = Scaling(np.full(1, 0.2, np.float32), np.ones(1, np.float32))
    found = tell_inverted(series(0.1, 0.9, 0.45, labels="a a a", kind="image"), scaling)
    said = "1 picture is mostly light, while the model learned from dark ones: '0.9'"
    assert found.remarks == (said,)
    others = series(0.9, labels="a", kind="sound")
    assert tell_inverted(others, scaling) is others
