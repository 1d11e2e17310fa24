"""What forecasts other series than those fitted: with the effects that were fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatework.forecast.across.corrected import (
    CorrectedModel,
    CovariateEffect,
    Learned,
    pretrained_model,
    units_of,
)
from gatework.forecast.across.covariates import CovariateScaling
from gatework.forecast.across.untrained import PretrainedModel
from gatework.forecast.panel.panel import Panel
from gatework.forecast.pretrained.plain import serving

if TYPE_CHECKING:
    from gatework.forecast.across.forecaster import GlobalForecaster
    from gatework.forecast.pretrained.model import PretrainedNetwork


def other_model(
    forecaster: GlobalForecaster, panel: Panel, network: PretrainedNetwork | None
) -> tuple[PretrainedModel, CovariateScaling, tuple[str, ...]]:
    """Return what forecasts a panel, the scaling of its covariates, and what became of them.

    Where it has the covariates of a fit, by the same names, their effects are those of the fit:
    of each series that was there its own, of others the usual one, in units of their changes. Else
    they are estimated from the panel.
    """
    fitted = getattr(forecaster, "panel_", None)
    names = _names(panel)
    if not any(names):
        kept = [one.name for one in getattr(forecaster, "covariates_", ()) if one.kept]
        said = (f"{_listed(kept)} is not in the series given, and is left out",) if kept else ()
        return PretrainedModel.of(panel, network), CovariateScaling.of(panel), said
    if fitted is None or names != _names(fitted):
        scaling = CovariateScaling.of(panel)
        model, said = pretrained_model(panel, scaling, forecaster.horizon, network)
        new = "the effects of covariates are estimated from the series given"
        before = () if fitted is None else sum(_names(fitted), ())
        other = f", as those fitted had others: {_listed(before)}" if before else ""
        return model, scaling, (new + other, *map(str, said))
    known, scaling, kept = forecaster.model_, forecaster.scaling_, forecaster.covariates_
    said = _said(kept)
    if not isinstance(known, CorrectedModel):
        return PretrainedModel.of(panel, network), scaling, said
    learned = _on(known.learned, panel, fitted)
    taken = network or serving()
    return CorrectedModel.corrected(panel, scaling, taken, learned), scaling, said


def _names(panel: Panel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return panel.covariates.past_names, panel.covariates.future_names


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))


def _said(effects: tuple[CovariateEffect, ...]) -> tuple[str, ...]:
    kept = _listed([one.name for one in effects if one.kept])
    left = _listed([one.name for one in effects if not one.kept])
    told = [f"the effect of {kept} is the one that was fitted"] if kept else []
    told += [f"{left} is left out, as where it was fitted"] if left else []
    return tuple(told)


def _on(learned: Learned, panel: Panel, fitted: Panel) -> Learned:
    """Return the effects on the series of a panel."""
    rows = dict(zip(fitted.ids, range(len(fitted)), strict=True))
    places = [rows.get(name) for name in panel.ids]
    return learned.on(units_of(panel, learned.correction.multiplies), places)
