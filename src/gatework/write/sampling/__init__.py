"""Sampling: how a text is drawn from a language model."""
