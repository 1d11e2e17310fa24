"""Notes that are alike are told once; what differs in more than its column is told."""

from gatework.tabular.few_notes import few_of_a_kind


def test_other_marks_for_missing_are_other_notes() -> None:
    said = "{} in row 3 and 2 other rows of column {!r} is taken for missing"
    notes = [said.format("'n/a'", f"c{n}") for n in range(5)]
    other = said.format("'-'", "last")
    far = "column 'x': -999 in row 4 lies far away: --missing-mark -999 takes it as such"
    more = "4 more notes of this kind are left out, for other columns"
    assert few_of_a_kind([*notes, other, far]) == [notes[0], more, other, far]


def test_examples_of_the_same_reading_are_one_note() -> None:
    said = "the dot begins the decimals of column {!r}: '{}' is read as {}; "
    said += "--decimal comma reads it as {}"
    notes = [said.format(f"it's {n}", f"1.{n}00", f"1.{n}00", f"1{n}00") for n in range(4)]
    assert few_of_a_kind(notes)[1:] == ["3 more notes of this kind are left out, for other columns"]
