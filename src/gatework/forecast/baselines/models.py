"""Which baselines there are: the quick ones, those that take longer, and those for many series."""

from __future__ import annotations

from gatework.forecast.baselines.baseline import Baseline
from gatework.forecast.baselines.holt_winters import HoltWinters
from gatework.forecast.baselines.naive import LastValue, SeasonalNaive, TrailingMean

MOST_SERIES = 50
"""Series for which models with parameters are fitted."""


def quick_baselines(season: int) -> list[Baseline]:
    """Return the baselines that take milliseconds, unprepared: the naive ones and Holt-Winters.

    Example:
        >>> [baseline.name for baseline in quick_baselines(52)]
        ['last value', 'trailing mean', 'seasonal naive', 'Holt-Winters']
    """
    return [LastValue(), TrailingMean(), SeasonalNaive(season), HoltWinters(season)]


def baselines(season: int) -> list[Baseline]:
    """Return the baselines that take seconds, unprepared: the quick ones, and ARIMA.

    Example:
        >>> [baseline.name for baseline in baselines(52)]
        ['last value', 'trailing mean', 'seasonal naive', 'Holt-Winters', 'ARIMA']
    """
    from gatework.forecast.baselines.arima import Arima

    return [*quick_baselines(season), Arima()]


def all_classics(season: int) -> list[Baseline]:
    """Return every classical model, unprepared: ``baselines`` and slower ones.

    AutoETS, AutoARIMA and AutoTheta are among them where statsforecast is installed; it needs
    pandas 2, so it is an extra of its own (``classics``).
    """
    from gatework.forecast.baselines.automatic import automatic_models
    from gatework.forecast.baselines.machines import Perceptron, SupportVectors
    from gatework.forecast.baselines.recurrent import PlainRNN
    from gatework.forecast.baselines.ssa import SingularSpectrum
    from gatework.forecast.baselines.theta import Theta

    return [
        *baselines(season),
        Theta(season),
        *automatic_models(season),
        SupportVectors(season),
        Perceptron(season),
        SingularSpectrum(season),
        PlainRNN(season),
    ]


def panel_baselines(season: int, count: int) -> list[Baseline]:
    """Return the baselines for ``count`` series, unprepared; of many series only the naive ones.

    Example:
        >>> [baseline.name for baseline in panel_baselines(4, 1000)]
        ['last value', 'trailing mean', 'seasonal naive']
    """
    naive: list[Baseline] = [LastValue(), TrailingMean()]
    if season > 1:
        naive.append(SeasonalNaive(season, seasons=1))
    if count > MOST_SERIES:
        return naive
    from gatework.forecast.baselines.theta import Theta

    return [*naive, HoltWinters(season), Theta(season)]
