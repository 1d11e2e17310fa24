"""Poems: writing that keeps a form, its tones and its rhymes, and what of it is new."""

from gatework.lazy import lazily
from gatework.write.memorization import Copied, MemorizationIndex
from gatework.write.poems.check import Violation, check_poem
from gatework.write.poems.forms import Form, form_of, load_forms, shipped_forms
from gatework.write.poems.poem import Poem
from gatework.write.poems.rhymes import RhymeTable, rhyme_table
from gatework.write.poems.write import write_poems

__all__ = [
    "Copied",
    "Form",
    "MemorizationIndex",
    "Poem",
    "RhymeTable",
    "Violation",
    "check_poem",
    "form_of",
    "load_forms",
    "rhyme_table",
    "shipped_forms",
    "write_poems",
]

__getattr__, __dir__ = lazily(__name__, {}, renamed={"Novelty": "MemorizationIndex"})
