"""Rhymes and tones of Chinese characters: which rhyme, level or oblique."""

from gatework.write.poems.rhymes.table import TABLES, RhymeTable, rhyme_table, table_of

__all__ = ["TABLES", "RhymeTable", "rhyme_table", "table_of"]
