"""The words of pictures and pages, in the languages that have a catalogue here."""

from gatework.look.language.words import (
    ENGLISH,
    LANGUAGES,
    SIGNAL_WORDS,
    Words,
    layer_name,
    words_in,
)

__all__ = ["ENGLISH", "LANGUAGES", "SIGNAL_WORDS", "Words", "layer_name", "words_in"]
