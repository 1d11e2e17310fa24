"""The command `gatework watch`."""
