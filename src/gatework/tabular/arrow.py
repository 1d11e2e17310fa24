"""Tables by Arrow: Parquet files, and plain texts at once into columns that take little room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from gatework.errors import DataError, InputFileError
from gatework.storage.limits import check_memory
from gatework.tabular.grid import Grid
from gatework.tabular.texts import Texts, numbers_of
from gatework.tabular.zones import place_of

_SAMPLE, _FEW = 1 << 18, 10_000  # bytes, cells
_BLOCK = 8 << 20
_LARGE = 64 << 20  # bytes, from which threads that read ahead would double the memory
_ROW, _CELL, _OBJECT = 64, 8, 64  # bytes of memory
_MOST_LETTERS = (1 << 31) - 1


def read_plain(data: bytes, start: int, width: int, delimiter: str) -> list[Texts] | None:
    """Return the columns of the rows from a byte on; None where one is blank, longer or shorter.

    Quotes are for fields that begin and end with them; what is odder is for a slower reader.
    """
    end = len(data)
    while end > start and data[end - 1] in b"\r\n":
        end -= 1
    quoted = b'"' in data
    if end <= start or b"\0" in data:
        return None
    if quoted and not _plainly_quoted(data, start, end, delimiter.encode()):
        return None
    whole = memoryview(data)[start:end]
    sample = whole[: data.rfind(b"\n", start, start + _SAMPLE) + 1 - start] or whole
    few = _read(sample, delimiter, [pa.string()] * width, quoted)
    if few is None:
        return None
    kinds = [_kind(column) for column in few.columns]
    table = _read(whole, delimiter, kinds, quoted)
    if table is None or (_has_empty(table.column(0)) and _has_blank_row(data, start, end)):
        return None
    chunked = table.columns
    del table
    arrays = []
    while chunked:  # each gives way to the array that is made of it
        chunks = chunked.pop(0).chunks
        array = _coded(chunks) if hasattr(chunks[0], "dictionary") else joined(chunks)
        if array is None:
            return None
        arrays.append(array)
        pa.default_memory_pool().release_unused()
    return [Texts(array) for array in arrays]


def joined(chunks: list[pa.Array]) -> pa.Array | None:
    """Return arrays of text, none of which is missing, as one; None where it would be too long.

    Each is taken from the list as it is copied, so that no two copies of all are there at once.
    """
    size = sum(len(_letters(chunk)[1]) for chunk in chunks)
    if size > _MOST_LETTERS:
        return None
    bounds = np.zeros(sum(map(len, chunks)) + 1, np.int32)
    letters = np.empty(size, np.uint8)
    row = at = 0
    while chunks:
        ends, some = _letters(chunks.pop(0))
        letters[at : at + len(some)] = some
        bounds[row + 1 : row + len(ends)] = ends[1:] + at
        row, at = row + len(ends) - 1, at + len(some)
    return pa.StringArray.from_buffers(row, pa.py_buffer(bounds), pa.py_buffer(letters))


def _coded(chunks: list[pa.Array]) -> pa.DictionaryArray:
    """Return arrays of numbers of texts, each with a dictionary of its own, as one; like joined."""
    known: dict[str, int] = {}
    codes, row = np.empty(sum(map(len, chunks)), np.int32), 0
    while chunks:
        chunk = chunks.pop(0)
        own = [known.setdefault(text, len(known)) for text in chunk.dictionary.to_pylist()]
        codes[row : row + len(chunk)] = np.array(own, np.int32)[numbers_of(chunk.indices, np.int32)]
        row += len(chunk)
    array = pa.Array.from_buffers(pa.int32(), len(codes), [None, pa.py_buffer(codes)])
    texts = [text.encode() for text in known]
    bounds = np.zeros(len(texts) + 1, np.int32)
    np.cumsum([len(text) for text in texts], out=bounds[1:])
    buffers = pa.py_buffer(bounds), pa.py_buffer(b"".join(texts))
    return pa.DictionaryArray.from_arrays(array, pa.StringArray.from_buffers(len(texts), *buffers))


def _letters(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Return where each text of an array ends, from 0 on, and the bytes of all."""
    _, offsets, text = array.buffers()
    if not len(array):
        return np.zeros(1, np.int32), np.zeros(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32)[array.offset :][: len(array) + 1]
    return ends - ends[0], np.frombuffer(text or b"", np.uint8)[ends[0] : ends[-1]]


def _read(
    data: memoryview, delimiter: str, kinds: Sequence[pa.DataType], quoted: bool
) -> pa.Table | None:
    names = [str(n) for n in range(len(kinds))]
    try:
        return pa_csv.read_csv(
            pa.BufferReader(pa.py_buffer(data)),
            read_options=pa_csv.ReadOptions(
                column_names=names, block_size=_BLOCK, use_threads=len(data) < _LARGE
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=quoted, ignore_empty_lines=False
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict(zip(names, kinds, strict=True)), strings_can_be_null=False
            ),
        )
    except pa.ArrowException:
        return None


def _kind(cells: pa.ChunkedArray) -> pa.DataType:
    """Return the type for a column of which some cells are known: by numbers where many repeat."""
    repeat = 2 * len(cells.unique()) < len(cells)
    return pa.dictionary(pa.int32(), pa.string()) if repeat else pa.string()


def _has_empty(column: pa.ChunkedArray) -> bool:
    texts = [getattr(chunk, "dictionary", chunk) for chunk in column.chunks]
    shortest = [
        pc.call_function("min_max", [pc.call_function("binary_length", [t])]) for t in texts
    ]
    return any(one["min"].as_py() == 0 for one in shortest)


def _has_blank_row(data: bytes, start: int, end: int) -> bool:
    return any(data.find(sign, start, end) >= 0 for sign in (b"\n\n", b"\n\r\n"))


def _plainly_quoted(data: bytes, start: int, end: int, delimiter: bytes) -> bool:
    """Return whether every quotation mark begins or ends a field."""
    marks = data.count(b'"', start, end)
    pairs = (b'"' + delimiter, delimiter + b'"', b'"\n', b'\n"', b'"\r')
    edges = sum(data.count(pair, start, end) for pair in pairs)
    edges += (data[start : start + 1] == b'"') + (data[end - 1 : end] == b'"')
    return marks == edges and b'""' not in data


def read_parquet(data: bytes, name: str) -> Grid:
    """Return the table in a Parquet file; its cells are numbers, text, dates and None.

    Raises:
        DataError: the file is damaged, or holds what is no table of plain cells.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        check_memory(f"'{name}'", _memory_of(file.metadata))
        schema = file.schema_arrow
        texts = [field.name for field in schema if _is_text(field.type)]
        # Texts that repeat stay numbers of them, whatever they would come to.
        table = pq.read_table(pa.BufferReader(data), read_dictionary=texts)
        table.validate(full=True)  # texts that are no Unicode, numbers of texts that are not there
        return grid_of(table, f"'{name}'")
    except InputFileError as error:
        raise DataError(error.message, hint=error.hint) from None
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"'{name}' is no readable Parquet file: {reason}",
            hint="write it anew, or save the table as CSV",
        ) from None


def _memory_of(metadata: pq.FileMetaData) -> int:
    """Return how many bytes the table of a Parquet file takes, as far as its metadata tells."""
    nested = [metadata.schema.column(n).max_repetition_level for n in range(metadata.num_columns)]
    size = metadata.num_rows * _ROW
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        for place, repeats in enumerate(nested):
            chunk = group.column(place)
            size += chunk.total_uncompressed_size
            size += chunk.num_values * (_OBJECT if repeats else _CELL)
    return size


def grid_of(table: pa.Table, name: str = "the data frame") -> Grid:
    """Return a table of Arrow; its rows count from 1."""
    zones = {kind.tz for kind in table.schema.types if pa.types.is_timestamp(kind)}
    names, count, waiting = list(table.column_names), table.num_rows, table.columns
    del table
    columns = []
    while waiting:  # each gives way to its cells
        columns.append(cells_of(waiting.pop(0), name))
    grid = Grid(names, columns, range(1, count + 1))
    grid.style["zone"] = place_of(zones)
    return grid


def _is_text(kind: pa.DataType) -> bool:
    return any(
        of_kind(kind)
        for of_kind in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    )


def _texts_of(column: pa.ChunkedArray, name: str) -> Any:
    """Return the cells of a column of numbers of texts; one that is missing is empty."""
    chunks = [_filled(chunk) for chunk in column.chunks if len(chunk)]
    if 2 * max((len(chunk.dictionary) for chunk in chunks), default=0) < len(column):
        return Texts(_coded(chunks))
    letters = 0
    for chunk in chunks:
        sizes = np.asarray(pc.call_function("binary_length", [chunk.dictionary]), np.int64)
        letters += int(sizes[numbers_of(chunk.indices, np.int32)].sum())
    check_memory(f"{name}, its texts", letters)
    chunks = [chunk.dictionary_decode().cast(pa.string()) for chunk in chunks]
    array = joined(list(chunks))
    return (
        [text for chunk in chunks for text in chunk.to_pylist()] if array is None else Texts(array)
    )


def _filled(chunk: pa.DictionaryArray) -> pa.DictionaryArray:
    """Return numbers of texts of which none is missing."""
    texts, indices = chunk.dictionary.cast(pa.large_string()).fill_null(""), chunk.indices
    if indices.null_count:
        indices = indices.fill_null(len(texts))
        texts = pa.concat_arrays([texts, pa.array([""], pa.large_string())])
    return pa.DictionaryArray.from_arrays(indices.cast(pa.int32()), texts)


def cells_of(column: pa.ChunkedArray, name: str = "the data frame") -> Any:
    """Return the cells of a column: text, numbers and dates in one array, others in a list.

    In an array of numbers nan is a missing one, in one of dates NaT, among texts an empty one.
    ``name`` is of the table, in errors.
    """
    kind = column.type
    if pa.types.is_dictionary(kind) and _is_text(kind.value_type):
        return _texts_of(column, name)
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if _is_text(kind):
        column = column.fill_null("") if column.null_count else column
        few = column.slice(0, _FEW)
        if len(few) and pa.types.is_dictionary(_kind(few)):
            coded = (chunk.cast(pa.string()).dictionary_encode() for chunk in column.chunks)
            return Texts(_coded([chunk for chunk in coded if len(chunk)]))
        array = joined([chunk.cast(pa.string()) for chunk in column.chunks if len(chunk)])
        return column.to_pylist() if array is None else Texts(array)
    if pa.types.is_floating(kind):
        return np.asarray(column.cast(pa.float64()))
    if pa.types.is_integer(kind) and not column.null_count:
        return np.asarray(column)
    if pa.types.is_date(kind):
        return np.asarray(column.cast(pa.date32())).astype("datetime64[D]")
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
        return column.to_pylist() if kind.tz else np.asarray(column)
    return column.to_pylist()
