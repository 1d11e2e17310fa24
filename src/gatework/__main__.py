"""``python -m gatework``: the command ``gatework``."""

from gatework.cli import main

main()
