"""Numbers written for people: no more digits than a reader needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LARGEST, _SMALLEST = 1e7, 1e-4
_NEAR = 2  # powers of ten between numbers that share one


def show(value: float, digits: int = 3) -> str:
    """Write one value with about ``digits`` significant digits; whole numbers stay whole.

    Example:
        >>> show(2.34567), show(14.0), show(0.001), show(1.5e9), show(-3e-7)
        ('2.35', '14', '0.001', '1.5×10⁹', '-3×10⁻⁷')
    """
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size and not _SMALLEST <= size < _LARGEST:
        mantissa, _, exponent = _scientific(value, digits - 1).partition("×")
        return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}×{exponent}"
    if value == round(value):
        return str(int(value))
    decimals = max(0, digits - 1 - math.floor(math.log10(size)))
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def show_all(
    values: Iterable[float | None], digits: int = 3, among: Iterable[float] = ()
) -> list[str]:
    """Write the values of one column, all with the same number of decimals; None is a dash.

    ``among`` are the numbers that they stand among: all have powers of ten, or none.

    Example:
        >>> show_all([12.345, 3.0, None]), show_all([1.13e8, 9.49e7]), show_all([9e-5], 3, [0.01])
        (['12.3', '3.0', '–'], ['11.30×10⁷', '9.49×10⁷'], ['0.0000900'])
    """
    values = list(values)
    known = [value for value in values if value is not None and math.isfinite(value)]
    largest = max(map(abs, known), default=0.0)
    of_all = max([largest, *(abs(one) for one in among if math.isfinite(one))])
    if largest and not _SMALLEST <= of_all < _LARGEST:
        return _with_powers(values, known, digits)
    decimals = 0
    if any(value != round(value) for value in known):
        decimals = max(0, digits - 1 - math.floor(math.log10(largest)))
    return [_dash(value) or _fixed(value or 0.0, decimals) for value in values]


def show_table(rows: Sequence[Sequence[float | None]], digits: int = 3) -> list[list[str]]:
    """Write the values of a table, all with the decimals of the column that has the most.

    Example:
        >>> show_table([[4.2, 5.618], [3.0, 14.94]]), show_table([[9.5e7, 1.24e9]])
        ([['4.20', '5.62'], ['3.00', '14.94']], [['9.50×10⁷', '124.00×10⁷']])
    """
    columns = list(zip(*rows, strict=True))
    cells = show_all([value for row in rows for value in row], digits)
    powers = {cell.partition("×")[2] for cell in cells if cell not in ("–", "0")}
    if len(powers) == 1 and powers != {""}:  # one for all
        each = iter(cells)
        return [[next(each) for _ in row] for row in rows]
    told = [show_all(column, digits) for column in columns]
    if any("×" in cell for column in told for cell in column):
        return [list(row) for row in zip(*told, strict=True)]
    decimals = max(len(cell.partition(".")[2]) for column in told for cell in column)
    told = [
        [_dash(value) or _fixed(value or 0.0, decimals) for value in column] for column in columns
    ]
    return [list(row) for row in zip(*told, strict=True)]


def tick_labels(ticks: Sequence[float], step: float) -> list[str]:
    """Write the ticks of an axis, which lie ``step`` apart, with the digits that tell them apart.

    Example:
        >>> tick_labels([0.0, 0.5, 1.0], 0.5), tick_labels([0.0, 2e9, 4e9], 2e9)
        (['0.0', '0.5', '1.0'], ['0', '2×10⁹', '4×10⁹'])
    """
    largest = max(map(abs, ticks), default=0.0)
    decimals = max(0, -_exponent(step))
    if largest < _LARGEST and step >= _SMALLEST / 10:
        return [_fixed(tick, decimals) for tick in ticks]
    exponent = _exponent(largest) if largest else 0
    decimals = max(0, exponent - _exponent(step))
    return [_at_exponent(tick, exponent, decimals) for tick in ticks]


def percent(fraction: float) -> str:
    """Write a fraction as a percentage.

    Example:
        >>> percent(0.9), percent(0.0234), percent(0.975)
        ('90%', '2.3%', '97.5%')
    """
    value = 100 * fraction
    text = f"{value:.0f}" if abs(value) >= 99.95 else f"{value:.1f}".removesuffix(".0")
    return f"{text}%"


def chance(share: float) -> str:
    """Write a chance; what is not sure is neither 0 nor 100%.

    Example:
        >>> chance(0.5), chance(0.999), chance(0.001), chance(1.0)
        ('50%', '>99%', '<1%', '100%')
    """
    if 0.995 <= share < 1:
        return ">99%"
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def _with_powers(values: Sequence[float | None], known: Sequence[float], digits: int) -> list[str]:
    """Write the values of a column with powers of ten, which are one where they are near."""
    exponents = [int(f"{value:.{digits - 1}e}".partition("e")[2]) for value in known if value]
    least, apart = min(exponents), max(exponents) - min(exponents)
    return [
        _dash(value)
        or (
            _in_column(value or 0.0, digits)
            if apart > _NEAR
            else _at_exponent(value or 0.0, least, digits - 1)
        )
        for value in values
    ]


def _dash(value: float | None) -> str:
    return "–" if value is None or not math.isfinite(value) else ""


def _fixed(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def _in_column(value: float, digits: int) -> str:
    if value and not _SMALLEST <= abs(value) < _LARGEST:
        return _scientific(value, digits - 1)
    return show(value, digits)


def _scientific(value: float, decimals: int) -> str:
    mantissa, _, exponent = f"{value:.{decimals}e}".partition("e")
    return f"{mantissa}×10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def _at_exponent(value: float, exponent: int, decimals: int) -> str:
    if value == 0:
        return "0"
    # Two divisions, because 10**exponent itself may be too small or too large for a float.
    half = exponent // 2
    scaled = value / 10.0**half / 10.0 ** (exponent - half)
    return f"{scaled:.{decimals}f}×10{str(exponent).translate(_SUPERSCRIPT)}"


def _exponent(value: float) -> int:
    return math.floor(math.log10(value) + 1e-9)
