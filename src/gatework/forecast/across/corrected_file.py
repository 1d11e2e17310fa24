"""What a file holds of series whose covariates a correction takes into account."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.errors import OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Array, Field, Part, Schema, Values, positive
from gatework.forecast.across.corrected import CorrectedModel, Learned
from gatework.forecast.across.terms import MOST_LAG, Term
from gatework.forecast.pretrained.correction import Correction
from gatework.forecast.pretrained.model_file import STANDING


def _check(said: Values) -> None:
    said.series, said.season = said.standing.series, said.standing.season
    for column, lag in said.terms:
        if column >= (said.late if lag else said.ahead) or lag > MOST_LAG:
            raise OptionError(f"the term {[column, lag]} is of no covariate that there is")
    wanted = said.series * said.late if any(lag for _, lag in said.terms) else None
    if wanted != (None if said.past is None else said.past.series):
        raise OptionError("the past covariates must be of each series where a term is of them")


def _make(said: Values, built: dict[str, Any]) -> CorrectedModel:
    parts = (built[name] for name in ("coefficients", "covariance", "widening"))
    correction = Correction(said.multiplies, *parts)
    return CorrectedModel(
        built["standing"],
        Learned(correction, said.terms, built["centre"], built["units"]),
        built["before"],
        np.where(built["positive"] != 0, 0.0, -np.inf),
        built["counted"] != 0,
        built["past"],
        said.ahead,
    )


def _terms(lists: list[list[int]]) -> tuple[Term, ...]:
    return tuple(Term(*one) for one in lists)


CORRECTED = Schema(
    config={
        "standing": Part(STANDING, named=True),
        "past": Part(STANDING, named=True, optional=True),
        "multiplies": Field(js.switch, of="learned.correction.multiplies"),
        "terms": Field(
            js.list_of(js.list_of(js.whole(0, js.MOST_VALUES), 2, 2), 1),
            read=_terms,
            write=lambda terms: [list(one) for one in terms],
            of="learned.terms",
        ),
        "ahead": Field(js.whole(0, js.MOST_VALUES)),
        "late": Field(js.whole(0, js.MOST_VALUES), of=lambda model: model.before.shape[2]),
    },
    tensors={
        "coefficients": Array("float64", ("series", "terms"), of="learned.correction.coefficients"),
        "covariance": Array(
            "float64", ("series", "terms", "terms"), of="learned.correction.covariance"
        ),
        "widening": Array("float64", ("series",), of="learned.correction.widening"),
        "centre": Array("float64", ("terms",), of="learned.centre"),
        "units": Array("float64", ("series",), positive, of="learned.units"),
        "before": Array("float64", ("series", MOST_LAG, "late")),
        "positive": Array("int64", ("series",), write=lambda floor: floor == 0, of="floor"),
        "counted": Array("int64", ("series",), of="counts"),
    },
    check=_check,
    make=_make,
)
