"""The command `gatework watch`."""

import os

# Before numpy is imported: its matrices are small here, and more threads would only wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
