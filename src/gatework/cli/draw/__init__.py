"""The command `gatework draw`."""
