"""The Chinese texts, a module for each part of what is drawn."""

from gatework.look.language.chinese import (
    charts,
    common,
    diagrams,
    findings,
    forecasts,
    notes,
    signals,
    training,
    writing,
)

CHINESE: dict[str, str] = {
    **common.TEXTS,
    **diagrams.TEXTS,
    **signals.TEXTS,
    **training.TEXTS,
    **findings.TEXTS,
    **charts.TEXTS,
    **forecasts.TEXTS,
    **notes.TEXTS,
    **writing.TEXTS,
}
"""English text to Chinese text."""
