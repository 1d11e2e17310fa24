"""The failure series: of computers, power grids, airplanes and software.

Only periods of service are here. Los Alamos' systems begin with the period of their first recorded
failure, and the log's last week and month are partial. System 16 left service in September 2002, so
that its weeks end with that of 2002-09-16 and its months with August, the last whole one. Airplanes
are counted from 1946, without the partial last month.

Source:
    Los Alamos: LA-UR-05-7318; B. Schroeder and G. A. Gibson, DSN 2006, doi 10.1109/DSN.2006.5, with
    thanks to Los Alamos National Laboratory. Outages: S. Mukherjee, R. Nateghi and M. Hastak, Data
    in Brief 19, 2018, doi 10.1016/j.dib.2018.06.067. Crashes: planecrashinfo.com, ODbL. Software:
    J. D. Musa, Software Reliability Data, DACS 1979.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from gatework.forecast import Series
from series import data_folder

SYSTEMS = ("system_2", "system_16", "system_18", "system_19")
LAST_WEEK = {"system_16": "2002-09-16"}
LAST_MONTH = {"system_16": "2002-08"}
SOFTWARE = ("ss1ag", "sys1g", "sys2g", "sys3g", "sys40g", "sys5g")


def failure_series() -> list[Series]:
    """Return all sixteen series, by name: ``lanl weekly system_2``, ..., ``musa sys5g``."""
    folder = data_folder("failures")
    weekly = [_lanl(folder / "lanl_weekly.csv", "weekly", s, LAST_WEEK) for s in SYSTEMS]
    monthly = [_lanl(folder / "lanl_monthly.csv", "monthly", s, LAST_MONTH) for s in SYSTEMS]
    software = [_software(folder, name) for name in SOFTWARE]
    return [*weekly, *monthly, _outages(folder), _crashes(folder), *software]


def _lanl(path: Path, period: str, system: str, last: dict[str, str]) -> Series:
    labels, values = _columns(path, system)
    labels, values = labels[:-1], values[:-1]  # the log ends within its last period
    first = next(index for index, value in enumerate(values) if value > 0)
    end = labels.index(last[system]) + 1 if system in last else len(labels)
    alias, season = ("W-MON", 52) if period == "weekly" else ("MS", 12)
    return _series(f"lanl {period} {system}", values[first:end], labels[first:end], alias, season)


def _outages(folder: Path) -> Series:
    labels, values = _columns(folder / "us_major_power_outages_monthly.csv", "major_outages")
    return _series("us power outages", values, labels, "MS", 12)


def _crashes(folder: Path) -> Series:
    labels, values = _columns(folder / "airplane_crashes_monthly.csv", "crashes")
    first = labels.index("1946-01")
    return _series("airplane crashes", values[first:-1], labels[first:-1], "MS", 12)


def _software(folder: Path, name: str) -> Series:
    lines = (folder / "musa" / f"{name}.csv").read_text(encoding="utf-8").split()
    labels = [str(day) for day in range(1, len(lines) + 1)]
    return _series(f"musa {name}", [float(line) for line in lines], labels, None, 1)


def _columns(path: Path, column: str) -> tuple[list[str], list[float]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    time = next(iter(rows[0]))
    return [row[time] for row in rows], [float(row[column]) for row in rows]


def _series(
    name: str, values: list[float], labels: list[str], frequency: str | None, season: int
) -> Series:
    array = np.array(values)
    if array.min() < 0 or np.any(array != np.round(array)):
        raise SystemExit(f"{name}: failures must be whole numbers, not negative")
    return Series(name, array, tuple(labels), frequency, season, counts=True)
