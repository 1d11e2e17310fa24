"""Reading texts, leaving duplicates out, and setting parts aside."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatework.errors import DataError, InputFileError, OptionError
from gatework.write import Corpus, read_corpus, split_corpus


def test_a_folder_is_read_in_order_without_hidden_files(tmp_path) -> None:
    for name, text in (("b.txt", "second"), ("a/c.txt", "first"), (".hidden", "no"), ("d.md", "x")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert read_corpus(tmp_path).documents == ("first", "second", "x")
    assert read_corpus(tmp_path, pattern="*.txt").documents == ("first", "second")


def test_a_model_that_is_written_into_the_folder_is_left_out(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("spring")
    (tmp_path / "m.st").write_bytes(b"\xff\x00")
    assert read_corpus(tmp_path, without=[tmp_path / "m.st"]).documents == ("spring",)


def test_a_line_may_be_a_document_and_line_ends_and_marks_do_not_matter(tmp_path) -> None:
    path = tmp_path / "poems.txt"
    path.write_bytes("\ufeffone\r\ntwo\r\n\r\none \n".encode())
    found = read_corpus(path, unit="line")
    assert found.documents == ("one", "two")
    assert found.duplicates == 1
    assert "1 document was there before" in found.words()
    assert read_corpus(path).documents == ("one\ntwo\n\none \n",)


def test_lines_that_are_all_the_same_are_said_to_be(tmp_path) -> None:
    path = tmp_path / "same.txt"
    path.write_text("the same line\n" * 9)
    assert "all 9 documents are the same" in read_corpus(path, unit="line").words()


def test_a_file_that_is_not_utf_8_is_named_with_the_byte_and_the_cure(tmp_path) -> None:
    path = tmp_path / "poem.txt"
    path.write_bytes(b"line\n" + "春眠不觉晓，处处闻啼鸟".encode("gb18030"))
    expected = r"poem\.txt is not utf-8: byte 0xb4 at offset 5 \(line 2\).*\nhint: --encoding gb180"
    with pytest.raises(DataError, match=expected):
        read_corpus(path)
    assert read_corpus(path, encoding="gb18030").documents[0].endswith("啼鸟")


@pytest.mark.parametrize("data", [b"\xff\xfea\0b", b"\xef\xbb\xbfa\xff"])
def test_a_damaged_file_with_a_mark_is_not_cured_by_an_encoding(data, tmp_path) -> None:
    (tmp_path / "x.txt").write_bytes(data)
    with pytest.raises(DataError, match="hint: it looks damaged; leave it out"):
        read_corpus(tmp_path / "x.txt")


def test_a_file_of_zero_bytes_is_said_to_be_no_text(tmp_path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\x00\xff\x00\x01")
    with pytest.raises(DataError, match=r"it looks like no text; leave it out, .*--pattern"):
        read_corpus(tmp_path)


def test_utf_16_is_read_by_its_mark_or_its_zeros_and_said(tmp_path) -> None:
    line = "To be, or not to be"
    for name, data in (
        ("marked", line.encode("utf-16")),
        ("little", line.encode("utf-16-le")),
        ("big", line.encode("utf-16-be")),
    ):
        (tmp_path / name).write_bytes(data)
        found = read_corpus(tmp_path / name)
        assert found.documents == (line,)
        assert "; 1 file was read as utf-16-" in found.words()


def test_zeros_are_never_learned(tmp_path) -> None:
    path = tmp_path / "nul.txt"
    path.write_bytes(b"To be,\nor\0not")
    with pytest.raises(
        DataError, match=r"nul\.txt is no text: character 10 \(line 2\) is zero\nhint"
    ):
        read_corpus(path)


def test_marks_inside_files_that_were_put_together_are_no_letters(tmp_path) -> None:
    path = tmp_path / "joined.txt"
    path.write_bytes(b"\xef\xbb\xbfone\n\xef\xbb\xbftwo\n\xef\xbb\xbfthree")
    found = read_corpus(path)
    assert found.documents == ("one\ntwo\nthree",)
    assert found.words().endswith("; 2 byte order marks were inside and left out")


def test_a_letter_that_was_written_in_two_ways_is_one_unless_it_is_kept(tmp_path) -> None:
    path = tmp_path / "cafe.txt"
    path.write_text("cafe\u0301 caf\u00e9", encoding="utf-8")
    found = read_corpus(path)
    assert found.documents == ("caf\u00e9 caf\u00e9",)
    assert "1 character fewer; --no-normalize keeps them" in found.words()
    kept = read_corpus(path, normalize=False)
    assert kept.documents == ("cafe\u0301 caf\u00e9",)
    assert kept.notes == ()


@pytest.mark.parametrize(
    ("path", "arguments", "error", "sentence"),
    [
        ("shakespear.txt", {}, InputFileError, "no file .*\nhint: .*shakespeare.txt"),
        ("empty.txt", {}, DataError, r"there is no text to learn from: .*empty\.txt is empty"),
        ("folder", {}, DataError, "the folder .*folder' is empty"),
        (".", {"pattern": "*.md"}, DataError, r"has no files named \*\.md"),
        (".", {"pattern": "/etc/*"}, OptionError, "pattern '/etc/\\*' is no pattern of names"),
        (".", {"pattern": ""}, OptionError, "pattern '' is no pattern of names"),
        ("shakespeare.txt", {"unit": "lines"}, OptionError, "unit must be .*did you mean 'line'"),
        ("shakespeare.txt", {"encoding": "utf-99"}, OptionError, "encoding 'utf-99' is not known"),
    ],
)
def test_what_cannot_be_read_is_named(path, arguments, error, sentence, tmp_path) -> None:
    (tmp_path / "shakespeare.txt").write_text("To be")
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "folder").mkdir()
    with pytest.raises(error, match=sentence):
        read_corpus(tmp_path / path, **arguments)


def test_what_is_no_file_of_a_folder_is_named(tmp_path) -> None:
    (tmp_path / "zero.txt").symlink_to(os.devnull)
    with pytest.raises(DataError, match=r"holds no file to learn from, only 'zero.txt' \(a device"):
        read_corpus(tmp_path)
    (tmp_path / "be.txt").write_text("To be")
    assert read_corpus(tmp_path).notes == (
        "passed over what is no ordinary file: 'zero.txt' (a device)",
    )


def test_nothing_but_texts_make_a_corpus() -> None:
    with pytest.raises(DataError, match="document 1 must be a text, got bytes"):
        Corpus.of(["a", b"b"])  # pyright: ignore[reportArgumentType]


@given(st.sets(st.text("abcdef", min_size=4, max_size=12), min_size=60, max_size=90))
def test_a_document_stays_in_its_part_when_the_corpus_grows(texts) -> None:
    whole = sorted(texts)
    some = split_corpus(Corpus.of(whole[:40]), 0.3, 0.2) if len(whole) >= 40 else None
    try:
        more = split_corpus(Corpus.of(whole[::-1]), 0.3, 0.2)
    except DataError:
        return  # a part may be empty by chance
    assert sorted([*more.train, *more.validation, *more.test]) == whole
    assert some is not None
    for part in ("train", "validation", "test"):
        assert set(getattr(some, part)) <= set(getattr(more, part))


def test_few_long_documents_are_cut_at_their_ends() -> None:
    split = split_corpus(Corpus.of(["a" * 100, "b" * 50]), 0.1, 0.2)
    assert split.train == ("a" * 70, "b" * 35)
    assert split.validation == ("a" * 10, "b" * 5)
    assert split.test == ("a" * 20, "b" * 10)


@pytest.mark.parametrize(("validation", "test"), [(-0.1, 0), (1, 0), (0.5, 0.5), (True, 0)])
def test_shares_that_are_none_are_refused(validation, test) -> None:
    with pytest.raises(OptionError, match=r"must be a share|take all"):
        split_corpus(Corpus.of("abc" * 50), validation, test)


def test_a_part_that_would_be_empty_is_named() -> None:
    with pytest.raises(DataError, match="the validation part would be empty"):
        split_corpus(Corpus.of("ab"), 0.1)
