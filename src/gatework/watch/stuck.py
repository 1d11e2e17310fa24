"""A stuck sensor: the same value more often in a row than chance allows."""

from __future__ import annotations

import math
from typing import Any

from gatework.errors import OptionError
from gatework.watch.drift import check_rows


class Stuck:
    """A test for runs of one value that are too long for chance.

    How likely a value is to come again is taken from two sources, and the greater counts: the
    share of repeats before the run, (repeats + 1) / (values + 2), and what the forecast says, the
    greatest density of a normal variable of its deviation times the step between values that can
    be told apart (1 for whole numbers, 0.1 for one decimal, and so on). A run whose probability,
    the product over its repeats, falls below 1 / ``rows`` is an alarm; one alarm a run. So zeros
    follow zeros in a series of rare counts without an alarm, and a thermometer may not show 20.37
    five times.

    Args:
        rows: rows from one false alarm to the next, at least.

    Raises:
        OptionError: rows is below 10.

    Example:
        >>> stuck = Stuck(1000)
        >>> for value in (20.31, 20.62, 20.44, 20.37, 20.58, 20.41, 20.37):
        ...     assert stuck.add(value, deviation=0.3) is None
        >>> [stuck.add(20.37, 0.3) is not None for _ in range(4)]
        [False, False, False, True]
    """

    def __init__(self, rows: float = 1000.0) -> None:
        self.rows = check_rows(rows)
        self.last: float | None = None
        self.run = 1
        self.log_chance = 0.0
        self.repeats = 0
        self.values = 0
        self.decimals = 0
        self.told = False

    def add(self, value: float, deviation: float) -> str | None:
        """Take in the next value, and its forecast's deviation; return the reason of an alarm."""
        self.decimals = max(self.decimals, decimals(value))
        if value != self.last:
            if self.last is not None:  # the run is over, and tells of the runs to come
                self.repeats += self.run - 1
                self.values += self.run
            self.last, self.run, self.log_chance, self.told = value, 1, 0.0, False
            return None
        self.run += 1
        self.log_chance += math.log(self._chance(deviation))
        if self.told or self.log_chance > -math.log(self.rows):
            return None
        self.told = True
        return (
            f"the value {value:g} has come {self.run} times in a row; by chance this happens less "
            f"than once in {self.rows:g} rows"
        )

    def _chance(self, deviation: float) -> float:
        if deviation <= 0:
            return 1.0
        seen = (self.repeats + 1) / (self.values + 2)
        density = 1 / (deviation * math.sqrt(2 * math.pi))
        return min(max(seen, density * 10.0**-self.decimals), 1.0)

    def to_config(self) -> dict[str, Any]:
        """Return its state as JSON values."""
        return {name: getattr(self, name) for name in STATE}

    def restore(self, config: dict[str, Any]) -> None:
        """Take over a state that ``to_config`` returned.

        Raises:
            OptionError: it is none.
        """
        if set(config) != set(STATE) or any(
            not isinstance(config[name], kind) or not math.isfinite(config[name] or 0)
            for name, kind in STATE.items()
        ):
            raise OptionError(f"the state of the test for stuck values must be {', '.join(STATE)}")
        if config["decimals"] not in range(20) or min(config["repeats"], config["values"]) < 0:
            raise OptionError("the state of the test for stuck values is out of range")
        for name in STATE:
            setattr(self, name, config[name])


STATE = {
    "last": float | None,
    "run": int,
    "log_chance": float,
    "repeats": int,
    "values": int,
    "decimals": int,
    "told": bool,
}


def decimals(value: float) -> int:
    """Return how many digits stand behind the point, at most 15.

    Example:
        >>> decimals(3.0), decimals(0.25), decimals(1e-3)
        (0, 2, 3)
    """
    text = f"{value:.15f}".rstrip("0") if abs(value) < 1 else repr(float(value))
    _, _, behind = text.partition(".")
    if "e" in behind:
        return 0
    return 0 if behind == "0" else min(len(behind), 15)
