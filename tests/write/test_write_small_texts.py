"""A small text is read in fewer streams, by a smaller network with more dropout, more often."""

import pytest

from gatework.write import PRESETS, Writer
from gatework.write.small_texts import suited, told

PLAIN = PRESETS["plain"]


@pytest.mark.parametrize(
    ("tokens", "streams", "units", "dropout"),
    [(5_400, 2, 256, 0.5), (90_000, 8, 256, 0.4), (360_000, 17, 512, 0.35), (5e6, 64, 512, 0.35)],
)
def test_streams_units_and_dropout_follow_the_size(tokens, streams, units, dropout) -> None:
    found = suited(PLAIN, (), tokens, int(tokens) // 64)
    assert (found.batch_size, found.hidden_sizes) == (streams, (units,))
    assert found.output_dropout == dropout


def test_what_is_given_stays_and_a_large_text_changes_nothing() -> None:
    given = ("batch_size", "epochs", "input_dropout")
    found = suited(PLAIN, given, 5_400, 84)
    assert [getattr(found, name) for name in given] == [64, PLAIN.epochs, 0.0]
    assert found.output_dropout == 0.5
    alone = suited(PLAIN, ("hidden_sizes",), 5_400, 84)  # dropout belongs to the layers
    assert (alone.hidden_sizes, alone.output_dropout, alone.batch_size) == ((512,), 0.35, 2)
    assert suited(PRESETS["awd"], (), 5_400, 77) == PRESETS["awd"]
    assert told(PLAIN, suited(PLAIN, (), 10_000_000, 156_250)) == []


def test_tied_layers_keep_their_sizes() -> None:
    found = suited(PRESETS["verse"], (), 25_000, 450)
    assert (found.hidden_sizes, found.batch_size, found.epochs) == ((512,), 5, 9)
    assert (found.output_dropout, found.input_dropout) == (0.5, 0.3)


def test_a_writer_says_what_it_chose_and_keeps_it_in_its_settings() -> None:
    writer = Writer(hidden_sizes=[8], epochs=1, seed=1).fit("to be or not to be. " * 80)
    assert writer.settings_.batch_size == 2
    assert "for a text of this size: batch_size 2 (64 otherwise)" in writer.notes_
    assert writer.baseline_ is not None
    assert writer.baseline_.loss < writer.history_.validation[-1]
    fixed = Writer(hidden_sizes=[8], epochs=1, batch_size=9, seed=1).fit("to be or not. " * 200)
    assert fixed.settings_.batch_size == 9
    assert not any("this size" in note for note in fixed.notes_)
