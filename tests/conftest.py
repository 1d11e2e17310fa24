"""Settings shared by all tests."""

import os

# Set before torch is imported: the tests run side by side, one thread each.
os.environ.setdefault("OMP_NUM_THREADS", "1")
