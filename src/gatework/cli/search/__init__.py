"""The command `gatework search`."""
