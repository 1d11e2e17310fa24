"""Forms of poems: their lines, tones and rhymes, as data."""

from gatework.write.poems.forms.files import form_of, load_forms, shipped_forms
from gatework.write.poems.forms.form import Form, Line, Pattern

__all__ = ["Form", "Line", "Pattern", "form_of", "load_forms", "shipped_forms"]
