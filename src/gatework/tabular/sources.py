"""Where tables come from: files of every kind that is read, packed or not, and data frames."""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

from gatework.errors import DataError, InputFileError
from gatework.extras import needing
from gatework.storage.limits import check_memory, check_packed, read_whole, unpack_gzip
from gatework.storage.reading import beside, open_to_read
from gatework.tabular.delimited import read_delimited
from gatework.tabular.grid import Grid
from gatework.tabular.style import ReadingStyle

MOST_OF_A_LINE = 64 << 20
"""Bytes after which what has no end of a line is no table."""

_GZIP, _ZIP, _OLD_WORKBOOK = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UNZIPPED_BADLY = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError)
"""What is raised for archives that are damaged."""
_PARQUET = (".parquet", ".pq")
_JSON = (".jsonl", ".ndjson", ".json")


def read_source(
    source: Any,
    name: str | None,
    style: ReadingStyle,
    *,
    any_names: bool = False,
    example: str = "date,faults",
) -> tuple[str, Grid]:
    """Return the name of a source and what it holds; see ``read_table``.

    Raises:
        DataError: it is missing, unreadable, or holds no table of its kind.
        OptionError: it is neither a path nor a data frame.
        MissingDependencyError: a package is missing that reads it.
    """
    if not isinstance(source, str | Path):
        from gatework.tabular.frames import read_frame

        return name or "the data frame", read_frame(source)
    name = name or Path(source).name
    data = bytes_of(Path(source))
    ending = "." + name.removesuffix(".gz").casefold().rpartition(".")[2]
    if data.startswith(b"PAR1"):
        told = "Parquet files need the package pyarrow"
        with needing("pyarrow", told, otherwise="save the table as CSV"):
            from gatework.tabular.arrow import read_parquet

            return name, read_parquet(data, name)
    if ending in _PARQUET:
        raise DataError(
            f"'{name}' is not a Parquet file: it does not begin with 'PAR1'",
            hint="write it anew, or save the table as CSV",
        )
    if data.startswith((_ZIP, _OLD_WORKBOOK)):
        told = "workbooks need the package python-calamine"
        with needing("python_calamine", told, otherwise="save the sheet as CSV"):
            from gatework.tabular.workbook import read_workbook

            return name, read_workbook(data, name, style, any_names=any_names, example=example)
    if ending in _JSON or _begins_as_json(data):
        from gatework.tabular.jsonl import read_json_table

        return name, read_json_table(data, name, style)
    return name, read_delimited(data, name, style, any_names=any_names, example=example)


def bytes_of(path: Path) -> bytes:
    """Return what a file holds, unpacked.

    Raises:
        DataError: it is missing, or cannot be read or unpacked, or is larger than allowed.
    """
    try:
        with open_to_read(path, pipes=True) as (file, size):
            check_memory(f"'{path}'", size)
            head = file.read(MOST_OF_A_LINE)
            if len(head) == MOST_OF_A_LINE and _is_one_line(head):
                raise DataError(
                    f"'{path}' begins with a line of more than {MOST_OF_A_LINE >> 20} MiB: it is "
                    "no table",
                    hint="a line for each row",
                )
            data = head + read_whole(file, f"'{path}'")
        return _unpacked(data, path.name)
    except InputFileError as error:
        raise _unreadable(path, error) from None


def _is_one_line(head: bytes) -> bool:
    """Return whether a file begins with a line that does not end, and which is none of JSON."""
    packed = head.startswith((_GZIP, _ZIP, _OLD_WORKBOOK, b"PAR1")) or _begins_as_json(head)
    return not packed and b"\n" not in head and b"\r" not in head


def _begins_as_json(data: bytes) -> bool:
    """Return whether the first signs are those of objects, or of an array of them."""
    head = data[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return bool(re.match(rb'\{\s*["}]|\[\s*[\{\[]', head))


def _unpacked(data: bytes, name: str) -> bytes:
    """Return a file as it was before it was packed by gzip, or alone into a zip archive."""
    if data.startswith(_GZIP):
        return unpack_gzip(data, name)
    if not data.startswith(_ZIP):
        return data
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            inside = [one for one in archive.infolist() if not one.is_dir()]
            size = sum(one.file_size for one in inside)
            inside = [one for one in inside if not one.filename.startswith("__MACOSX/")]
            alone = inside[0] if len(inside) == 1 else None
            check_packed(f"'{name}'", len(data), size)
            return data if alone is None else archive.read(alone)
    except InputFileError:
        raise
    except UNZIPPED_BADLY as error:
        raise DataError(
            f"'{name}' cannot be unpacked: {error}", hint="unpack it, and name the file in it"
        ) from None


def _unreadable(path: Path, error: InputFileError) -> DataError:
    """Return why the file of a table cannot be read, as the error of its data."""
    if isinstance(error.__cause__, FileNotFoundError):
        alike = beside(path)
        return DataError(
            f"'{path}' does not exist",
            hint=f"did you mean '{alike}'?" if alike else "check the path",
        )
    if path.is_dir():
        return DataError(f"'{path}' cannot be read: it is a directory", hint="name a CSV file")
    return DataError(error.message, hint=error.hint)
