"""The speed of the kernels against the other ways to run an LSTM, into results/kernels.md.

python benchmarks/kernels.py [--quick] [other options of `gatework bench`]
"""

from __future__ import annotations

import sys
from pathlib import Path

from gatework.cli import main

RESULT = Path(__file__).parent / "results" / "kernels.md"

if __name__ == "__main__":
    main(["bench", "--out", str(RESULT), *sys.argv[1:]])
