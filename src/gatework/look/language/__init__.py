"""The words of pictures and pages, in English and Chinese."""

from gatework.look.language.words import LANGUAGES, SIGNAL_WORDS, Words, words_in

__all__ = ["LANGUAGES", "SIGNAL_WORDS", "Words", "words_in"]
