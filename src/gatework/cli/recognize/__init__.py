"""The command `gatework recognize`."""
