"""Where tables come from: files of every kind that is read, packed or not, and data frames."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

from gatework.errors import DataError
from gatework.extras import needing
from gatework.storage.reading import beside
from gatework.tabular.delimited import read_delimited
from gatework.tabular.grid import Grid
from gatework.tabular.style import ReadingStyle

MOST_BYTES = 4 << 30
"""Of a file that is packed, once it is unpacked."""

_GZIP, _ZIP, _OLD_WORKBOOK = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
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
        DataError: it is missing, or cannot be read or unpacked.
    """
    return _unpacked(_read_bytes(path), path.name)


def _begins_as_json(data: bytes) -> bool:
    """Return whether the first signs are those of objects, or of an array of them."""
    head = data[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return bool(re.match(rb'\{\s*["}]|\[\s*[\{\[]', head))


def _unpacked(data: bytes, name: str) -> bytes:
    """Return a file as it was before it was packed by gzip, or alone into a zip archive."""
    try:
        if data.startswith(_GZIP):
            with gzip.open(BytesIO(data)) as file:
                return _read_at_most(file, name)
        if data.startswith(_ZIP):
            with zipfile.ZipFile(BytesIO(data)) as archive:
                files = [one for one in archive.namelist() if not one.endswith("/")]
                files = [one for one in files if not one.startswith("__MACOSX/")]
                if len(files) == 1:
                    with archive.open(files[0]) as file:
                        return _read_at_most(file, name)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise DataError(
            f"'{name}' cannot be unpacked: {error}", hint="unpack it, and name the file in it"
        ) from None
    return data


def _read_at_most(file: Any, name: str) -> bytes:
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise DataError(
            f"'{name}' holds more than {MOST_BYTES >> 30} GiB, unpacked",
            hint="unpack it, and name the file in it",
        )
    return data


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        alike = beside(path)
        raise DataError(
            f"'{path}' does not exist",
            hint=f"did you mean '{alike}'?" if alike else "check the path",
        ) from None
    except OSError as error:
        reason = "it is a directory" if path.is_dir() else (error.strerror or str(error))
        raise DataError(f"'{path}' cannot be read: {reason}", hint="name a CSV file") from None
