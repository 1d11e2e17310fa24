"""Forms of poems: their lines, tones and rhymes, as data."""

from gatework.write.poems.forms.files import form_of, load_forms, shipped_forms
from gatework.write.poems.forms.form import Form, Pattern, PatternLine

__all__ = ["Form", "Pattern", "PatternLine", "form_of", "load_forms", "shipped_forms"]
