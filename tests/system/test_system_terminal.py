"""Foreign text on its way out: it is shown, never obeyed."""

import errno
import io
import json
import sys

import pytest
from rich.table import Table

from gatework.system import terminal
from gatework.system.terminal import console, guarded, isolated, shown

HOSTILE = "\x1b]0;x\x07\x1b[31mred\x9b2J\u202e\u200bgnp\r\x7f\u2028\U000e0041"
KEPT = [
    "pump\t7\n",
    "预测",
    "é",
    "می\u200cخواهم",
    "क्\u200dष",
    "👩\u200d🔧",
    "❤\ufe0f\u200d🔥",
    "שלום",
]


def unseen(text: str) -> set[str]:
    """Return the characters of HOSTILE that are in a text and cannot be seen."""
    return {one for one in HOSTILE if one in text and not one.isprintable()}


def test_what_works_unseen_is_written_out_as_json_writes_it() -> None:
    assert not unseen(shown(HOSTILE))
    assert json.loads(f'"{shown(HOSTILE)}"') == HOSTILE
    assert shown(shown(HOSTILE)) == shown(HOSTILE)


@pytest.mark.parametrize("text", KEPT)
def test_the_spelling_of_no_language_is_touched(text) -> None:
    assert shown(text) == text


def test_joiners_between_other_letters_are_written_out() -> None:
    assert shown("pay\u200dpal \u200cש") == "pay\\u200dpal \\u200cש"


def test_a_text_of_the_other_direction_stands_by_itself() -> None:
    assert isolated("שלום") == "\u2068שלום\u2069"
    assert isolated("a\u2069b") == "a\\u2069b"


def test_the_standard_streams_show_text_while_they_are_guarded(monkeypatch) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with guarded():
        print(HOSTILE)
        sys.stderr.writelines([HOSTILE, "\n"])
        assert not hasattr(sys.stdout, "buffer")
    assert sys.stdout is out
    assert out.getvalue() == err.getvalue() == shown(HOSTILE) + "\n"


def test_a_console_styles_a_text_that_styles_nothing(monkeypatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    table = Table(title="t")
    table.add_column(HOSTILE, style="bold")
    table.add_row(HOSTILE)
    with guarded():
        drawn = console(force_terminal=True, width=200)
        drawn.print(table)
        drawn.print(HOSTILE, ":pill:", markup=False)
    told = out.getvalue()
    assert told.count("\\u001b[31mred\\u009b2J\\u202e\\u200bgnp") == 1
    assert "\x1b[1m" in told
    assert not unseen(told.replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[3m", ""))
    assert ":pill:" in told


def test_a_line_is_written_over_by_ours_alone(monkeypatch) -> None:
    err = io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    with guarded():
        terminal.write_over(f"3 of {HOSTILE}")
    assert err.getvalue() == f"\r3 of {shown(HOSTILE)}"


def test_a_console_whose_reader_is_gone_fails_as_every_other_write_does() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    with pytest.raises(BrokenPipeError):  # rich would end the program with exit code 1
        console(file=Gone()).print("a table")
