"""Lines of a file that grows, is rotated, is truncated."""

import io
import os

import pytest

from gatework.errors import DataError, InputFileError, OptionError
from gatework.watch.follow import Change, FileLines, Line
from gatework.watch.rows import RowReader
from gatework.watch.tally import Tally, find_moved, recount


def until_idle(iterator) -> list:
    """Return what comes until there is no more."""
    found = []
    while (item := next(iterator)) is not None:
        found.append(item.data if isinstance(item, Line) else item)
    return found


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(b"1\n2\n")
    return path


def add(path, data: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(data)


def test_lines_come_once_they_have_an_end(file) -> None:
    lines = FileLines(file)
    iterator = iter(lines)
    assert until_idle(iterator) == [b"1\n", b"2\n"]
    add(file, b"3")
    assert until_idle(iterator) == []
    add(file, b"4\n5\n")
    assert until_idle(iterator) == [b"34\n", b"5\n"]
    add(file, b"6")
    assert until_idle(iterator) == []
    assert list(lines.rest()) == [Line(b"6")]
    lines.close()


def test_a_rotated_file_is_read_to_its_end_first(file) -> None:
    iterator = iter(FileLines(file))
    until_idle(iterator)
    file.rename(file.with_name("rows.csv.1"))
    add(file.with_name("rows.csv.1"), b"3\n")
    assert until_idle(iterator) == [b"3\n"]  # the new file is not there yet
    add(file, b"5\n")
    assert until_idle(iterator) == []
    add(file.with_name("rows.csv.1"), b"4")  # its writer has not noticed yet
    found = until_idle(iterator)
    assert found[0] == b"4"
    assert isinstance(found[1], Change)
    assert found[1].reason.endswith("rows.csv was rotated; the new file is read from its beginning")
    assert found[2:] == [b"5\n"]


def test_a_truncated_file_is_read_from_its_beginning(file) -> None:
    iterator = iter(FileLines(file))
    add(file, b"3")
    assert until_idle(iterator) == [b"1\n", b"2\n"]
    file.write_bytes(b"9\n")
    change, line = until_idle(iterator)
    assert line == b"9\n"
    assert change.reason.endswith(
        "rows.csv was truncated, with an unfinished row; it is read from its beginning"
    )


def test_files_that_cannot_be_followed(tmp_path) -> None:
    with pytest.raises(InputFileError, match=r"there is no file .*rows"):
        FileLines(tmp_path / "rows")
    with pytest.raises(InputFileError, match="is a folder, expected a file"):
        FileLines(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputFileError, match="is not an ordinary file\nhint: gatework watch MODEL"):
        FileLines(tmp_path / "pipe")
    (tmp_path / "long").write_bytes(b"1\n" + b"1" * (2 << 20))
    with pytest.raises(DataError, match="has a line of more than 1048576 bytes"):
        until_idle(iter(FileLines(tmp_path / "long")))


def test_a_moved_file_is_found_by_what_was_read_of_it(file) -> None:
    tally = Tally()
    tally.add(b"1\n2\n")
    known = recount(io.BytesIO(b"1\n2\n3\n"), tally.to_config())
    assert known is not None
    assert known.bytes == 4
    assert recount(io.BytesIO(b"1\n3\n3\n"), tally.to_config()) is None
    assert recount(io.BytesIO(b"1\n"), tally.to_config()) is None
    assert find_moved(file, tally.to_config()) is None
    moved = file.rename(file.with_name("rows.csv-2026"))
    file.with_name("rows.csv.0").write_bytes(b"1\n9\n9\n")
    file.with_name("rows.csv.short").write_bytes(b"1\n")
    assert find_moved(file, tally.to_config()) == moved
    assert find_moved(file, Tally().to_config()) is None
    for wrong in (None, {}, {"bytes": -1, "sha256": ""}, {"bytes": 1, "sha256": 2}):
        with pytest.raises(OptionError, match="a length in bytes and a digest"):
            recount(io.BytesIO(), wrong)


def test_a_row_of_several_lines_counts_once_it_is_whole(file) -> None:
    reader = RowReader()
    file.write_bytes(b'date,v,note\r\n2005-01,3,"a\r\n')
    lines = FileLines(file, reader=reader)
    iterator = iter(lines)

    def rows() -> list[float]:
        found = []
        while (item := next(iterator)) is not None:
            assert isinstance(item, Line)
            row = reader.read(item.data)
            found += [] if row is None else [row.value]
        return found

    assert rows() == []
    assert (lines.offset, lines.buffer) == (13, b'2005-01,3,"a\r\n')
    add(file, b"\r\nb")
    assert rows() == []
    add(file, b'"\r\n2005-02,4,c\r\n2005')
    assert rows() == [3, 4]
    known = file.read_bytes()[: lines.offset]
    assert known.endswith(b"2005-02,4,c\r\n")
    add(file, b"-03,5,d\r\n")
    again = RowReader()
    again.restore(reader.to_config())
    lines = FileLines(file, len(known), reader=again)
    iterator, reader = iter(lines), again
    assert rows() == [5]


def test_utf_16_is_followed_by_whole_characters(file) -> None:
    reader = RowReader()
    data = "date,v\n2005-01,3\n2005-02,4\n".encode("utf-16")
    file.write_bytes(data[:41])
    lines = FileLines(file, reader=reader)
    iterator, found = iter(lines), []
    for more in (data[41:50], data[50:]):
        found += [reader.read(one) for one in until_idle(iterator)]
        add(file, more)
    found += [reader.read(one) for one in until_idle(iterator)]
    assert [row.value for row in found if row] == [3, 4]
    assert lines.offset == len(data)
