"""The studio: a local page to look into networks, step by step, and to try what if."""

from gatework.studio.app import studio_app
from gatework.studio.serving import serve

__all__ = ["serve", "studio_app"]
