"""The command `gatework write`."""
