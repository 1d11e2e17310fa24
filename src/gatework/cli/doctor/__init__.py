"""The command `gatework doctor`."""
