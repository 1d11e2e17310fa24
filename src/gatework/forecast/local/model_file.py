"""What the file of a Forecaster holds."""

from __future__ import annotations

from gatework.errors import OptionError
from gatework.estimator.model_file import Parameters, Part, Schema, Values
from gatework.forecast.local.blend import BLEND, check_blend
from gatework.forecast.local.methods import method_of


def _check(said: Values) -> None:
    if said.fitted.horizon != said.settings.horizon:
        raise OptionError("the settings' horizon is not the one that was fitted for")
    if said.blend is not None:
        check_blend(said.blend, said.fitted)


FILE = Schema(
    config={
        "settings": Parameters(of=lambda one: one.as_fitted(), later={"tune": False}),
        "fitted": Part(lambda said: method_of(said.settings.method).fitted.FILE, of="fitted_"),
        "blend": Part(BLEND, optional=True, of="blend_"),
    },
    check=_check,
)
