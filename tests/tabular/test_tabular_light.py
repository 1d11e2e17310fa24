"""A plain table is read without pandas, which takes longer to load than the table to read."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from gatework.forecast import read_panel
panel = read_panel(sys.argv[1])
first, gap, third = panel.values[1, :3].tolist()
assert (first, third) == (7.0, 9.0)
assert gap != gap  # nan
assert not {"pandas"} & set(sys.modules)
"""


def test_a_table_of_many_series_is_read_without_pandas(tmp_path: Path) -> None:
    rows = [
        f"{one},20{year:02d}-{month:02d},{'' if (one, year, month) == ('b', 0, 2) else month + 6}"
        for one in "ab"
        for year in range(10)
        for month in range(1, 13)
    ]
    path = tmp_path / "many.csv"
    path.write_text("\n".join(["unique_id,ds,y", *rows]) + "\n")
    subprocess.run([sys.executable, "-c", SCRIPT, str(path)], check=True)
