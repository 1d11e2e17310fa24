"""The command `gatework forecast`."""
