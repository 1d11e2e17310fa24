"""Tables as chance damages them: read, or refused by a sentence."""

import json
import warnings

import pytest
from mutants import damaged, tried

from gatework.errors import GateworkError
from gatework.forecast import read_series
from gatework.life import read_fleet
from gatework.recognize import read_data

ROWS = [(f"20{n // 12:02d}-{n % 12 + 1:02d}", n % 9, f"{n / 7:.2f}") for n in range(30)]


def csv_bytes() -> bytes:
    return ("month,faults,heat\n" + "".join(f"{a},{b},{c}\n" for a, b, c in ROWS)).encode()


def jsonl_bytes() -> bytes:
    rows = ({"month": a, "faults": b, "heat": float(c)} for a, b, c in ROWS)
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def parquet_bytes() -> bytes:
    import io

    pyarrow = pytest.importorskip("pyarrow", reason="Parquet needs pyarrow")
    from pyarrow.parquet import write_table

    sink = io.BytesIO()
    names = ("month", "faults", "heat")
    columns = {name: [row[at] for row in ROWS] for at, name in enumerate(names)}
    write_table(pyarrow.table(columns), sink)
    return sink.getvalue()


READ = {
    "series": lambda path: read_series(path, column="faults"),
    "units": lambda path: read_fleet(path, unit_column="faults", cycle_column="heat"),
    "sequences": read_data,
}
"""What reads a table as what."""


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_table(ending, tmp_path, times, seed) -> None:
    path = tmp_path / f"table.{ending}"
    content = {"csv": csv_bytes, "jsonl": jsonl_bytes, "parquet": parquet_bytes}[ending]()

    def take(mutant: bytes) -> None:
        path.write_bytes(mutant)
        refused = []
        for read in READ.values():
            try:
                assert read(path) is not None
            except GateworkError as error:
                refused.append(error)
        if refused:
            raise refused[0]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what was read otherwise than it stands
        _, refused = tried(damaged(content, times(60), seed), take)
    assert refused > 0
