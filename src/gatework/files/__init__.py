"""Model files: one safetensors file for a model, that can execute nothing."""

from gatework.files.model import load, load_to_examine, save

__all__ = ["load", "load_to_examine", "save"]
