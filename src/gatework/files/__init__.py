"""Model files: one safetensors file for a model, that can execute nothing."""

from gatework.files.model import load, save

__all__ = ["load", "save"]
