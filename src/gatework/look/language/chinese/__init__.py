"""The Chinese texts, a module for each part of what is drawn."""

from gatework.look.language.chinese import common

CHINESE: dict[str, str] = {
    **common.TEXTS,
}
"""English text to Chinese text."""
