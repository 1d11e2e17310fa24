"""Errors: one sentence and a hint, and the built-in exception that fits."""

import pytest

from gatework import errors


def test_message_and_hint_are_two_lines() -> None:
    error = errors.DataError("column 'fault' is not in the file", hint="--column faults")
    assert str(error) == "column 'fault' is not in the file\nhint: --column faults"
    assert str(errors.DataError("nothing to add")) == "nothing to add"


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.OptionError, ValueError),
        (errors.ShapeError, ValueError),
        (errors.DataError, ValueError),
        (errors.FileFormatError, ValueError),
        (errors.OutputError, OSError),
        (errors.TrainingError, RuntimeError),
        (errors.Interrupted, errors.GateworkError),
        (errors.MissingDependencyError, ImportError),
    ],
)
def test_errors_are_caught_as_the_builtin_that_fits(error, builtin) -> None:
    with pytest.raises(builtin, match=r"went wrong\nhint: try again"):
        raise error("went wrong", hint="try again")
    assert issubclass(error, errors.GateworkError)


def test_nearest_finds_a_slip_of_the_keyboard_and_nothing_else() -> None:
    assert errors.nearest("Fualts", ["date", "faults", "hours"]) == "faults"
    assert errors.nearest("temperature", ["date", "faults"]) is None
