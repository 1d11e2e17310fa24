"""Forecasts of many series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gatework.errors import OptionError


@dataclass(frozen=True, eq=False)
class PanelForecast:
    """Forecasts of many series, each from its own next period on.

    Shapes:
        values: (B, H). lower, upper: by level, (B, H). periods: B tuples of H labels.
    """

    ids: tuple[str, ...]
    periods: tuple[tuple[str, ...], ...]
    values: np.ndarray
    lower: dict[float, np.ndarray]
    upper: dict[float, np.ndarray]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each series and period, as a table in long format has them."""
        found = []
        for row, name in enumerate(self.ids):
            for step, period in enumerate(self.periods[row]):
                cells = {"id": name, "period": period, "forecast": float(self.values[row, step])}
                for level in self.lower:
                    cells[f"lower {level:g}"] = float(self.lower[level][row, step])
                    cells[f"upper {level:g}"] = float(self.upper[level][row, step])
                found.append(cells)
        return found

    def to_frame(self, library: Literal["pandas", "polars", "pyarrow"] = "pandas") -> Any:
        """Return the rows as a data frame of "pandas", "polars" or "pyarrow".

        Raises:
            OptionError: when it is another library, or one that is not installed.
        """
        import narwhals as nw

        rows = self.rows()
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        try:
            return nw.from_dict(columns, backend=library).to_native()
        except (ValueError, TypeError, ImportError) as error:
            raise OptionError(
                f"library must be 'pandas', 'polars' or 'pyarrow' and installed, got {library!r}",
                hint="to_frame('pandas')",
            ) from error
