"""Readers: from files and folders to sequences.

The packages that open pictures and sound, Pillow and soundfile, are imported where they are used.
"""

from gatework.recognize.readers.arrays import read_arrays, read_idx
from gatework.recognize.readers.data import read_data
from gatework.recognize.readers.defaults import default_features
from gatework.recognize.readers.files import read_files
from gatework.recognize.readers.folders import Listed, list_files
from gatework.recognize.readers.lines import read_lines
from gatework.recognize.readers.tables import read_table
from gatework.recognize.readers.ts import read_ts

__all__ = [
    "Listed",
    "default_features",
    "list_files",
    "read_arrays",
    "read_data",
    "read_files",
    "read_idx",
    "read_lines",
    "read_table",
    "read_ts",
]
